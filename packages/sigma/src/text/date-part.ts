export const datePartNames = ["minute", "hour", "day", "week", "month", "year"] as const;
export type DatePart = (typeof datePartNames)[number];

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i;
/** Below this a number is seconds since 1970, from it on milliseconds (1e11 seconds is the year 5138). */
const firstMilliseconds = 1e11;
const dayMilliseconds = 86_400_000;

/**
 * The moment a value names, in milliseconds since 1970: an ISO 8601 text (UTC where it names no zone) or a number
 * of seconds or milliseconds. Undefined for anything else.
 */
export function parseMoment(value: unknown): number | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) && value >= 0 && value < 8e15
      ? value < firstMilliseconds
        ? value * 1000
        : value
      : undefined;
  }
  const match = typeof value === "string" && value.length <= 64 ? isoPattern.exec(value.trim()) : null;
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone = "Z"] = match;
  const offset =
    zone.toUpperCase() === "Z" ? "Z" : zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const moment = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(moment) ? undefined : moment;
}

/** The part of a moment, in UTC. `week` is the ISO 8601 week (1 to 53); `month` is 1 to 12. */
export function datePart(part: DatePart, milliseconds: number): number {
  const date = new Date(milliseconds);
  switch (part) {
    case "minute":
      return date.getUTCMinutes();
    case "hour":
      return date.getUTCHours();
    case "day":
      return date.getUTCDate();
    case "month":
      return date.getUTCMonth() + 1;
    case "year":
      return date.getUTCFullYear();
    case "week": {
      // The week belongs to the year of its Thursday.
      const weekday = (date.getUTCDay() + 6) % 7;
      const thursday = milliseconds - (weekday - 3) * dayMilliseconds;
      const yearStart = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
      return 1 + Math.floor((thursday - yearStart) / (7 * dayMilliseconds));
    }
  }
}
