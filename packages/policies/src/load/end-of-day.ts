const millisecondsPerDay = 86_400_000;

/**
 * Midnight UTC at the end of a day such as `2026-12-31`, in milliseconds since the epoch; undefined for any other value.
 * A policy file says the *last* day on which something holds. Days are compared and shown as they are written, and
 * never made of this time: its own date is the day after.
 */
export function endOfDay(day: unknown): number | undefined {
  if (typeof day !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const start = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(start) && new Date(start).toISOString().startsWith(day);
  return isDay ? start + millisecondsPerDay : undefined;
}
