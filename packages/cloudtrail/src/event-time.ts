import type { CloudTrailRecord } from "./record.ts";

const extended = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/;
const basic = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * Milliseconds since the epoch of a CloudTrail time, or NaN when the text is no UTC time. Accepts the extended form
 * (`2020-04-02T20:57:46Z`, with or without a fraction) and the basic form that CloudTrail uses inside
 * `sessionContext` (`20131102T010628Z`). A day that does not exist is no time: `Date.parse` would shift it silently.
 */
export const parseEventTime = (text: unknown): number => {
  if (typeof text !== "string" || text.length > 40) return Number.NaN;
  const parts = extended.exec(text) ?? basic.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = "0"] = parts;
  const time = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.floor(Number(`0.${fraction}`) * 1000),
  );
  const back = new Date(time);
  const exists =
    back.getUTCFullYear() === Number(year) &&
    back.getUTCMonth() === Number(month) - 1 &&
    back.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  return exists ? time : Number.NaN;
};

/** When the call completed, in milliseconds since the epoch. Never NaN for a record that `decode` returned. */
export const eventTimeOf = (record: CloudTrailRecord): number => parseEventTime(record.eventTime);
