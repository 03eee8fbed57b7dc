import { SigmaError } from "./errors.ts";
import { type LinkOptions, link } from "./link.ts";
import { parse, type SourceFile } from "./parse/parse.ts";
import type { Ruleset } from "./ruleset.ts";

/**
 * Parses and links in one step, all or nothing.
 *
 * @throws SigmaError `rejected` when any document has an error; it carries all problems of all files.
 */
export function loadRuleset(files: readonly SourceFile[], options: LinkOptions = {}): Ruleset {
  const parsed = parse(files);
  const linked = link(parsed.documents, options);
  const problems = [...parsed.problems, ...linked.problems];
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) {
    throw new SigmaError("rejected", `${errors.length} errors in the rules:`, problems);
  }
  return linked.ruleset;
}
