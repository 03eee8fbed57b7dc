export const thresholdOperators = ["gt", "gte", "lt", "lte", "eq", "neq"] as const;
export type ThresholdOperator = (typeof thresholdOperators)[number];

/** Comparisons with a computed value, all of which must hold: `{ gte: 10, lt: 100 }` is a range. */
export type Threshold = { readonly [operator in ThresholdOperator]?: number };

/** The values that can occur: whole numbers from `least` to `most`, or any number. */
export type Domain = { readonly least: number; readonly most: number } | "numbers";

const signs = { gt: ">", gte: ">=", lt: "<", lte: "<=", eq: "=", neq: "!=" } as const;

export function holds(threshold: Threshold, value: number): boolean {
  return (
    (threshold.gt === undefined || value > threshold.gt) &&
    (threshold.gte === undefined || value >= threshold.gte) &&
    (threshold.lt === undefined || value < threshold.lt) &&
    (threshold.lte === undefined || value <= threshold.lte) &&
    (threshold.eq === undefined || value === threshold.eq) &&
    (threshold.neq === undefined || value !== threshold.neq)
  );
}

/** Whether a larger value can never stop the threshold from holding. */
export function isLowerBoundOnly({ lt, lte, eq, neq }: Threshold): boolean {
  return lt === undefined && lte === undefined && eq === undefined && neq === undefined;
}

/** `>= 10 and < 100` */
export function thresholdText(threshold: Threshold): string {
  return thresholdOperators
    .filter((operator) => threshold[operator] !== undefined)
    .map((operator) => `${signs[operator]} ${threshold[operator]}`)
    .join(" and ");
}

/** Whether no, some or every value of the domain satisfies the threshold. */
export function reach(threshold: Threshold, domain: Domain): "none" | "some" | "all" {
  return domain === "numbers"
    ? reachOfNumbers(threshold)
    : reachOfWholeNumbers(threshold, domain.least, domain.most);
}

function reachOfWholeNumbers(threshold: Threshold, least: number, most: number): "none" | "some" | "all" {
  let satisfied = 0;
  for (let value = least; value <= most; value++) {
    satisfied += holds(threshold, value) ? 1 : 0;
  }
  if (satisfied === 0) {
    return "none";
  }
  return satisfied === most - least + 1 ? "all" : "some";
}

function reachOfNumbers({ gt, gte, lt, lte, eq, neq }: Threshold): "none" | "some" {
  const low = Math.max(gt ?? -Infinity, gte ?? -Infinity, eq ?? -Infinity);
  const high = Math.min(lt ?? Infinity, lte ?? Infinity, eq ?? Infinity);
  if (low < high) {
    return "some";
  }
  const isPoint = low === high && low !== gt && high !== lt && low !== neq;
  return isPoint ? "some" : "none";
}
