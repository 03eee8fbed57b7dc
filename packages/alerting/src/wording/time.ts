const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The furthest instant that a Date can hold, in milliseconds since the epoch. */
const lastInstant = 8_640_000_000_000_000;

/** `2020-04-02 20:57:46 UTC`; a time that no calendar has is said to be unknown. */
export function utc(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > lastInstant) return "an unknown time";
  return `${new Date(milliseconds).toISOString().slice(0, -5).replace("T", " ")} UTC`;
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
