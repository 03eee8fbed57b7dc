import type { FieldState } from "../event/field-state.ts";
import type { Leaf } from "../event/leaf.ts";
import type { Requirements, TextsByField } from "./requirements.ts";
import { SubstringIndex } from "./substring-index.ts";
import { TextMemo } from "./text-memo.ts";

/** A rule in the index: its place in load order and what it requires of an event. */
export interface IndexedRule {
  readonly ordinal: number;
  readonly requirements: Requirements;
}

interface Branch {
  readonly field: FieldState;
  readonly buckets: Buckets;
}

interface Search {
  readonly field: FieldState;
  readonly index: SubstringIndex;
}

/** The rules that may be true of an event that came this far, and the fields that decide about more of them. */
export interface IndexNode {
  readonly always: readonly number[];
  readonly branches: readonly Branch[];
  readonly searches: readonly Search[];
}

const mostRememberedAtRoot = 4096;
const mostRememberedBelow = 64;
const longestRemembered = 128;

/** The next nodes of a branch by folded text. Remembers texts as events write them, because folding costs more. */
class Buckets {
  readonly #byFolded: ReadonlyMap<string, IndexNode>;
  /** Null: known to lead nowhere. */
  readonly #byText: TextMemo<IndexNode | null>;
  /** The lengths that texts of the branch have: another length is told apart without hashing the text. */
  readonly #lengths = new Uint8Array(longestRemembered + 1);

  constructor(byFolded: ReadonlyMap<string, IndexNode>, depth: number) {
    this.#byFolded = byFolded;
    const most = depth === 0 ? mostRememberedAtRoot : mostRememberedBelow;
    this.#byText = new TextMemo(most, longestRemembered);
    for (const text of byFolded.keys()) {
      this.#lengths[Math.min(text.length, longestRemembered)] = 1;
    }
  }

  get(leaf: Leaf): IndexNode | undefined {
    const { text } = leaf;
    if (text === undefined || this.#lengths[Math.min(text.length, longestRemembered)] === 0) {
      return undefined;
    }
    const known = this.#byText.get(text);
    if (known !== undefined) {
      return known ?? undefined;
    }
    const node = this.#byFolded.get(leaf.folded as string);
    this.#byText.set(text, node ?? null);
    return node;
  }
}

/** Fewer rules than this are simply evaluated. */
export const smallestSplit = 4;
const smallestSearch = 6;
/** Rules with several values are copied into several buckets: the depth bounds the copies. */
const deepestSplit = 4;

/**
 * Builds a decision tree over required values: each level looks at the field that most of its rules require, and puts
 * each rule under the values it requires. Rules that require no value, but a text inside one, are found by a search
 * for all such texts at once. What requires neither is evaluated always, so that the tree never hides a rule.
 *
 * The fields are chosen from the rules and not given: for CloudTrail rules the choice is eventName and eventSource.
 */
export function buildIndex(
  rules: readonly IndexedRule[],
  fieldOf: (name: string) => FieldState,
  depth = 0,
  decided: ReadonlySet<string> = new Set(),
): IndexNode {
  const branches: Branch[] = [];
  const searches: Search[] = [];
  const used = new Set(decided);
  let rest = rules;
  while (depth < deepestSplit) {
    const field = mostRequired(rest, ({ equal }) => equal, used);
    if (field === undefined) {
      break;
    }
    used.add(field);
    branches.push({ field: fieldOf(field), buckets: split(rest, field, fieldOf, depth, decided) });
    rest = rest.filter(({ requirements }) => !requirements.equal.has(field));
  }
  while (true) {
    // What equality decided on the way here is not looked for a second time.
    const field = mostRequired(rest, ({ contain }) => contain, decided, smallestSearch);
    if (field === undefined) {
      break;
    }
    const literals = rest.flatMap(({ ordinal, requirements }): [number, ReadonlySet<string>][] => {
      const texts = requirements.contain.get(field);
      return texts === undefined ? [] : [[ordinal, texts]];
    });
    searches.push({ field: fieldOf(field), index: new SubstringIndex(new Map(literals)) });
    rest = rest.filter(({ requirements }) => !requirements.contain.has(field));
  }
  return { always: rest.map(({ ordinal }) => ordinal), branches, searches };
}

function split(
  rules: readonly IndexedRule[],
  field: string,
  fieldOf: (name: string) => FieldState,
  depth: number,
  decided: ReadonlySet<string>,
): Buckets {
  const buckets = new Map<string, IndexedRule[]>();
  for (const rule of rules) {
    for (const text of rule.requirements.equal.get(field) ?? []) {
      const bucket = buckets.get(text);
      if (bucket === undefined) {
        buckets.set(text, [rule]);
      } else {
        bucket.push(rule);
      }
    }
  }
  const inside = new Set(decided).add(field);
  const nodes = [...buckets].map(([text, bucket]): [string, IndexNode] => [
    text,
    buildIndex(bucket, fieldOf, depth + 1, inside),
  ]);
  return new Buckets(new Map(nodes), depth);
}

/** The field that most rules require in the given way, if splitting by it is worth a look-up. */
export function mostRequired(
  rules: readonly IndexedRule[],
  way: (requirements: Requirements) => TextsByField,
  used: ReadonlySet<string>,
  smallest = smallestSplit,
): string | undefined {
  const counts = new Map<string, number>();
  for (const { requirements } of rules) {
    for (const field of way(requirements).keys()) {
      if (!used.has(field)) {
        counts.set(field, (counts.get(field) ?? 0) + 1);
      }
    }
  }
  let best: string | undefined;
  let bestCount = smallest - 1;
  for (const [field, count] of counts) {
    if (count > bestCount) {
      best = field;
      bestCount = count;
    }
  }
  return best;
}

/**
 * Calls `visit` with the ordinal of every rule that may be true; some come twice. Loops by index, because this runs for
 * every event and a recursive function keeps the iterators of `for ... of` on the heap.
 */
export function visitCandidates(
  node: IndexNode,
  look: (field: FieldState) => FieldState,
  visit: (ordinal: number) => void,
): void {
  const { always, branches, searches } = node;
  for (let index = 0; index < always.length; index++) {
    visit(always[index] as number);
  }
  for (let index = 0; index < branches.length; index++) {
    const { field, buckets } = branches[index] as Branch;
    const { leaves, count } = look(field);
    for (let leaf = 0; leaf < count; leaf++) {
      const bucket = buckets.get(leaves[leaf] as Leaf);
      if (bucket !== undefined) {
        visitCandidates(bucket, look, visit);
      }
    }
  }
  for (let index = 0; index < searches.length; index++) {
    const search = searches[index] as Search;
    search.index.visit(look(search.field), visit);
  }
}

/** Where known fields of an event lead to: the rules that may be true, and what looks at other fields before it knows. */
export interface KnownPart {
  readonly candidates: readonly number[];
  readonly others: readonly IndexNode[];
}

/** Follows an index as far as known fields lead: those that have one text, or are absent. */
export function followKnown(
  node: IndexNode,
  known: ReadonlySet<string>,
  look: (field: FieldState) => FieldState,
): KnownPart {
  const isKnown = ({ field }: Branch | Search): boolean => known.has(field.path.name);
  const candidates = [...node.always];
  const others: IndexNode[] = [];
  for (const { field, buckets } of node.branches.filter(isKnown)) {
    const [leaf] = look(field).leaves.slice(0, field.count);
    const bucket = leaf === undefined ? undefined : buckets.get(leaf);
    if (bucket !== undefined) {
      const below = followKnown(bucket, known, look);
      candidates.push(...below.candidates);
      others.push(...below.others);
    }
  }
  for (const { field, index } of node.searches.filter(isKnown)) {
    index.visit(look(field), (ordinal) => candidates.push(ordinal));
  }
  const branches = node.branches.filter((branch) => !isKnown(branch));
  const searches = node.searches.filter((search) => !isKnown(search));
  if (branches.length > 0 || searches.length > 0) {
    // Without `always`: these rules are among the candidates.
    others.push({ always: [], branches, searches });
  }
  return { candidates: [...new Set(candidates)], others };
}
