import { PatternError } from "./errors.ts";

/** The parts of JSON that matter here: strings, numbers, and what nests. The text is known to be JSON. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]:,]/g;

interface Level {
  /** Names so far; undefined inside an array. */
  readonly names: Set<string> | undefined;
  /** The name whose value is being read. */
  name: string;
}

/**
 * Parses the text of a pattern and rejects what JSON.parse would hide: a name written twice in one object, of which it
 * keeps the last, and a number that it cannot hold exactly, which it rounds.
 *
 * @throws PatternError `not-json`, `duplicate-name`, `inexact-number`
 */
export function parsePatternText(text: string): unknown {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw new PatternError(
      "not-json",
      "",
      `it is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  const levels: Level[] = [];
  const path = (): string =>
    levels
      .filter(({ names }) => names !== undefined)
      .map(({ name }) => name)
      .join(".");
  let atName = false;
  for (const [token] of text.matchAll(tokens)) {
    const level = levels.at(-1);
    if (token === "{" || token === "[") {
      levels.push({ names: token === "{" ? new Set() : undefined, name: "" });
      atName = token === "{";
    } else if (token === "}" || token === "]") levels.pop();
    else if (token === ",") atName = level?.names !== undefined;
    else if (token === ":") atName = false;
    else if (atName && level?.names !== undefined) {
      level.name = JSON.parse(token) as string;
      if (level.names.has(level.name)) {
        throw new PatternError("duplicate-name", path(), "the name is written twice in one object");
      }
      level.names.add(level.name);
    } else if (!token.startsWith('"') && !isExact(token)) {
      throw new PatternError(
        "inexact-number",
        path(),
        `${token.slice(0, 40)} is not exactly a double; write at most 15 digits`,
      );
    }
  }
  return pattern;
}

/** AWS compares numbers as doubles and takes only those that come out as they were written. */
function isExact(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && canonical(text) === canonical(String(value));
}

/** Digits without zeros at either end, and the power of ten that the last of them stands for. */
function canonical(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  const significant = digits.replace(/0+$/, "");
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
