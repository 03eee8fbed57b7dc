import { showText } from "../text/show-text.ts";
import type { ExplainedFilter, ExplainedNode, Explanation } from "./explain.ts";

export interface RenderOptions {
  /** Whether to colour the text for a terminal (ANSI). Without colour it is plain text. */
  readonly color?: boolean;
}

interface Line {
  readonly depth: number;
  readonly verdict: boolean;
  readonly text: string;
  readonly seen: string;
  readonly why: string;
}

const widestMatcher = 60;
const widestSeen = 40;
const longestMatcher = 1000;

/** A piece of a line, and its style where a terminal shows styles. */
export interface ExplanationSpan {
  readonly text: string;
  readonly style?: "good" | "bad" | "dim" | "bold";
}

/**
 * An explanation as aligned text: one line for each matcher and group, with a mark, the value seen and why. Each line comes in
 * pieces, so that whoever prints it can choose the style, and escape the text for what it is printed on.
 */
export function explanationLines(explanation: Explanation): readonly (readonly ExplanationSpan[])[] {
  const lines: Line[] = [];
  collect(explanation.condition, 1, lines);
  const sections: { readonly at: number; readonly text: string }[] = [];
  for (const filter of explanation.filters) {
    sections.push({ at: lines.length, text: filterTitle(filter) });
    collect(filter.condition, 1, lines);
  }
  const matcherWidth = widest(lines, widestMatcher, ({ depth, text }) => depth * 2 + text.length);
  const seenWidth = widest(lines, widestSeen, ({ seen }) => seen.length);
  const verdict: ExplanationSpan = explanation.verdict
    ? { text: "match", style: "good" }
    : { text: "no match", style: "bad" };
  const output: ExplanationSpan[][] = [[{ text: `${showText(explanation.rule.title)}: ` }, verdict]];
  for (const [index, { depth, verdict: isTrue, text, seen, why }] of lines.entries()) {
    for (const section of sections) {
      if (section.at === index) {
        output.push([{ text: section.text, style: "bold" }]);
      }
    }
    const mark: ExplanationSpan = isTrue ? { text: "✓", style: "good" } : { text: "✗", style: "bad" };
    const matcher = `${"  ".repeat(depth)}${text}`;
    const rest: ExplanationSpan[] =
      why === "" ? [{ text: seen }] : [{ text: `${seen.padEnd(seenWidth)}  ` }, { text: why, style: "dim" }];
    if (why === "" && seen === "") {
      output.push([mark, { text: ` ${matcher}` }]);
    } else if (matcher.length <= matcherWidth) {
      output.push([mark, { text: ` ${matcher.padEnd(matcherWidth)}  ` }, ...rest]);
    } else {
      // On a line of its own, so that the columns stay aligned.
      output.push([mark, { text: ` ${matcher}` }], [{ text: `  ${" ".repeat(matcherWidth)}  ` }, ...rest]);
    }
  }
  return output;
}

/** The lines of an explanation as one text, with ANSI styles or plain. */
export function renderExplanation(explanation: Explanation, { color = false }: RenderOptions = {}): string {
  return explanationLines(explanation)
    .map((spans) =>
      spans
        .map(({ text, style }) =>
          !color || style === undefined ? text : `\u001b[${codes[style]}m${text}\u001b[0m`,
        )
        .join(""),
    )
    .join("\n");
}

const codes = { good: 32, bad: 31, dim: 2, bold: 1 } as const;

function widest(lines: readonly Line[], most: number, widthOf: (line: Line) => number): number {
  return Math.min(most, Math.max(0, ...lines.map(widthOf)));
}

function filterTitle({ filter, suppresses, applies }: ExplainedFilter): string {
  const what = suppresses ? "suppresses the match" : applies ? "lets it through" : "no longer applies";
  return `exception "${showText(filter.title)}" ${what}`;
}

function collect(node: ExplainedNode, depth: number, lines: Line[], prefix = ""): void {
  if (node.type === "matcher") {
    const name = node.label === undefined ? "" : `${node.label}: `;
    lines.push({
      depth,
      verdict: prefix === "" ? node.verdict : !node.verdict,
      text: showText(`${prefix}${name}${node.field ?? "any value"} ${node.matcher}`, longestMatcher),
      seen: seenText(node),
      why: node.why,
    });
    return;
  }
  if (node.type === "not" && node.label === undefined && prefix === "") {
    for (const child of node.children) {
      collect(child, depth, lines, "not ");
    }
    return;
  }
  const words = node.type === "and" ? "all of" : node.type === "or" ? "one of" : "not";
  const verdict = prefix === "" ? node.verdict : !node.verdict;
  lines.push({
    depth,
    verdict,
    text: showText(prefix + groupText(node.label, words), longestMatcher),
    seen: "",
    why: "",
  });
  for (const child of node.children) {
    collect(child, depth + 1, lines);
  }
}

/** `selection: all of`; a label such as `1 of filter_*` says it itself. */
function groupText(label: string | undefined, words: string): string {
  return label === undefined ? words : / of /.test(label) ? label : `${label}: ${words}`;
}

function seenText({ field, seen, count }: Extract<ExplainedNode, { type: "matcher" }>): string {
  if (field === undefined) {
    return count === 1 ? "1 value" : `${count} values`;
  }
  const more = count - seen.length;
  return `${seen.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
