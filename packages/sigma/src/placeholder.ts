import type { DetectionItem, ItemValue } from "./detection-item.ts";
import { quoteRegex } from "./regex.ts";

/** The lists that `%name%` stands for in values under `|expand`. */
export type PlaceholderValues = Readonly<Record<string, readonly (string | number)[]>>;

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

/** The names of the placeholders in an item, each once. */
export function placeholderNames(item: DetectionItem): string[] {
  const names = new Set<string>();
  if (item.modifiers.expand) {
    for (const { value } of item.values) {
      for (const [index, piece] of (typeof value === "string" ? split(value) : []).entries()) {
        if (index % 2 === 1) {
          names.add(piece);
        }
      }
    }
  }
  return [...names];
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

const entriesOf = (placeholders: PlaceholderValues, name: string): readonly (string | number)[] =>
  Object.hasOwn(placeholders, name) ? (placeholders[name] ?? []) : [];

const entryText = (item: DetectionItem, entry: string | number): string =>
  item.modifiers.kind === "re" ? quoteRegex(String(entry)) : String(entry);
