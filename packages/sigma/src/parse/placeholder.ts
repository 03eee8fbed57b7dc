import type { Position } from "../problems/problem.ts";
import { quoteRegex } from "../text/regex.ts";
import type { DetectionItem, ItemValue } from "./detection-item.ts";

/** The lists that `%name%` stands for in values under `|expand`. */
export type PlaceholderValues = Readonly<Record<string, readonly (string | number)[]>>;

/** The texts that an item may stand for besides the entries of its lists. */
export const mostCombinations = 10_000;

/** A text cut at its placeholders: texts at even places, names at odd ones. */
function split(text: string): string[] {
  const pieces: string[] = [""];
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    const end = character === "%" ? text.indexOf("%", index + 1) : -1;
    const name = end < 0 ? "" : text.slice(index + 1, end);
    if (character === "\\" && text[index + 1] === "%") {
      pieces[pieces.length - 1] += "%";
      index++;
    } else if (name !== "" && !name.includes("\\")) {
      pieces.push(name, "");
      index = end;
    } else {
      pieces[pieces.length - 1] += character;
    }
  }
  return pieces;
}

/** A placeholder and where the value stands that first names it. */
export interface PlaceholderUse {
  readonly name: string;
  readonly at: Position;
}

/** The placeholders of an item, each once. */
export function placeholdersOf(item: DetectionItem): PlaceholderUse[] {
  const uses = new Map<string, PlaceholderUse>();
  for (const { value, at } of item.modifiers.expand ? item.values : []) {
    for (const name of typeof value === "string" ? namesIn(value) : []) {
      if (!uses.has(name)) {
        uses.set(name, { name, at });
      }
    }
  }
  return [...uses.values()];
}

function namesIn(text: string): string[] {
  return split(text).filter((_, index) => index % 2 === 1);
}

/**
 * How many texts the item stands for, where that is too many: lists multiply when one value names several. The lists
 * themselves may be as long as they are.
 */
export function countBeyondBound(item: DetectionItem, placeholders: PlaceholderValues): number | undefined {
  let texts = 0;
  const lists = new Set<string>();
  for (const { value } of item.values) {
    let product = 1;
    for (const name of typeof value === "string" ? namesIn(value) : []) {
      lists.add(name);
      product *= entriesOf(placeholders, name).length;
    }
    texts += product;
  }
  let bound = mostCombinations;
  for (const name of lists) {
    bound += entriesOf(placeholders, name).length;
  }
  return texts > Math.max(bound, item.values.length) ? texts : undefined;
}

/**
 * The item's values with every placeholder replaced: one value for each combination of list entries. Entries keep
 * their wildcards, as in pySigma; inside a regular expression they stand for their own text, because lists hold names.
 */
export function fillPlaceholders(item: DetectionItem, placeholders: PlaceholderValues): ItemValue[] {
  return item.values.flatMap((original): ItemValue[] => {
    const pieces = typeof original.value === "string" ? split(original.value) : [];
    if (pieces.length <= 1) {
      const text = pieces[0];
      return [text === undefined ? original : { ...original, value: text, source: text }];
    }
    if (pieces.length === 3 && pieces[0] === "" && pieces[2] === "") {
      return entriesOf(placeholders, pieces[1] as string).map((entry) => {
        const source = entryText(item, entry);
        return { ...original, value: item.modifiers.kind === "re" ? source : entry, source };
      });
    }
    let texts = [""];
    for (const [index, piece] of pieces.entries()) {
      const forms =
        index % 2 === 0 ? [piece] : entriesOf(placeholders, piece).map((entry) => entryText(item, entry));
      texts = texts.flatMap((text) => forms.map((form) => text + form));
    }
    return texts.map((text) => ({ ...original, value: text, source: text }));
  });
}

function entriesOf(placeholders: PlaceholderValues, name: string): readonly (string | number)[] {
  return Object.hasOwn(placeholders, name) ? (placeholders[name] ?? []) : [];
}

function entryText(item: DetectionItem, entry: string | number): string {
  return item.modifiers.kind === "re" ? quoteRegex(String(entry)) : String(entry);
}
