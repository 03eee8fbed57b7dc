/** Seconds of each unit. A month is a twelfth of a year, a year 365.2425 days, as in the reference implementation. */
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_629_746,
  y: 31_556_952,
};

const TIMESPAN = /^(\d{1,9})([smhdwMy])$/;
/** Longer than any log is kept. */
const LONGEST_SECONDS = 100 * 31_556_952;

/** The seconds of a Sigma timespan (`90m`, `1h`), or undefined when it is none. */
export function timespanSeconds(text: string): number | undefined {
  const [, count, unit = ""] = TIMESPAN.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
  return seconds > 0 && seconds <= LONGEST_SECONDS ? seconds : undefined;
}
