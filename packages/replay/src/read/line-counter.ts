import { isAscii } from "node:buffer";

/** A place in text, both from 1; columns count characters. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

const lineFeed = 0x0a;

/** Counts lines and columns of text that passes in windows. */
export class LineCounter {
  #line = 1;
  /** Characters since the last line break. */
  #characters = 0;

  /** Where the next window begins. */
  get place(): TextPlace {
    return { line: this.#line, column: this.#characters + 1 };
  }

  /** The place of an offset in the window. */
  placeAt(window: Buffer, offset: number): TextPlace {
    const { lines, characters } = this.#counted(window, offset);
    return { line: this.#line + lines, column: characters + 1 };
  }

  /** The next window begins at this offset of the window. */
  pass(window: Buffer, offset: number): void {
    const { lines, characters } = this.#counted(window, offset);
    this.#line += lines;
    this.#characters = characters;
  }

  #counted(window: Buffer, offset: number): { readonly lines: number; readonly characters: number } {
    let lines = 0;
    let lineStart = 0;
    for (let at = window.indexOf(lineFeed); at >= 0 && at < offset; at = window.indexOf(lineFeed, at + 1)) {
      lines++;
      lineStart = at + 1;
    }
    const line = window.subarray(lineStart, offset);
    const characters = isAscii(line) ? line.length : characterCount(line);
    return { lines, characters: lines === 0 ? this.#characters + characters : characters };
  }
}

/** Of UTF-8 that may begin or end inside a character: it counts where it begins. */
function characterCount(text: Buffer): number {
  let count = 0;
  for (const byte of text) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}

/** The same place where the text that it was counted in begins at `start`. */
export function placeBehind(start: TextPlace, { line, column }: TextPlace): TextPlace {
  return line === 1
    ? { line: start.line, column: start.column + column - 1 }
    : { line: start.line + line - 1, column };
}
