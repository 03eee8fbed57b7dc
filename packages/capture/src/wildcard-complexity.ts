/**
 * How much work the wildcards of one field can make for AWS, in AWS's own measure: the largest number of wildcard
 * prefixes that one value can match at the same time. Of `a*b` these are `"a`, `"a*`, `"a*b` and `"a*b"`, quotes
 * included, because Ruler compares values with them; the value `ab` matches the second and third after its last letter.
 *
 * It is measured as Ruler measures it (MachineComplexityEvaluator): the wildcards become one automaton over bytes, and
 * every set of states that some value reaches is looked at.
 */
export interface WildcardGroup {
  /** The literal parts between the `*` of each wildcard of one operator. */
  readonly wildcards: readonly (readonly string[])[];
}

interface State {
  readonly byByte: Map<number, number[]>;
  /** Stays reached whatever follows: the state after a `*`. */
  readonly stays: boolean;
  /** States that are reached together with this one, because `*` may match nothing. */
  readonly alongside: number[];
}

/** Enough for every set that stays under AWS's limit; beyond it a pattern is too complex anyway. */
const maximumSets = 20_000;
const quote = 0x22;
const star = -1;

/** @returns the complexity, or `limit + 1` as soon as it is known to be larger than the limit. */
export function wildcardComplexity(groups: readonly WildcardGroup[], limit: number): number {
  const states = buildStates(groups);
  const alphabet = new Set(states.flatMap(({ byByte }) => [...byByte.keys()]));
  const anyOther = 0x100;
  const start = [0];
  const seen = new Set(["0"]);
  let largest = 0;
  for (let pending = [start]; pending.length > 0; ) {
    const next: number[][] = [];
    for (const reached of pending) {
      for (const byte of [...alphabet, anyOther]) {
        const set = step(states, reached, byte);
        largest = Math.max(largest, set.length);
        if (largest > limit || seen.size > maximumSets) return limit + 1;
        const key = set.join();
        if (set.length === 0 || seen.has(key)) continue;
        seen.add(key);
        next.push(set);
      }
    }
    pending = next;
  }
  return largest;
}

function buildStates(groups: readonly WildcardGroup[]): readonly State[] {
  const states: State[] = [{ byByte: new Map(), stays: false, alongside: [] }];
  const add = (stays: boolean): number => states.push({ byByte: new Map(), stays, alongside: [] }) - 1;
  for (const { wildcards } of groups) {
    // Wildcards of one operator share what they begin with up to their first star, and their end.
    const shared = new Map<string, number>();
    let end: number | undefined;
    for (const wildcard of new Set(wildcards.map((parts) => JSON.stringify(parts)))) {
      const tokens = tokensOf(JSON.parse(wildcard) as readonly string[]);
      let current = 0;
      let prefix: string | undefined = "";
      for (const [position, token] of tokens.entries()) {
        const isLast = position === tokens.length - 1;
        if (prefix !== undefined) prefix += `,${token}`;
        const known = isLast ? end : prefix === undefined ? undefined : shared.get(prefix);
        const next = known ?? add(token === star);
        if (isLast) end = next;
        else if (prefix !== undefined) shared.set(prefix, next);
        link(states, current, token, next);
        if (token === star) prefix = undefined;
        current = next;
      }
    }
  }
  return states;
}

function link(states: readonly State[], from: number, token: number, to: number): void {
  const state = states[from];
  if (state === undefined) return;
  if (token === star) {
    if (!state.alongside.includes(to)) state.alongside.push(to);
    return;
  }
  const targets = state.byByte.get(token) ?? [];
  if (!targets.includes(to)) targets.push(to);
  state.byByte.set(token, targets);
}

function step(states: readonly State[], reached: readonly number[], byte: number): number[] {
  const set = new Set<number>();
  for (const index of reached) {
    const state = states[index];
    if (state === undefined) continue;
    if (state.stays) set.add(index);
    for (const target of state.byByte.get(byte) ?? []) set.add(target);
  }
  for (const index of set) for (const target of states[index]?.alongside ?? []) set.add(target);
  return [...set].sort((left, right) => left - right);
}

const encoder = new TextEncoder();

function tokensOf(parts: readonly string[]): readonly number[] {
  return [
    quote,
    ...parts.flatMap((part, index) => [...(index === 0 ? [] : [star]), ...encoder.encode(part)]),
    quote,
  ];
}
