import { type LinkOptions, link } from "../link.ts";
import { parse } from "../parse/parse.ts";
import { formatProblem, type Problem } from "../problems/problem.ts";
import type { Ruleset } from "../ruleset.ts";

/** A rule document around a detection written as YAML lines. */
export function ruleText(detection: string, attributes = ""): string {
  return `title: A rule\nlogsource: {product: test}\nlevel: low\n${attributes}detection:\n${detection.replaceAll(/^/gm, "  ")}\n`;
}

export interface Loaded {
  readonly ruleset: Ruleset;
  readonly problems: readonly Problem[];
}

export function load(text: string, options: LinkOptions = {}): Loaded {
  const parsed = parse([{ path: "rule.yml", text }]);
  const { ruleset, problems } = link(parsed.documents, options);
  return { ruleset, problems: [...parsed.problems, ...problems] };
}

/** A ruleset that must load without an error. */
export function loadClean(text: string, options: LinkOptions = {}): Ruleset {
  const { ruleset, problems } = load(text, options);
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) {
    throw new Error(errors.map(formatProblem).join("\n"));
  }
  return ruleset;
}

/** Whether a rule with this detection is true of the event. */
export function isTrue(
  detection: string,
  event: Record<string, unknown>,
  options: LinkOptions = {},
): boolean {
  return loadClean(ruleText(detection), options).match(event).length === 1;
}

/** Whether one line of a selection, such as `f|contains: x`, is true of the event. */
export function lineIsTrue(line: string, event: Record<string, unknown>, options: LinkOptions = {}): boolean {
  return isTrue(`s:\n  ${line.replaceAll("\n", "\n  ")}\ncondition: s`, event, options);
}

/** The codes of all problems. */
export function codesOf(text: string, options: LinkOptions = {}): string[] {
  return load(text, options).problems.map((problem) => problem.code);
}
