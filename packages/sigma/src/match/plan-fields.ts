import type { EventView } from "../event/event-view.ts";
import type { Expression } from "../matchers/expression.ts";
import { type IndexedRule, mostRequired, smallestSplit } from "./rule-index.ts";

/** The fields at the top of an event by which rules are partly evaluated. */
export interface PlanFields {
  /** Their texts are part of a combination: the two that most rules require. For CloudTrail rules: eventSource and eventName. */
  readonly keys: readonly [string, string | undefined];
  /** That they are absent is part of a combination: the others that many rules ask for, as errorCode. */
  readonly optional: readonly string[];
}

const mostOptional = 8;

/** Undefined where no field of the event is required by enough rules. */
export function planFields(
  rules: readonly IndexedRule[],
  expressions: readonly Expression[],
  view: EventView,
): PlanFields | undefined {
  const isPlain = (name: string): boolean => {
    const { derived, path } = view.field(name);
    return derived === undefined && path.segments.length === 1;
  };
  const askedBy = new Map<string, number>();
  for (const expression of expressions) {
    for (const name of fieldsOf(expression)) {
      askedBy.set(name, (askedBy.get(name) ?? 0) + 1);
    }
  }
  const notPlain = [...askedBy.keys()].filter((name) => !isPlain(name));
  const first = mostRequired(rules, ({ equal }) => equal, new Set(notPlain));
  if (first === undefined) {
    return undefined;
  }
  const second = mostRequired(rules, ({ equal }) => equal, new Set(notPlain).add(first));
  const optional = [...askedBy]
    .filter(([name, count]) => count >= smallestSplit && isPlain(name) && name !== first && name !== second)
    .sort(([, left], [, right]) => right - left)
    .slice(0, mostOptional)
    .map(([name]) => name);
  return { keys: [first, second], optional };
}

function fieldsOf(expression: Expression, found = new Set<string>()): Set<string> {
  switch (expression.type) {
    case "matcher":
      for (const field of [expression.matcher.field, expression.matcher.other]) {
        if (field !== undefined) {
          found.add(field);
        }
      }
      break;
    case "not":
      fieldsOf(expression.child, found);
      break;
    case "and":
    case "or":
      for (const child of expression.children) {
        fieldsOf(child, found);
      }
      break;
    case "pending":
      break;
  }
  return found;
}
