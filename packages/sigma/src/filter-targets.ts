import type { DocumentIndex } from "./document-index.ts";
import type { FilterDocument, RuleDocument } from "./parse/document.ts";
import { containsLogSource } from "./parse/logsource.ts";
import type { ProblemList } from "./problems/problem.ts";

/** The rules a filter narrows, or undefined when it refers to what it may not; the reason is in `problems`. */
export function targetsOf(
  filter: FilterDocument,
  rules: readonly RuleDocument[],
  index: DocumentIndex,
  problems: ProblemList,
): RuleDocument[] | undefined {
  if (filter.rules === "any") {
    const fitting = rules.filter((rule) => containsLogSource(filter.logsource, rule.logsource));
    if (fitting.length === 0) {
      const message = "No rule is about the logs of this filter, so it narrows nothing.";
      problems.add("filter-matches-nothing", filter.at, message);
    }
    return fitting;
  }
  const targets: RuleDocument[] = [];
  let isRejected = false;
  for (const reference of filter.rules) {
    const target = index.find(reference, problems);
    if (target?.kind === "rule" && containsLogSource(filter.logsource, target.logsource)) {
      targets.push(target);
      continue;
    }
    isRejected = true;
    if (target?.kind === "rule") {
      const message = `The filter's logsource does not contain that of the rule "${target.title}".`;
      const hint = "Give both the same product and service.";
      problems.add("filter-logsource-mismatch", reference.at, message, hint);
    } else if (target !== undefined) {
      const message = `"${target.title}" is a ${target.kind}; filters narrow detection rules only.`;
      const hint = "Name the rules that the correlation is about.";
      problems.add("filter-on-correlation", reference.at, message, hint);
    }
  }
  return isRejected ? undefined : targets;
}
