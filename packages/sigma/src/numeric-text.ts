const NUMERIC = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const LONGEST = 400;

/** The number a text writes in decimal notation, else undefined. */
export const numericText = (text: string): number | undefined =>
  text.length <= LONGEST && NUMERIC.test(text) ? Number(text) : undefined;
