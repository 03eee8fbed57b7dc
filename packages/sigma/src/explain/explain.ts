import type { FieldState } from "../event/field-state.ts";
import type { JsonObject } from "../event/json.ts";
import type { Leaf } from "../event/leaf.ts";
import type { LinkedRule } from "../linked-rule.ts";
import type { Program } from "../match/program.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import type { Filter, Rule } from "../rule.ts";
import { parseMoment } from "../text/date-part.ts";
import { numericValue } from "../text/numeric-text.ts";
import { showText, visible } from "../text/show-text.ts";

/** Which document an explanation is about. */
export interface ExplainedDocument {
  readonly id?: string;
  readonly name?: string;
  readonly title: string;
}

/** Several nodes under one operator. `label` is the rule's own word: a selection's name, `1 of filter_*`. */
export interface ExplainedGroup {
  readonly type: "and" | "or" | "not";
  readonly label?: string;
  readonly verdict: boolean;
  readonly children: readonly ExplainedNode[];
}

/** One matcher and what it saw. */
export interface ExplainedMatcher {
  readonly type: "matcher";
  readonly label?: string;
  readonly verdict: boolean;
  /** The field, or undefined for keywords. */
  readonly field?: string;
  /** What is asked of the field: `= CreateChannel`. */
  readonly matcher: string;
  /** The values the field has, cut and made safe to print; at most five. */
  readonly seen: readonly string[];
  /** How many values the field has. */
  readonly count: number;
  /** Why the verdict is as it is: `equal`, `absent`, `null`, `not equal` ... */
  readonly why: string;
  /** Where the value stands in its file. */
  readonly path: string;
  readonly line: number;
}

export type ExplainedNode = ExplainedGroup | ExplainedMatcher;

/** What a filter did to the rule that is explained. */
export interface ExplainedFilter {
  readonly filter: ExplainedDocument;
  /** Whether it keeps the rule from matching this event. */
  readonly suppresses: boolean;
  /** Whether it may act on this event at all; an expired exception does not. */
  readonly applies: boolean;
  readonly condition: ExplainedNode;
}

/**
 * Why a rule is true of an event or not.
 *
 * Made from the very expression that is compiled, with the same questions, so that the explained verdict cannot differ from
 * the matched one. Plain data: `JSON.stringify` gives the machine-readable form.
 */
export interface Explanation {
  readonly rule: ExplainedDocument;
  /** Whether the rule matches: its condition is true and no filter suppresses it. */
  readonly verdict: boolean;
  readonly condition: ExplainedNode;
  readonly filters: readonly ExplainedFilter[];
}

const mostSeen = 5;
const longestSeen = 120;

/** A ruleset, as far as explanations need one. */
interface Explaining {
  explain(rule: Rule, event: JsonObject): Explanation;
}

/**
 * Why the rule is true of the event or not.
 *
 * @throws SigmaError `foreign-rule` when the rule is not an active rule of the ruleset.
 */
export function explain(ruleset: Explaining, rule: Rule, event: JsonObject): Explanation {
  return ruleset.explain(rule, event);
}

/** Explains a rule over the program's current event. */
export function explainRule(
  { rule, expression, filters }: LinkedRule,
  program: Program,
  applies: (filter: Filter) => boolean,
): Explanation {
  const condition = explainNode(expression, program);
  const explained = filters.map(({ filter, expression: inner }): ExplainedFilter => {
    const node = explainNode(inner, program);
    const doesApply = applies(filter);
    return {
      filter: nameOf(filter),
      suppresses: doesApply && !node.verdict,
      applies: doesApply,
      condition: node,
    };
  });
  return {
    rule: nameOf(rule),
    verdict: condition.verdict && !explained.some((filter) => filter.suppresses),
    condition,
    filters: explained,
  };
}

function nameOf({ id, name, title }: Rule | Filter): ExplainedDocument {
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    title,
  };
}

function explainNode(expression: Expression, program: Program): ExplainedNode {
  const label = expression.label === undefined ? {} : { label: expression.label };
  switch (expression.type) {
    case "matcher":
      return {
        ...explainMatcher(expression.matcher, program),
        ...label,
        path: expression.at.path,
        line: expression.at.line,
      };
    case "not": {
      const child = explainNode(expression.child, program);
      return { type: "not", ...label, verdict: !child.verdict, children: [child] };
    }
    case "and":
    case "or": {
      const children = expression.children.map((child) => explainNode(child, program));
      const verdict =
        expression.type === "and"
          ? children.every((child) => child.verdict)
          : children.some((child) => child.verdict);
      return { type: expression.type, ...label, verdict, children };
    }
    case "pending":
      throw new TypeError("A detection item with placeholders must be linked before it is explained.");
  }
}

function explainMatcher(matcher: Matcher, program: Program): Omit<ExplainedMatcher, "path" | "line"> {
  const question = program.question(matcher);
  const verdict = question.isTrue();
  const state = question.look();
  const isKeyword = matcher.field === undefined;
  return {
    type: "matcher",
    verdict,
    ...(matcher.field === undefined ? {} : { field: matcher.field }),
    matcher: visible(matcher.text),
    seen: isKeyword ? [] : leavesOf(state).slice(0, mostSeen).map(show),
    count: state.count,
    why: verdict ? whyTrue(matcher, state) : whyFalse(matcher, state, question.lookAtOther()),
  };
}

function leavesOf(state: FieldState): Leaf[] {
  return state.leaves.slice(0, state.count);
}

function show(leaf: Leaf): string {
  return leaf.value === "" ? '""' : showText(leaf.text ?? "null", longestSeen);
}

function whyTrue({ kind }: Matcher, state: FieldState): string {
  switch (kind) {
    case "equals":
      return "equal";
    case "null":
      return state.exists ? "null" : "absent";
    case "exists":
      return state.exists ? "present" : "absent";
    default:
      return "matches";
  }
}

function whyFalse(matcher: Matcher, state: FieldState, other: FieldState | undefined): string {
  const { kind } = matcher;
  if (kind === "exists" || kind === "null") {
    return state.exists ? "present" : "absent";
  }
  if (!state.exists) {
    return "absent";
  }
  if (state.count === 0) {
    return "an empty list";
  }
  const leaves = leavesOf(state);
  if (leaves.every((leaf) => leaf.value === null)) {
    return "null";
  }
  switch (kind) {
    case "equals":
      return isEqualButForCase(matcher, leaves) ? "equal but for its case" : "not equal";
    case "number":
      return leaves.some(({ value }) => numericValue(value) !== undefined)
        ? "not in the range"
        : "not a number";
    case "cidr":
      return leaves.some((leaf) => leaf.address !== undefined) ? "not in the network" : "not an IP address";
    case "date":
      return leaves.some(({ value }) => parseMoment(value) !== undefined) ? "another time" : "not a date";
    case "fieldref":
      return other === undefined || other.count === 0 ? `no value in ${matcher.other}` : "not equal";
    default:
      return "does not match";
  }
}

function isEqualButForCase({ exact }: Matcher, leaves: readonly Leaf[]): boolean {
  return (
    exact?.cased === true &&
    leaves.some((leaf) => [...exact.texts].some((text) => text.toLowerCase() === leaf.text?.toLowerCase()))
  );
}
