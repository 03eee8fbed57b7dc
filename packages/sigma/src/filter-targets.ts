import type { FilterDocument, RuleDocument, SigmaDocument } from "./parse/document.ts";
import { containsLogSource } from "./parse/logsource.ts";
import type { ProblemList } from "./problems/problem.ts";

/** The rules a filter narrows, or undefined when it refers to what it may not; the reason is in `problems`. */
export function targetsOf(
  filter: FilterDocument,
  documents: readonly SigmaDocument[],
  problems: ProblemList,
): RuleDocument[] | undefined {
  const rules = documents.filter((document) => document.kind === "rule");
  if (filter.rules === "any") {
    const fitting = rules.filter((rule) => containsLogSource(filter.logsource, rule.logsource));
    if (fitting.length === 0) {
      const message = "No rule is about the logs of this filter, so that it narrows nothing.";
      problems.add("filter-matches-nothing", filter.at, message);
    }
    return fitting;
  }
  const targets: RuleDocument[] = [];
  let isRejected = false;
  for (const { rule: reference, at } of filter.rules) {
    const target = documents.find((document) => isCalled(document, reference));
    if (target?.kind === "rule" && containsLogSource(filter.logsource, target.logsource)) {
      targets.push(target);
      continue;
    }
    isRejected = true;
    if (target === undefined) {
      const titled = documents.find((document) => document.title === reference);
      problems.add(
        "unknown-rule",
        at,
        `No rule has the id or name "${reference}".`,
        titled === undefined ? undefined : unknownTitleHint(titled),
      );
    } else if (target.kind === "rule") {
      const message = `The filter's logsource does not contain that of the rule "${target.title}".`;
      problems.add("filter-logsource-mismatch", at, message, "Give both the same product and service.");
    } else {
      const message = `"${target.title}" is a ${target.kind}; filters narrow detection rules only.`;
      problems.add("filter-on-correlation", at, message, "Name the rules that the correlation is about.");
    }
  }
  return isRejected ? undefined : targets;
}

function isCalled({ id, name }: SigmaDocument, reference: string): boolean {
  return id?.toLowerCase() === reference.toLowerCase() || name?.toLowerCase() === reference.toLowerCase();
}

function unknownTitleHint({ id, name }: SigmaDocument): string {
  return `A title is not a reference: write ${name ?? id ?? "the rule's id, once it has one"}.`;
}
