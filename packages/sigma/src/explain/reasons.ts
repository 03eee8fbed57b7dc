import { EventView } from "../event/event-view.ts";
import type { FieldState } from "../event/field-state.ts";
import { isContainer, type JsonObject } from "../event/json.ts";
import type { Leaf } from "../event/leaf.ts";
import type { Program } from "../match/program.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Denial, Matcher } from "../matchers/matcher.ts";
import { quotedShort, showText } from "../text/show-text.ts";
import { type DecisivePart, decisiveParts } from "./decisive-parts.ts";

export interface ReasonOptions {
  /**
   * Makes a copy of the event without what must not be shown, such as secrets. Where a condition holds because a field has
   * another value, its line quotes that value from the copy. Called at most once, and only if some line quotes.
   */
  readonly redact?: (event: JsonObject) => JsonObject;
}

const mostLines = 20;
/** Of a list in the rule, and of the values in the event. */
const mostQuoted = 3;
const longestName = 80;

/**
 * Why an expression is true of the program's current event, one line for each matcher that decided it, each line once:
 * what was true comes first, then what was true because something is not so. Empty where the expression is false.
 */
export function reasonsOf(expression: Expression, program: Program, options: ReasonOptions = {}): string[] {
  const parts = decisiveParts(expression, program);
  const affirmed = parts.filter(({ verdict }) => verdict).map((part) => affirmation(part, program));
  const quotes = new Quotes(program, options);
  const denied = deniedTogether(parts).map((together) => denial(together, quotes));
  const lines = [...new Set([...affirmed, ...denied])];
  const more = lines.length - mostLines + 1;
  return more > 1 ? [...lines.slice(0, -more), `and ${more} more conditions`] : lines;
}

/** `eventName = CreateChannel`; of a selection that decided by being true under `not`s, its name as well. */
function affirmation({ matcher, deniedSelection }: DecisivePart, program: Program): string {
  const { field, text, exact } = matcher;
  const state = program.question(matcher).look();
  const seen = state.count === 1 ? state.leaves[0]?.text : undefined;
  const prefix = prefixOf(deniedSelection);
  if (exact !== undefined && seen !== undefined) {
    return showText(`${prefix}${field} = ${seen === "" ? '""' : seen}`);
  }
  return showText(`${prefix}${field ?? "any value"} ${text}`);
}

/** False matchers that ask the same of one field: a list of forty words is one reason, not forty. */
interface Together {
  readonly deniedSelection: string | undefined;
  readonly matcher: Matcher;
  readonly verb: string;
  readonly compared: string[];
  count: number;
}

function deniedTogether(parts: readonly DecisivePart[]): Together[] {
  const groups = new Map<string, Together>();
  const counted = new Set<string>();
  for (const { matcher, verdict, deniedSelection } of parts) {
    if (verdict) {
      continue;
    }
    const { verb, compared, count }: Denial = matcher.denial();
    const key = JSON.stringify([deniedSelection, matcher.field, verb, matcher.other]);
    const group = groups.get(key) ?? { deniedSelection, matcher, verb, compared: [], count: 0 };
    groups.set(key, group);
    const own = `${key} ${matcher.key}`;
    if (!counted.has(own)) {
      counted.add(own);
      group.compared.push(...compared.slice(0, mostQuoted - group.compared.length));
      group.count += count;
    }
  }
  return [...groups.values()];
}

/** `not own_account: recipientAccountId is not "111122223333" (it is "444455556666")`. */
function denial({ deniedSelection, matcher, verb, compared, count }: Together, quotes: Quotes): string {
  const { field, other } = matcher;
  const subject = field === undefined ? "no value" : showText(field, longestName);
  const said = `${prefixOf(deniedSelection)}${subject} ${verb}`;
  // Keywords look at the whole event, and after `is absent` there is nothing to quote.
  const seen = field === undefined || verb === "is absent" ? undefined : quotes.of(field);
  const against = other === undefined ? undefined : quotes.of(other);
  return [
    said,
    ...(count === 0 ? [] : [listed(compared, count)]),
    ...(against === undefined ? [] : [`(which ${against})`]),
    ...(seen === undefined ? [] : [`(it ${seen})`]),
  ].join(" ");
}

function prefixOf(selection: string | undefined): string {
  return selection === undefined ? "" : `not ${showText(selection, longestName)}: `;
}

function listed(shown: readonly string[], count: number): string {
  const more = count - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The values of fields in words, from the event or its redacted copy. Derived fields are the host's own. */
class Quotes {
  readonly #program: Program;
  readonly #redact: ReasonOptions["redact"];
  #copy: EventView | undefined;

  constructor(program: Program, { redact }: ReasonOptions) {
    this.#program = program;
    this.#redact = redact;
  }

  /** `is absent`, `is "x"`, `has "x", "y" and 4 more`. */
  of(field: string): string {
    const { view } = this.#program;
    const real = view.look(view.field(field));
    if (!real.exists) {
      return "is absent";
    }
    const state = real.derived === undefined ? this.#redacted(field, real) : real;
    if (state.count === 0) {
      // The copy may be bounded and lack what the event has.
      return real.count === 0 ? "is an empty list" : "is present";
    }
    const shown = state.leaves.slice(0, Math.min(state.count, mostQuoted)).map(quote);
    return `${state.count === 1 ? "is" : "has"} ${listed(shown, state.count)}`;
  }

  #redacted(field: string, real: FieldState): FieldState {
    if (this.#redact === undefined) {
      return real;
    }
    if (this.#copy === undefined) {
      this.#copy = new EventView({});
      this.#copy.begin(this.#redact(this.#program.view.event));
    }
    return this.#copy.look(this.#copy.field(field));
  }
}

function quote({ value, text }: Leaf): string {
  if (typeof value === "string") {
    return quotedShort(value);
  }
  return isContainer(value) ? "an object" : (text ?? "null");
}
