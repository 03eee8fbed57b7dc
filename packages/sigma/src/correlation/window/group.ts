import { compactJson, isContainer } from "../../event/json.ts";
import { numericValue } from "../../text/numeric-text.ts";
import { boundedText } from "./bounded-text.ts";

/** What one group is about: the value of one group-by field. Null where the event has none. */
export interface GroupValue {
  /** The name in `group-by`: an alias stays an alias. */
  readonly field: string;
  readonly value: string | null;
}

/** Longer than any ARN; what is longer is cut to its beginning and its hash. */
const longestGroupValueBytes = 1024;
/** Short enough that a window can hold its greatest number of them within the size of a document. */
const longestCountedValueBytes = 64;
/** The most values that one event adds to a window. */
const mostValues = 100;

/** Reads the values of a field; an array gives each member. */
export type ReadField = (field: string) => readonly unknown[];

/** A text that is equal for equal groups only. */
export function groupKey(group: readonly GroupValue[]): string {
  return JSON.stringify(group.map(({ field, value }) => [field, value]));
}

/** The exact text of a field: several values as one compact JSON list, null for none. */
export function groupText(values: readonly unknown[]): string | null {
  const texts = values.filter(isPresent).map(textOf);
  const [first] = texts;
  if (first === undefined) {
    return null;
  }
  return boundedText(texts.length === 1 ? first : JSON.stringify(texts), longestGroupValueBytes);
}

/** The distinct values that an event adds to a value_count: those of one field, or one tuple of several. */
export function countedValues(fields: readonly string[], read: ReadField): string[] {
  const [field] = fields;
  if (fields.length === 1 && field !== undefined) {
    const texts = read(field).filter(isPresent).slice(0, mostValues).map(textOf);
    const values = texts.map((text) => boundedText(text, longestCountedValueBytes));
    return values.length > 1 ? [...new Set(values)].toSorted() : values;
  }
  const tuple = fields.map((name) => groupText(read(name)));
  return tuple.includes(null) ? [] : [boundedText(JSON.stringify(tuple), longestCountedValueBytes)];
}

/** The numbers that an event adds to a value_sum, value_avg, value_percentile or value_median. */
export function measuredValues(field: string, read: ReadField): number[] {
  const numbers = read(field)
    .slice(0, mostValues)
    .flatMap((value) => numberOf(value) ?? []);
  return numbers.length > 1 ? numbers.toSorted((left, right) => left - right) : numbers;
}

function numberOf(value: unknown): number | undefined {
  const number = Number(numericValue(value) ?? Number.NaN);
  // Adding zero turns -0, which JSON cannot write, into 0.
  return Number.isFinite(number) ? number + 0 : undefined;
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function textOf(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  return isContainer(value) ? compactJson(value) : String(value);
}
