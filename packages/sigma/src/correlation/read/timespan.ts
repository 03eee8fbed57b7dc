/** Seconds of each unit. A month is a twelfth of a year, a year 365.2425 days, as in the reference implementation. */
const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_629_746,
  y: 31_556_952,
};

const timespan = /^(\d{1,9})([smhdwMy])$/;
/** Longer than any log is kept. */
const longestSeconds = 100 * 31_556_952;

/** The seconds of a Sigma timespan (`90m`, `1h`), or undefined when it is none. */
export function timespanSeconds(text: string): number | undefined {
  const [, count, unit = ""] = timespan.exec(text) ?? [];
  const seconds = Number(count) * (unitSeconds[unit] ?? Number.NaN);
  return seconds > 0 && seconds <= longestSeconds ? seconds : undefined;
}
