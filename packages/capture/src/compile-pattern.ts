import { PatternError } from "./errors.ts";
import { compilePaths, type Field, type Membership } from "./event-fields.ts";
import { type Alternative, parsePattern } from "./parse-pattern.ts";
import { parsePatternText } from "./pattern-text.ts";
import type { FieldMatcher } from "./value-matcher.ts";

/** The most characters EventBridge takes for the pattern of a rule. */
export const maximumPatternCharacters = 2_048;

/** True when the event matches. @throws PatternError (`event-too-deep`) for an event AWS's parser would reject too. */
export type EventMatcher = (event: unknown) => boolean;

export interface PatternOptions {
  /** Default {@link maximumPatternCharacters}. */
  readonly maximumCharacters?: number;
}

/**
 * Compiles an EventBridge event pattern with the semantics of AWS's open-source Ruler 2.1.0.
 *
 * Numbers are compared as JSON.parse gives them (doubles): `1`, `1.0` and `1e0` are one number, and integers beyond
 * 2^53 lose their last digits, which Ruler would keep.
 *
 * @example
 * const matches = compilePattern({ source: ["aws.ivs"], detail: { eventName: [{ prefix: "Delete" }] } });
 * matches({ source: "aws.ivs", detail: { eventName: "DeleteChannel" } }); // true
 *
 * @param pattern the parsed JSON of the pattern
 * @throws PatternError when EventBridge would reject the pattern
 */
export function compilePattern(pattern: unknown, options: PatternOptions = {}): EventMatcher {
  const alternatives = parsePattern(pattern);
  checkLength(JSON.stringify(pattern), options);
  return matcherOf(alternatives);
}

/**
 * Compiles the text of a pattern. Rejects also what JSON.parse hides: names written twice and numbers that it rounds.
 *
 * @throws PatternError when EventBridge would reject the pattern
 */
export function compilePatternText(text: string, options: PatternOptions = {}): EventMatcher {
  checkLength(text, options);
  return matcherOf(parsePattern(parsePatternText(text)));
}

function checkLength(text: string, { maximumCharacters = maximumPatternCharacters }: PatternOptions): void {
  if (text.length <= maximumCharacters) return;
  throw new PatternError(
    "too-long",
    "",
    `the pattern has ${text.length} characters of JSON and a rule takes ${maximumCharacters}; split it into several rules`,
  );
}

function matcherOf(alternatives: readonly Alternative[]): EventMatcher {
  const collect = compilePaths(new Set(alternatives.flatMap((alternative) => [...alternative.keys()])));
  const sorted = alternatives.map(inFieldOrder);
  return (event) => {
    if (typeof event !== "object" || event === null || Array.isArray(event)) return false;
    const fields = collect(event);
    return sorted.some((alternative) => matchesAlternative(alternative, fields));
  };
}

/** AWS looks at fields in the order of their names; with `exists: false` inside arrays that order is visible. */
function inFieldOrder(alternative: Alternative): readonly (readonly [string, FieldMatcher])[] {
  return [...alternative].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

interface Choice {
  /** Values that pass a test of this path. */
  readonly passing: readonly Field[];
  /** All values, when the path's absence is acceptable. */
  readonly present: readonly Field[] | undefined;
}

function matchesAlternative(
  alternative: readonly (readonly [string, FieldMatcher])[],
  fields: ReadonlyMap<string, readonly Field[]>,
): boolean {
  const choices: Choice[] = [];
  const absenceMatters = alternative.some(([, test]) => test.absent);
  for (const [path, test] of alternative) {
    const present = fields.get(path) ?? [];
    const passing = present.filter(({ value }) => test.values.some((matches) => matches(value)));
    // A value outside every array constrains nothing, so it is the best choice, unless being bound to an element
    // would make another field absent. A field that is nowhere is absent everywhere.
    const free = !absenceMatters && passing.some(({ membership }) => membership === undefined);
    if (free || (test.absent && present.length === 0)) continue;
    if (passing.length === 0 && !test.absent) return false;
    choices.push({ passing, present: test.absent ? present : undefined });
  }
  return choices.length === 0 || searchConsistent(choices);
}

type Chosen = ReadonlyMap<number, number>;

/**
 * Looks for one value per path such that no array is used with two different elements. Depth first; a state that failed
 * is not tried again, and a state keeps only the arrays that later paths can meet, so unrelated arrays do not multiply.
 */
function searchConsistent(choices: readonly Choice[]): boolean {
  const laterArrays = choices.map((_, position) => arraysIn(choices.slice(position)));
  const failed = new Set<string>();
  const search = (position: number, chosen: Chosen): boolean => {
    const choice = choices[position];
    if (choice === undefined) return true;
    const relevant = [...chosen].filter(([array]) => laterArrays[position]?.has(array));
    const state = `${position}:${relevant.sort(([left], [right]) => left - right).join(";")}`;
    if (failed.has(state)) return false;
    for (const field of choice.passing) {
      const next = extend(chosen, field.membership);
      if (next !== undefined && search(position + 1, next)) return true;
    }
    const absent =
      choice.present?.every(({ membership }) => extend(chosen, membership) === undefined) ?? false;
    if (absent && search(position + 1, chosen)) return true;
    failed.add(state);
    return false;
  };
  return search(0, new Map());
}

function arraysIn(choices: readonly Choice[]): ReadonlySet<number> {
  const arrays = new Set<number>();
  for (const { passing, present } of choices) {
    for (const { membership } of [...passing, ...(present ?? [])]) {
      for (let at = membership; at !== undefined; at = at.outer) arrays.add(at.array);
    }
  }
  return arrays;
}

function extend(chosen: Chosen, membership: Membership | undefined): Chosen | undefined {
  let next: Map<number, number> | undefined;
  for (let at = membership; at !== undefined; at = at.outer) {
    const index = chosen.get(at.array);
    if (index === undefined) {
      next ??= new Map(chosen);
      next.set(at.array, at.index);
    } else if (index !== at.index) return undefined;
  }
  return next ?? chosen;
}
