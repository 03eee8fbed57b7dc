import type { FieldState } from "../event/field-state.ts";
import type { Leaf } from "../event/leaf.ts";
import { shortestLiteral } from "./requirements.ts";

/** A literal that some rule needs to find in a field, and the rules that need it. */
interface Needle {
  readonly literal: string;
  readonly ordinals: number[];
  /** The scan in which the literal was last looked for. */
  checkedIn: number;
}

/** Table places for each literal: enough for most pieces of an event's text to hit none. */
const placesForEach = 32;
const smallestTableBits = 8;
const largestTableBits = 17;

/**
 * Finds which of many literals may stand in a text, by one pass over the text.
 *
 * Each literal is filed under one of its pieces of four characters, the one that the fewest literals share. A pass
 * looks every piece of the text up in a small table; only where something is filed is the literal itself searched. So
 * a thousand rules that look for a thousand words cost about as much as one, and their conditions are not touched.
 */
export class SubstringIndex {
  readonly #shift: number;
  readonly #isFiled: Uint8Array;
  readonly #filed = new Map<number, Needle[]>();
  #scan = 0;

  constructor(literalsOf: ReadonlyMap<number, ReadonlySet<string>>) {
    const needles = new Map<string, Needle>();
    for (const [ordinal, literals] of literalsOf) {
      for (const literal of literals) {
        const needle = needles.get(literal) ?? { literal, ordinals: [], checkedIn: 0 };
        needle.ordinals.push(ordinal);
        needles.set(literal, needle);
      }
    }
    const bits = Math.ceil(Math.log2(needles.size * placesForEach + 1));
    this.#shift = 32 - Math.min(largestTableBits, Math.max(smallestTableBits, bits));
    this.#isFiled = new Uint8Array(2 ** (32 - this.#shift));
    this.#file([...needles.values()]);
  }

  /** Calls `visit` for every rule one of whose literals stands in the field; some come twice. */
  visit(field: FieldState, visit: (ordinal: number) => void): void {
    for (let index = 0; index < field.count; index++) {
      const leaf = field.leaves[index] as Leaf;
      const { folded } = leaf;
      if (folded !== undefined) {
        this.#visitText(folded, visit);
      }
      if (typeof leaf.value === "object") {
        for (const inner of leaf.inner) {
          this.#visitText(inner.folded as string, visit);
        }
      }
    }
  }

  #visitText(text: string, visit: (ordinal: number) => void): void {
    const isFiled = this.#isFiled;
    const shift = this.#shift;
    this.#scan++;
    let piece = 0;
    for (let index = 0; index < text.length; index++) {
      piece = (piece << 8) | (text.charCodeAt(index) & 0xff);
      if (index >= shortestLiteral - 1) {
        const place = Math.imul(piece, 0x9e3779b1) >>> shift;
        if (isFiled[place] === 1) {
          this.#visitFiled(place, text, visit);
        }
      }
    }
  }

  #visitFiled(place: number, text: string, visit: (ordinal: number) => void): void {
    for (const needle of this.#filed.get(place) ?? []) {
      // Once in a text is enough; a text that repeats one piece a million times would otherwise take a million searches.
      if (needle.checkedIn !== this.#scan) {
        needle.checkedIn = this.#scan;
        if (text.includes(needle.literal)) {
          for (const ordinal of needle.ordinals) {
            visit(ordinal);
          }
        }
      }
    }
  }

  #file(needles: readonly Needle[]): void {
    const shared = new Uint32Array(this.#isFiled.length);
    for (const { literal } of needles) {
      this.#visitPlaces(literal, (place) => {
        shared[place] = (shared[place] as number) + 1;
      });
    }
    for (const needle of needles) {
      let rarest = -1;
      this.#visitPlaces(needle.literal, (place) => {
        if (rarest < 0 || (shared[place] as number) < (shared[rarest] as number)) {
          rarest = place;
        }
      });
      this.#isFiled[rarest] = 1;
      const filed = this.#filed.get(rarest);
      if (filed === undefined) {
        this.#filed.set(rarest, [needle]);
      } else {
        filed.push(needle);
      }
    }
  }

  /** Calls `visit` with the place of every piece: a loop without lists, because lists of literals are long. */
  #visitPlaces(literal: string, visit: (place: number) => void): void {
    let piece = 0;
    for (let index = 0; index < literal.length; index++) {
      piece = (piece << 8) | (literal.charCodeAt(index) & 0xff);
      if (index >= shortestLiteral - 1) {
        visit(Math.imul(piece, 0x9e3779b1) >>> this.#shift);
      }
    }
  }
}
