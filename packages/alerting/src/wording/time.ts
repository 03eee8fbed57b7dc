const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The furthest instant that a Date can hold, in milliseconds since the epoch. */
const lastInstant = 8_640_000_000_000_000;

/** `2020-04-02 20:57:46 UTC`; a time that no calendar has is said to be unknown. */
export function utc(milliseconds: number): string {
  if (!isInstant(milliseconds)) return "an unknown time";
  const { date, time } = partsOf(milliseconds);
  return `${date} ${time} UTC`;
}

/** `20:57:46 UTC` where the day is known from what stands beside it. */
export function utcTime(milliseconds: number): string {
  return isInstant(milliseconds) ? `${partsOf(milliseconds).time} UTC` : "an unknown time";
}

/** `from 12:25:16 to 12:25:21 UTC on 2026-11-28`, with both days where they differ. */
export function timeRange(first: number, last: number): string {
  if (!isInstant(first) || !isInstant(last)) return `from ${utc(first)} to ${utc(last)}`;
  const [start, end] = [partsOf(first), partsOf(last)];
  if (start.date !== end.date) return `from ${start.date} ${start.time} to ${end.date} ${end.time} UTC`;
  return start.time === end.time
    ? `at ${start.time} UTC on ${start.date}`
    : `from ${start.time} to ${end.time} UTC on ${start.date}`;
}

function isInstant(milliseconds: number): boolean {
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) <= lastInstant;
}

function partsOf(milliseconds: number): { readonly date: string; readonly time: string } {
  const [date = "", time = ""] = new Date(milliseconds).toISOString().slice(0, -5).split("T");
  return { date, time };
}

/** How long, in the largest unit that still says enough: `12 seconds`, `3 minutes`, `2 hours`, `5 days`. */
export function duration(milliseconds: number): string {
  if (milliseconds < second) return "less than a second";
  if (milliseconds < 2 * minute) return counted(milliseconds / second, "second");
  if (milliseconds < 2 * hour) return counted(milliseconds / minute, "minute");
  if (milliseconds < 2 * day) return counted(milliseconds / hour, "hour");
  return counted(milliseconds / day, "day");
}

/** `1 call`, `1,000 calls`. */
export function counted(amount: number, noun: string): string {
  const whole = Math.floor(amount);
  return `${whole.toLocaleString("en-US")} ${noun}${whole === 1 ? "" : "s"}`;
}
