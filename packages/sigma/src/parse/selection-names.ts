import { anyText, compileWildcards, type WildcardPart } from "../text/wildcard.ts";

/**
 * The names of a detection's selections, found by patterns. A generated rule has thousands of both (`1 of ioc_17_*`), so
 * a pattern is compared only with the names that share what it begins or ends with.
 */
export class SelectionNames {
  readonly #names: readonly string[];
  /** Places among the names, in the order of what they begin with, and of what they end with. */
  readonly #byStart: Ordered;
  readonly #byEnd: Ordered;

  constructor(names: Iterable<string>) {
    this.#names = [...names];
    this.#byStart = new Ordered(this.#names);
    this.#byEnd = new Ordered(this.#names.map(reversed));
  }

  /**
   * The names that `them` or a pattern stands for, in the order of the file. Private names (`_...`) only under a pattern
   * that begins with `_`.
   */
  matching(pattern: string): string[] {
    const withPrivate = pattern.startsWith("_");
    const pieces = pattern === "them" ? ["", ""] : pattern.split("*");
    const start = this.#byStart.beginningWith(pieces[0] ?? "");
    const end = this.#byEnd.beginningWith(reversed(pieces.at(-1) ?? ""));
    const places = start.count < end.count ? this.#byStart.places(start) : this.#byEnd.places(end);
    const matches = compileWildcards(
      pieces
        .flatMap((piece, index): WildcardPart[] => (index === 0 ? [piece] : [anyText, piece]))
        .filter((part) => part !== ""),
    );
    return places
      .toSorted((left, right) => left - right)
      .map((place) => this.#names[place] ?? "")
      .filter((name) => matches(name) && (withPrivate || !name.startsWith("_")));
  }
}

interface Range {
  readonly from: number;
  readonly count: number;
}

/** Texts in alphabetical order, each with its place in the list that was given. */
class Ordered {
  readonly #texts: readonly string[];
  readonly #places: readonly number[];

  constructor(texts: readonly string[]) {
    this.#places = [...texts.keys()].sort((left, right) => compare(texts[left] ?? "", texts[right] ?? ""));
    this.#texts = this.#places.map((place) => texts[place] ?? "");
  }

  /** Which of the texts begin so. Not yet their places: to copy all of them for every pattern would take long. */
  beginningWith(start: string): Range {
    // No name of a selection is written with the last character.
    const from = this.#lowest(start);
    return { from, count: this.#lowest(`${start}\uffff`) - from };
  }

  places({ from, count }: Range): readonly number[] {
    return this.#places.slice(from, from + count);
  }

  /** How many texts stand before this one. */
  #lowest(text: string): number {
    let low = 0;
    let high = this.#texts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#texts[middle] ?? "", text) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** By code unit, as text begins and ends. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function reversed(text: string): string {
  return text.split("").reverse().join("");
}
