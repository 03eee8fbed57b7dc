import type { CorrelationDocument } from "../../parse/document.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { didYouMean } from "../../problems/spelling.ts";
import {
  type CorrelatedRule,
  type Correlation,
  type CorrelationCondition,
  type MemberFields,
  mostEntries,
  mostSteps,
  referenceOf,
} from "../correlation.ts";
import { isTemporal } from "../correlation-type.ts";
import type { CorrelationDefinition, RulesDefinition } from "../read/definition.ts";
import { expressionReach, hasNegation, toRuleExpression } from "../rule-expression.ts";
import { holds, isLowerBoundOnly, reach, type Threshold, thresholdText } from "../threshold.ts";
import { identifiersOf } from "./resolve-references.ts";

/** A rule of the correlation, linked, with the names that the document may call it by (lower case). */
export interface Member {
  readonly rule: CorrelatedRule;
  readonly names: ReadonlySet<string>;
  readonly at: Position;
}

/** Puts a correlation together from its definition and its rules. Undefined when it is rejected. */
export function buildCorrelation(
  document: CorrelationDocument,
  members: readonly Member[],
  problems: ProblemList,
): Correlation | undefined {
  return new Builder(document.definition, members, problems).build(document);
}

class Builder {
  readonly #definition: CorrelationDefinition;
  readonly #members: readonly Member[];
  readonly #problems: ProblemList;

  constructor(definition: CorrelationDefinition, members: readonly Member[], problems: ProblemList) {
    this.#definition = definition;
    this.#members = members;
    this.#problems = problems;
  }

  build({ definition: _, at: __, ...metadata }: CorrelationDocument): Correlation | undefined {
    const before = this.#problems.problems.length;
    const { type, groupBy, timespanSeconds, generate } = this.#definition;
    const rules = this.#members.map(({ rule }) => rule);
    const steps = this.#steps();
    const condition = this.#condition(steps);
    const memberFields = this.#memberFields();
    this.#checkChains(memberFields);
    if (
      condition === undefined ||
      this.#problems.problems.slice(before).some(({ severity }) => severity === "error")
    ) {
      return undefined;
    }
    return Object.freeze({
      ...metadata,
      type,
      rules,
      steps,
      groupBy: groupBy.map(({ text }) => text),
      timespanSeconds,
      condition,
      memberFields,
      generate,
      isMonotone: isMonotone(type, condition),
      inputDelaySeconds: Math.max(0, ...rules.map(outputDelaySeconds)),
      shape: JSON.stringify([
        isTemporal(type) ? "temporal" : type,
        rules.map(referenceOf),
        memberFields.map(({ values }) => values),
      ]),
    });
  }

  #positionOf(name: string): number | undefined {
    const position = this.#members.findIndex(({ names }) => names.has(name.toLowerCase()));
    return position < 0 ? undefined : position;
  }

  #steps(): number[] {
    const { type, rules, condition, conditionAt } = this.#definition;
    if (type !== "temporal_ordered") {
      return [];
    }
    const listed =
      rules === undefined || condition?.kind === "rules"
        ? this.#members.map((_, position) => position)
        : rules.map(({ rule }) => this.#positionOf(rule) ?? 0);
    if (listed.length > mostSteps) {
      const message = `temporal_ordered takes at most ${mostSteps} rules; this one lists ${listed.length}.`;
      const at = rules?.[mostSteps]?.at ?? conditionAt;
      this.#problems.add("invalid-correlation", at, message, "Chain two correlations.");
    }
    return listed;
  }

  #condition(steps: readonly number[]): CorrelationCondition | undefined {
    const { type, condition } = this.#definition;
    if (condition?.kind === "rules") {
      return this.#rulesCondition(condition);
    }
    const most = type === "temporal_ordered" ? steps.length : this.#members.length;
    const threshold = condition?.threshold ?? { gte: most };
    this.#checkThreshold(threshold, most);
    const percentile = type === "value_median" ? 50 : (condition?.percentile ?? 50);
    const fields = condition?.fields.map(({ text }) => text) ?? [];
    return { kind: "threshold", threshold, fields, percentile };
  }

  #checkThreshold(threshold: Threshold, ruleCount: number): void {
    const { type, conditionAt } = this.#definition;
    const isCount = type === "event_count" || type === "value_count";
    const most = isCount ? mostEntries : ruleCount;
    const domain = isCount || isTemporal(type) ? { least: 1, most } : "numbers";
    const reached = reach(threshold, domain);
    const text = thresholdText(threshold);
    if (reached === "none") {
      const isAbsence = domain !== "numbers" && holds(threshold, 0);
      const reason = isTemporal(type)
        ? `a window has from 1 to ${most} rules`
        : isAbsence
          ? "a window holds at least the event that opens it"
          : "no count satisfies it";
      const message =
        domain === "numbers"
          ? `No number is ${text}.`
          : `The condition \`${text}\` can never hold: ${reason}.`;
      const hint = isAbsence ? "To alert on absence write `temporal` with `a and not b`." : undefined;
      this.#problems.add("impossible-condition", conditionAt, message, hint);
    } else if (reached === "all" && !(isTemporal(type) && ruleCount === 1)) {
      const message = `The condition \`${text}\` always holds: every event fires.`;
      this.#problems.add("always-true", conditionAt, message);
    }
  }

  #rulesCondition({ tree, text }: RulesDefinition): CorrelationCondition | undefined {
    const named = new Set<number>();
    for (const { rule, at } of identifiersOf(tree, this.#problems)) {
      const position = this.#positionOf(rule);
      if (position !== undefined) {
        named.add(position);
        continue;
      }
      const names = this.#members.flatMap((member) => member.rule.name ?? []);
      const message = `The condition names \`${rule}\`, which \`rules\` does not list.`;
      this.#problems.add("condition-rules-mismatch", at, message, didYouMean(rule, names));
    }
    this.#members.forEach(({ rule, at }, position) => {
      if (!named.has(position)) {
        const message = `"${rule.title}" is listed, but the condition does not name it.`;
        this.#problems.add("condition-rules-mismatch", at, message);
      }
    });
    const expression = toRuleExpression(tree, (name) => this.#positionOf(name));
    if (expression === undefined || named.size < this.#members.length) {
      return undefined;
    }
    const { conditionAt } = this.#definition;
    const reached = expressionReach(expression, this.#members.length);
    if (reached === "none") {
      const message = "The condition can never hold: a window has at least one of these rules.";
      const hint = "Absence needs an event that opens the window: `a and not b`.";
      this.#problems.add("impossible-condition", conditionAt, message, hint);
    } else if (reached === "all") {
      this.#problems.add("always-true", conditionAt, "The condition always holds: every event fires.");
    }
    return { kind: "rules", expression, text };
  }

  /** Replaces aliases by the field that each rule has for them. */
  #memberFields(): MemberFields[] {
    const { groupBy, condition, aliases } = this.#definition;
    const values = condition?.kind === "threshold" ? condition.fields : [];
    const used = new Set([...groupBy, ...values].map(({ text }) => text));
    const fieldsOf = new Map<string, Map<number, string>>();
    for (const { alias, at, fields } of aliases) {
      const byRule = new Map<number, string>();
      for (const { rule, at: ruleAt, field } of fields) {
        const position = this.#positionOf(rule);
        if (position === undefined) {
          const message = `The alias \`${alias}\` names "${rule}", which is not a rule of this correlation.`;
          const names = this.#members.flatMap((member) => member.rule.name ?? []);
          this.#problems.add("invalid-alias", ruleAt, message, didYouMean(rule, names));
        } else {
          byRule.set(position, field);
        }
      }
      fieldsOf.set(alias, byRule);
      const uncovered = this.#members.filter((_, position) => !byRule.has(position));
      if (!used.has(alias)) {
        this.#problems.add(
          "unused-alias",
          at,
          `The alias \`${alias}\` is not used by any \`group-by\` or \`field\`.`,
        );
      } else if (uncovered.length > 0) {
        const titles = uncovered.map(({ rule }) => `"${rule.title}"`).join(", ");
        const message = `The alias \`${alias}\` has no field for ${titles}, where a field of that very name is read instead.`;
        this.#problems.add("incomplete-alias", at, message);
      }
    }
    return this.#members.map((_, position) => {
      const fieldOf = ({ text }: { readonly text: string }): string =>
        fieldsOf.get(text)?.get(position) ?? text;
      return { group: groupBy.map(fieldOf), values: values.map(fieldOf) };
    });
  }

  /** The firings of a correlation carry its group fields and nothing else. */
  #checkChains(memberFields: readonly MemberFields[]): void {
    this.#members.forEach(({ rule, at }, position) => {
      if (rule.kind !== "correlation") {
        return;
      }
      const fields = [...(memberFields[position]?.group ?? []), ...(memberFields[position]?.values ?? [])];
      for (const field of fields.filter((name) => !rule.groupBy.includes(name))) {
        const message = `The firings of "${rule.title}" have no field \`${field}\`: it does not group by it.`;
        this.#problems.add(
          "chained-field",
          at,
          message,
          `Add \`${field}\` to its group-by, or use an alias.`,
        );
      }
    });
  }
}

function isMonotone(type: Correlation["type"], condition: CorrelationCondition): boolean {
  if (condition.kind === "rules") {
    return !hasNegation(condition.expression);
  }
  const canOnlyGrow = type === "event_count" || type === "value_count" || isTemporal(type);
  return canOnlyGrow && isLowerBoundOnly(condition.threshold);
}

/** How long after its own time a firing may be known, on top of the allowed lateness. */
function outputDelaySeconds(rule: CorrelatedRule): number {
  return rule.kind === "rule" ? 0 : rule.inputDelaySeconds + (rule.isMonotone ? 0 : rule.timespanSeconds);
}
