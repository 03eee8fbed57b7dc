import type { Expression } from "./expression.ts";
import { fold } from "./fold.ts";

/** For some fields, the folded texts of which an event must have one for the expression to be true. */
export type Requirements = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING: Requirements = new Map();

/** A longer list of alternatives narrows too little to be worth its place in the index. */
const MOST_VALUES = 256;

/**
 * What an event must have for an expression to be true: a necessary condition, never a sufficient one. Only equality
 * with texts counts; a value that may also be met as a number (`1` and `1.0`) is left out, because a look-up by text
 * would miss it.
 */
export function requirementsOf(expression: Expression): Requirements {
  switch (expression.type) {
    case "test": {
      const { field, exact } = expression.test;
      if (field === undefined || exact === undefined || exact.numeric || exact.texts.size > MOST_VALUES) {
        return NOTHING;
      }
      const texts = exact.cased ? new Set([...exact.texts].map(fold)) : exact.texts;
      return new Map([[field, texts]]);
    }
    case "and":
      return every(expression.children.map(requirementsOf));
    case "or":
      return some(expression.children.map(requirementsOf));
    case "not":
    case "pending":
      return NOTHING;
  }
}

/** All must hold: for each field the narrowest list. (Not the intersection: a list in the event may satisfy both.) */
function every(all: readonly Requirements[]): Requirements {
  const narrowest = new Map<string, ReadonlySet<string>>();
  for (const requirements of all) {
    for (const [field, texts] of requirements) {
      const known = narrowest.get(field);
      if (known === undefined || texts.size < known.size) {
        narrowest.set(field, texts);
      }
    }
  }
  return narrowest;
}

/** One must hold: only fields that every alternative requires, with the texts of all of them. */
function some(all: readonly Requirements[]): Requirements {
  const [first, ...others] = all;
  const union = new Map<string, ReadonlySet<string>>();
  for (const [field, texts] of first ?? NOTHING) {
    let joined: ReadonlySet<string> | undefined = texts;
    for (const other of others) {
      const more = other.get(field);
      joined = more === undefined || joined === undefined ? undefined : joined.union(more);
    }
    if (joined !== undefined && joined.size <= MOST_VALUES) {
      union.set(field, joined);
    }
  }
  return union;
}
