import { oneLineValue } from "./text.ts";

/**
 * A sentence in our own words with values in it. A value (`data`) is text of the record or of a message: hostile, so each
 * rendering escapes and cuts it for its own medium, as it does with the data of facts. `text` is a sentence of the same kind.
 */
export type Prose = readonly (string | { readonly data: string } | { readonly text: string })[];

/** The sentence as plain text on one line; each value is at most `maximumValue` long. */
export function plainProse(prose: Prose, maximumValue: number): string {
  return prose
    .map((part) =>
      typeof part === "string" ? part : oneLineValue("data" in part ? part.data : part.text, maximumValue),
    )
    .join("");
}

/** `a`, `a, b`, `a, b and 3 more`: values between our own words. */
export function proseList(values: readonly string[], more: string | undefined): Prose {
  const parts = values.flatMap((value, index) => [...(index === 0 ? [] : [", "]), { data: value }]);
  return more === undefined ? parts : [...parts, ` ${more}`];
}
