import type { Position } from "@streamwarden/sigma";

/**
 * Where a word stands under a key of a YAML document that begins at `start`: the key's own line where the word is
 * written differently there, else the document's beginning. For what has been read and lost its place.
 */
export const placeOf = (text: string, start: Position, key: string, word: string): Position => {
  const lines = text.split("\n");
  const from = lines.findIndex(
    (line, index) => index >= start.line - 1 && line.trimStart().startsWith(`${key}:`),
  );
  if (from < 0) return start;
  const end = lines.findIndex((line, index) => index > from && line.startsWith("---"));
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const whole = new RegExp(`(?<![\\w.-])${escaped}(?![\\w.-])`);
  for (let index = from; index < (end < 0 ? lines.length : end); index += 1) {
    const column = lines[index]?.search(whole) ?? -1;
    if (column >= 0) return { path: start.path, line: index + 1, column: column + 1 };
  }
  return { path: start.path, line: from + 1, column: (lines[from]?.search(/\S/) ?? 0) + 1 };
};
