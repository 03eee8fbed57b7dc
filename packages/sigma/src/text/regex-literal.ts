/** Escapes that stand for one character of a class or for a place; every other letter escape may be longer. */
const shortEscapes = "dDwWsSbBAz";

/** The index of the bracket that closes the class opened at `start`. */
function endOfClass(characters: readonly string[], start: number): number {
  let index = start + 1;
  if (characters[index] === "^") {
    index++;
  }
  if (characters[index] === "]") {
    index++;
  }
  for (; index < characters.length && characters[index] !== "]"; index++) {
    if (characters[index] === "\\") {
      index++;
    } else if (characters[index] === "[" && characters[index + 1] === ":") {
      const end = characters.indexOf(":", index + 2);
      index = end < 0 ? characters.length : end + 1;
    }
  }
  return index;
}

/**
 * The longest text that stands in every match of a case-sensitive expression, as far as that is easy to see: looking
 * for it first avoids most searches. Only runs of ordinary characters outside groups count; an alternative or
 * a `(?` ends the attempt, because then no run is certain. Empty when there is none.
 */
export function requiredLiteral(source: string): string {
  if (source.includes("|") || source.includes("(?")) {
    return "";
  }
  const characters = [...source];
  let longest = "";
  let run = "";
  let depth = 0;
  const endRun = () => {
    if (run.length > longest.length) {
      longest = run;
    }
    run = "";
  };
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    let literal: string | undefined;
    if (character === "\\") {
      const escaped = characters[++index] ?? "";
      if (!/[\p{L}\p{N}]/u.test(escaped)) {
        literal = escaped;
      } else if (!shortEscapes.includes(escaped)) {
        endRun();
        return longest;
      }
    } else if (character === "[") {
      index = endOfClass(characters, index);
    } else if (character === "(" || character === ")") {
      depth += character === "(" ? 1 : -1;
    } else if (character === "{") {
      // The numbers of a repeat are not text.
      const end = characters.indexOf("}", index);
      index = end < 0 ? characters.length : end;
    } else if (!".^$*+?}".includes(character)) {
      literal = character;
    }
    const isRepeated = "*+?{".includes(characters[index + 1] ?? " ");
    if (literal === undefined || depth > 0 || isRepeated) {
      endRun();
    } else {
      run += literal;
    }
  }
  endRun();
  return longest;
}
