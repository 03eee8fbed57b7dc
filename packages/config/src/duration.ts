/** From the smallest to the largest. */
const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** How durations are written: a whole number and a unit, such as `90s`, `15m`, `1h`, `7d`. */
export const durationPattern = /^([1-9]\d{0,6})([smhd])$/;

/** Seconds of a duration such as `90s`, `15m`, `1h`, `7d`; undefined for anything else. */
export function parseDuration(text: unknown): number | undefined {
  const parts = typeof text === "string" ? durationPattern.exec(text) : null;
  const unit = secondsOf[parts?.[2] ?? ""];
  return parts === null || unit === undefined ? undefined : Number(parts[1]) * unit;
}

/** A duration as it is written, in the largest unit that it is a whole number of: `30d`, `90s`. */
export function formatDuration(seconds: number): string {
  const [unit, size] = Object.entries(secondsOf).findLast(([, size]) => seconds % size === 0) ?? ["s", 1];
  return `${seconds / size}${unit}`;
}
