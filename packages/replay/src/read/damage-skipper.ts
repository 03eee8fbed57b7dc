/**
 * Finds where reading can go on behind a damaged value, in as many windows as it takes.
 *
 * Two marks are trusted: a line that begins with a bracket (the next line of NDJSON, or the next record of a list with
 * one record a line), and the bracket that closes the damaged value. The first comes first, because a value that was
 * cut off swallows what follows it.
 */
export class DamageSkipper {
  /** Whether reading goes on at the beginning of a line, so that the brackets around it are unknown. */
  atLine = false;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isAfterLineFeed = false;
  #isFirst = true;

  /** The offset where reading can go on, or -1 when the window holds none. */
  skip(bytes: Uint8Array, start: number, limit: number): number {
    for (let at = start; at < limit; at++) {
      const byte = bytes[at] as number;
      const isOpening = byte === 0x7b || byte === 0x5b;
      if (this.#isAfterLineFeed && isOpening) {
        this.atLine = true;
        return at;
      }
      this.#isAfterLineFeed = byte === 0x0a;
      const isFirst = this.#isFirst;
      this.#isFirst = false;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === 0x5c) this.#isEscaped = true;
        else if (byte === 0x22) this.#isInString = false;
      } else if (byte === 0x22) {
        this.#isInString = true;
      } else if (isOpening) {
        this.#depth++;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (this.#depth > 1) this.#depth--;
        else if (this.#depth === 1 || isFirst) return at + 1;
        else return at;
      } else if (isFirst && byte === 0x2c) {
        return at + 1;
      } else if (this.#depth === 0 && !isFirst && (byte === 0x2c || byte === 0x0a)) {
        return at;
      }
    }
    return -1;
  }
}
