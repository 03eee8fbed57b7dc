import type { Scalar } from "yaml";
import type { ProblemList } from "../problems/problem.ts";
import type { YamlSource } from "./yaml-source.ts";

/** What is under these keys is compared with events. Elsewhere a line break or a tab is part of prose. */
const comparedKeys: ReadonlySet<string> = new Set(["detection", "filter", "correlation"]);

/**
 * Warns of control characters that double quotes made: in them YAML reads `\f` as a form feed and `\b` as a backspace,
 * so that `"\foo.exe"` is a path that no event has.
 */
export function reportControlCharacters(source: YamlSource, problems: ProblemList): void {
  if (source.withControls.length === 0) {
    return;
  }
  const compared = comparedRanges(source);
  for (const node of source.withControls) {
    const [start = 0, end = 0] = node.range ?? [];
    const isCompared = compared.some(([from, to]) => start >= from && end <= to);
    const character = controlIn(node, isCompared);
    if (character !== undefined) {
      const written = source.text.slice(start, end);
      const message = `${shown(written)} holds the control character ${nameOf(character)}: in double quotes a backslash begins an escape.`;
      problems.add("control-character", source.atOffset(start), message, hint(source, written, isCompared));
    }
  }
}

function comparedRanges(source: YamlSource): (readonly [number, number])[] {
  const root = source.map(source.document.contents);
  const entries = root === undefined ? [] : source.entries(root);
  return entries.flatMap(({ key, value }) => {
    const [start, end] = source.map(value)?.range ?? [];
    return comparedKeys.has(key) && start !== undefined && end !== undefined ? [[start, end] as const] : [];
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const anyControl = /[\u0000-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const noProse = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

function controlIn({ value }: Scalar, isCompared: boolean): string | undefined {
  return (isCompared ? anyControl : noProse).exec(String(value))?.[0];
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

const longestShown = 60;

function shown(written: string): string {
  const line = written.replaceAll(/\s+/g, " ");
  return `\`${line.length > longestShown ? `${line.slice(0, longestShown)}…` : line}\``;
}

/** With other escapes in it, the text cannot simply be put into single quotes, so the hint gives no replacement. */
function hint({ text }: YamlSource, written: string, isCompared: boolean): string {
  if (/^\s*[{[]/.test(text)) {
    return "Write `\\\\` for one backslash.";
  }
  const inside = written.slice(1, -1);
  const isPlain = !/\\["\\\s]|\n/.test(inside) && inside.length <= longestShown;
  const single = isPlain ? `: '${inside.replaceAll("'", "''")}'` : "";
  const meant = isCompared ? " Where the character is meant, `|re` can name it." : "";
  return `Use single quotes${single}.${meant}`;
}
