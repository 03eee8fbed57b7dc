import type { Correlation } from "@streamwarden/sigma";

const limits: Readonly<Record<string, (limit: number) => string>> = {
  gte: (limit) => `${limit} or more`,
  gt: (limit) => `more than ${limit}`,
  lte: (limit) => `${limit} or fewer`,
  lt: (limit) => `fewer than ${limit}`,
  eq: (limit) => `exactly ${limit}`,
  neq: (limit) => `any number but ${limit}`,
};

const units = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/**
 * What makes a correlation fire, as its alerts say it: `5 or more calls within 10 minutes`. It says what the policy asks
 * and nothing of one firing, so that it is the same in whatever order the calls came. Which of its rules matched is in the
 * calls of the incident.
 */
export function firingReasons({ condition, timespanSeconds, type }: Correlation): readonly string[] {
  const within = `within ${inWords(timespanSeconds)}`;
  if (condition.kind === "rules") {
    const order = type === "temporal_ordered" ? ", in this order" : "";
    return [`${condition.text} ${within}${order}`];
  }
  const { threshold, fields } = condition;
  const bounds = Object.entries(threshold).flatMap(([name, limit]) =>
    typeof limit === "number" && limits[name] !== undefined ? [limits[name](limit)] : [],
  );
  return [`${measured(type, bounds.join(" and "), fields)} ${within}`];
}

function measured(type: Correlation["type"], bounds: string, fields: readonly string[]): string {
  const names = fields.map(nameOf).join(" and ");
  switch (type) {
    case "event_count":
      return `${bounds} calls`;
    case "value_count":
      return fields.every(isWord)
        ? `${bounds} different ${names}s`
        : `${bounds} different values of ${names}`;
    case "value_sum":
      return `a sum of ${names} of ${bounds}`;
    case "value_avg":
      return `an average ${names} of ${bounds}`;
    case "value_median":
      return `a median ${names} of ${bounds}`;
    case "value_percentile":
      return `a percentile of ${names} of ${bounds}`;
    case "temporal":
      return `${bounds} of the rules matched`;
    case "temporal_ordered":
      return `${bounds} of the rules matched in order`;
  }
}

/** `streamKey` reads as "stream key"; a path of the record stays what it is. */
function nameOf(field: string): string {
  return isWord(field) ? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : field;
}

function isWord(field: string): boolean {
  return /^[a-z]+(?:[A-Z][a-z]+)*$/.test(field);
}

function inWords(seconds: number): string {
  for (const [size, unit] of units) {
    const count = seconds / size;
    if (Number.isInteger(count) && count > 0) return count === 1 ? `one ${unit}` : `${count} ${unit}s`;
  }
  return `${seconds} seconds`;
}
