import { type DatePart, datePart, parseMoment } from "../text/date-part.ts";
import { type IpNetwork, networkContains } from "../text/ip-network.ts";
import { type Numeric, numericValue } from "../text/numeric-text.ts";
import { shortText } from "../text/show-text.ts";
import { anyLeaf, type Comparison, denialOf, keyOf, type Matcher } from "./matcher.ts";

const comparisonSigns = { lt: "<", lte: "<=", gt: ">", gte: ">=", eq: "=" } as const;

export function compare(left: Numeric, comparison: Comparison, right: Numeric): boolean {
  switch (comparison) {
    case "lt":
      return left < right;
    case "lte":
      return left <= right;
    case "gt":
      return left > right;
    case "gte":
      return left >= right;
    case "eq":
      return left === right;
  }
}

/** A comparison with a number; a text in the event that writes a number counts as that number. */
export function numberMatcher(field: string, comparison: Comparison, number: Numeric): Matcher {
  return {
    kind: "number",
    key: keyOf(field, "number", comparison, String(number)),
    field,
    text: `${comparisonSigns[comparison]} ${number}`,
    denial: () => denialOf(`is not ${comparisonSigns[comparison]}`, [number], String),
    ...(typeof number === "number" && { bound: { comparison, number } }),
    matches: anyLeaf(({ value }) => {
      const seen = numericValue(value);
      return seen !== undefined && compare(seen, comparison, number);
    }),
  };
}

/** A part of a moment (UTC) compared with a number. */
export function datePartMatcher(
  field: string,
  part: DatePart,
  comparison: Comparison,
  number: number,
): Matcher {
  return {
    kind: "date",
    key: keyOf(field, "date", part, comparison, number),
    field,
    text: `${part} ${comparisonSigns[comparison]} ${number}`,
    denial: () => denialOf(`has no ${part} ${comparisonSigns[comparison]}`, [number], String),
    bound: { part, comparison, number },
    matches: anyLeaf(({ value }) => {
      const moment = parseMoment(value);
      return moment !== undefined && compare(datePart(part, moment), comparison, number);
    }),
  };
}

/** An IP address inside a network. A value that is no address is in no network. */
export function cidrMatcher(field: string | undefined, network: IpNetwork, written: string): Matcher {
  return {
    kind: "cidr",
    key: keyOf(field, "cidr", network.version, String(network.bits), network.prefix),
    field,
    text: `is in ${written}`,
    denial: () => denialOf(field === undefined ? "is in" : "is not in", [written], shortText),
    matches: anyLeaf((leaf) => {
      const { address } = leaf;
      return address !== undefined && networkContains(network, address);
    }),
  };
}
