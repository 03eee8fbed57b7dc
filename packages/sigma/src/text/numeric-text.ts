/**
 * A number that keeps its digits: a whole number beyond 2^53, which a `number` would round, is a bigint. Equal numbers are
 * equal by `===`, and `<` and `>` compare the two kinds exactly.
 */
export type Numeric = number | bigint;

const numericPattern = /^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/;
const whole = /^\s*[+-]?\d+\s*$/;
const longest = 400;

/** The number that a text writes in decimal notation, ignoring white space around it; else undefined. */
export function numericText(text: string): Numeric | undefined {
  if (text.length > longest || !numericPattern.test(text)) {
    return undefined;
  }
  const number = Number(text);
  // BigInt reads no plus sign.
  return !Number.isSafeInteger(number) && whole.test(text) ? BigInt(text.replace("+", "")) : numeric(number);
}

/** A number of a parsed document as the same kind. Digits that parsing rounded away are lost. */
function numeric(number: number): Numeric {
  return isRounded(number) ? BigInt(number) : number;
}

/** A number of a rule, read from the file's own text, because YAML rounds. YAML also has notations that we do not (0x1F). */
export function writtenNumber(value: number, source: string): Numeric {
  return numericText(source) ?? numeric(value);
}

/** The number that a value of an event is, or writes. */
export function numericValue(value: unknown): Numeric | undefined {
  if (typeof value === "number") {
    return numeric(value);
  }
  return typeof value === "string" ? numericText(value) : undefined;
}

/** Whether a whole number is so large that other digits would give the same number. */
function isRounded(number: number): boolean {
  return Number.isInteger(number) && !Number.isSafeInteger(number);
}
