import type { CloudTrailRecord } from "../record.ts";

const withFraction = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{1,9})Z$/;
const basic = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * Milliseconds since the epoch of a CloudTrail time, or NaN when the text is no UTC time. Accepts the extended form
 * (`2020-04-02T20:57:46Z`, with or without a fraction) and the basic form that CloudTrail uses inside
 * `sessionContext` (`20131102T010628Z`). A day that does not exist is no time: `Date.parse` would shift it silently.
 */
export function parseEventTime(text: unknown): number {
  if (typeof text !== "string" || text.length > 40) return Number.NaN;
  if (text.length === 20) return parseExtended(text);
  const parts = basic.exec(text);
  if (parts !== null) {
    const [, year, month, day, hour, minute, second] = parts;
    return parseExtended(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  }
  const [, whole, fraction] = withFraction.exec(text) ?? [];
  return whole === undefined
    ? Number.NaN
    : parseExtended(`${whole}Z`) + Math.floor(Number(`0.${fraction}`) * 1000);
}

/** Every record passes here, so it reads the digits in place, without a regular expression. */
function parseExtended(text: string): number {
  const isPunctuated =
    text.charCodeAt(13) === colon && text.charCodeAt(16) === colon && text.charCodeAt(19) === 0x5a;
  if (!isPunctuated) return Number.NaN;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const isValid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  return isValid ? startOfDay(text) + ((hour * 60 + minute) * 60 + second) * 1000 : Number.NaN;
}

/** The day that was read last: records come by the thousand for each. */
let last = { year: 1970, month: 1, day: 1, start: 0 };

/** Milliseconds since the epoch at which the day of `YYYY-MM-DDT...` begins; NaN when there is no such day. */
function startOfDay(text: string): number {
  const isPunctuated =
    text.charCodeAt(4) === hyphen && text.charCodeAt(7) === hyphen && text.charCodeAt(10) === 0x54;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!isPunctuated) return Number.NaN;
  if (year === last.year && month === last.month && day === last.day) return last.start;
  const isValid = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isValid) return Number.NaN;
  last = { year, month, day, start: daysSince1970(year, month, day) * 86_400_000 };
  return last.start;
}

/** Days of the Gregorian calendar, counted in years that begin in March; every record passes here, and `Date.UTC` is slow. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + dayOfYear - 719_468;
}

const hyphen = 0x2d;
const colon = 0x3a;

/** Far below zero when one of the two characters is no digit. An integer, because NaN would make all sums floating. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -100_000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const exported = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?: ?(?:Z|UTC|\+00:?00))?$/;

/**
 * A UTC time as CloudTrail writes it, for one as an export writes it: `2025-01-21 17:49:47.000000000` (Athena, Spark),
 * `2025-01-21 17:49:47 UTC` (BigQuery), `2025-01-21T17:49:47+00:00` (pandas). Without a zone it is UTC, as all times of
 * CloudTrail. Undefined for anything else, another zone among it.
 */
export function timeOfExport(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 40) return undefined;
  const [, day, time, fraction = ""] = exported.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const digits = fraction.replace(/0+$/, "");
  const written = `${day}T${time}${digits === "" ? "" : `.${digits}`}Z`;
  return Number.isNaN(parseEventTime(written)) ? undefined : written;
}

/** When the call completed, in milliseconds since the epoch. Never NaN for a record that `decode` returned. */
export function eventTimeOf(record: CloudTrailRecord): number {
  return parseEventTime(record.eventTime);
}
