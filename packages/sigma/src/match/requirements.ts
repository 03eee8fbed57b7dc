import type { Implied } from "../event/implied.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import { fold } from "../text/fold.ts";

/** For some fields, folded texts of which an event must have one. */
export type TextsByField = ReadonlyMap<string, ReadonlySet<string>>;

/** What an event must have for an expression to be true: necessary conditions, never sufficient ones. */
export interface Requirements {
  /** A value of the field must equal one of the texts. */
  readonly equal: TextsByField;
  /** A value of the field must contain one of the texts, each at least `shortestLiteral` long. */
  readonly contain: TextsByField;
}

const none: TextsByField = new Map();
const nothing: Requirements = { equal: none, contain: none };

/** A longer list of alternatives narrows too little to be worth a place in the index. */
const mostValues = 256;
/** The index looks up pieces of this length, so it cannot find a shorter literal. */
export const shortestLiteral = 4;

/** @param impliedBy what the presence of a field implies, if anything. */
export function requirementsOf(
  expression: Expression,
  impliedBy: (field: string) => Implied | undefined = () => undefined,
): Requirements {
  switch (expression.type) {
    case "matcher":
      return ofMatcher(expression.matcher, impliedBy);
    case "and": {
      const all = expression.children.map((child) => requirementsOf(child, impliedBy));
      return {
        equal: every(all.map(({ equal }) => equal)),
        contain: every(all.map(({ contain }) => contain)),
      };
    }
    case "or": {
      const equal = new Alternatives();
      const contain = new Alternatives();
      for (const child of expression.children) {
        const one = requirementsOf(child, impliedBy);
        const isNarrowed = [equal.add(one.equal), contain.add(one.contain)].includes(true);
        // Lists may be of any length; the rest of one that already narrows nothing is skipped.
        if (!isNarrowed) {
          return nothing;
        }
      }
      return { equal: equal.texts, contain: contain.texts };
    }
    case "not":
    case "pending":
      return nothing;
  }
}

function ofMatcher(matcher: Matcher, impliedBy: (field: string) => Implied | undefined): Requirements {
  const { field, kind } = matcher;
  if (field === undefined) {
    return nothing;
  }
  const own = ofValues(field, matcher);
  const implied = kind === "null" || kind === "exists" ? undefined : impliedBy(field);
  return implied === undefined
    ? own
    : { ...own, equal: every([own.equal, new Map([[implied.field, implied.texts]])]) };
}

function ofValues(field: string, { exact, literal }: Matcher): Requirements {
  if (exact === undefined) {
    const contained = literal === undefined ? [] : [literal];
    return { equal: none, contain: entry(field, new Set(contained), true) };
  }
  // Left out where the event may write the value as a number (`1` and `1.0`): a look-up by text would miss it.
  if (exact.numeric) {
    return nothing;
  }
  const texts = exact.cased ? new Set([...exact.texts].map(fold)) : exact.texts;
  return { equal: entry(field, texts, false), contain: entry(field, texts, true) };
}

function entry(field: string, texts: ReadonlySet<string>, mustBeLong: boolean): TextsByField {
  const isUsable =
    texts.size > 0 &&
    texts.size <= mostValues &&
    (!mustBeLong || [...texts].every((text) => text.length >= shortestLiteral));
  return isUsable ? new Map([[field, texts]]) : none;
}

/** All must hold: for each field the narrowest list. (Not the intersection: a list in the event may satisfy both.) */
function every(all: readonly TextsByField[]): TextsByField {
  const narrowest = new Map<string, ReadonlySet<string>>();
  for (const requirements of all) {
    for (const [field, texts] of requirements) {
      const known = narrowest.get(field);
      if (
        known === undefined ||
        texts.size < known.size ||
        (texts.size === known.size && isLonger(texts, known))
      ) {
        narrowest.set(field, texts);
      }
    }
  }
  return narrowest;
}

function shortest(texts: ReadonlySet<string>) {
  return Math.min(...[...texts].map((text) => text.length));
}
function isLonger(left: ReadonlySet<string>, right: ReadonlySet<string>) {
  return shortest(left) > shortest(right);
}

/** One must hold: only fields that every alternative requires, with the texts of all of them. */
class Alternatives {
  #texts: Map<string, Set<string>> | undefined;

  get texts(): TextsByField {
    return this.#texts ?? none;
  }

  /** Adds an alternative. Returns whether any field is still required by all of them. */
  add(alternative: TextsByField): boolean {
    if (this.#texts === undefined) {
      this.#texts = new Map([...alternative].map(([field, texts]) => [field, new Set(texts)]));
    } else {
      for (const [field, joined] of this.#texts) {
        const more = alternative.get(field);
        for (const text of more ?? []) {
          joined.add(text);
        }
        if (more === undefined || joined.size > mostValues) {
          this.#texts.delete(field);
        }
      }
    }
    return this.#texts.size > 0;
  }
}
