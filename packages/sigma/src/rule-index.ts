import type { FieldState } from "./field-state.ts";
import type { Leaf } from "./leaf.ts";
import type { Requirements } from "./requirements.ts";

/** A rule in the index: its place in load order and what it requires of an event. */
export interface IndexedRule {
  readonly ordinal: number;
  readonly requirements: Requirements;
}

interface Branch {
  readonly field: FieldState;
  readonly buckets: Buckets;
}

/** The rules that may be true of an event that came this far, and the fields that decide about more of them. */
export interface IndexNode {
  readonly always: readonly number[];
  readonly branches: readonly Branch[];
}

const MOST_REMEMBERED = 4096;
const LONGEST_REMEMBERED = 256;

/** The next nodes of a branch by folded text. Remembers texts as events write them, because folding costs more. */
class Buckets {
  readonly #byFolded: ReadonlyMap<string, IndexNode>;
  readonly #byText = new Map<string, IndexNode | undefined>();

  constructor(byFolded: ReadonlyMap<string, IndexNode>) {
    this.#byFolded = byFolded;
  }

  get(leaf: Leaf): IndexNode | undefined {
    const { text } = leaf;
    if (text === undefined) {
      return undefined;
    }
    const known = this.#byText.get(text);
    if (known !== undefined || this.#byText.has(text)) {
      return known;
    }
    const node = this.#byFolded.get(leaf.folded as string);
    if (text.length <= LONGEST_REMEMBERED) {
      // The texts come from events: forgetting all of them now and then bounds the memory whatever is sent.
      if (this.#byText.size >= MOST_REMEMBERED) {
        this.#byText.clear();
      }
      this.#byText.set(text, node);
    }
    return node;
  }
}

/** Fewer rules than this are simply evaluated. */
const SMALLEST_SPLIT = 4;
/** Rules with several values are copied into several buckets: the depth bounds the copies. */
const DEEPEST_SPLIT = 4;

/**
 * Builds a decision tree over required values: each level looks at the field that most of its rules require, and puts
 * each rule under the values it requires. Rules that require nothing of the chosen fields are evaluated always, so
 * that the tree never hides a rule.
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
  const used = new Set(decided);
  let rest = rules;
  while (depth < DEEPEST_SPLIT) {
    const field = mostRequired(rest, used);
    if (field === undefined) {
      break;
    }
    used.add(field);
    const buckets = new Map<string, IndexedRule[]>();
    for (const rule of rest) {
      for (const text of rule.requirements.get(field) ?? []) {
        const bucket = buckets.get(text);
        if (bucket === undefined) {
          buckets.set(text, [rule]);
        } else {
          bucket.push(rule);
        }
      }
    }
    const inside = new Set(decided).add(field);
    branches.push({
      field: fieldOf(field),
      buckets: new Buckets(
        new Map([...buckets].map(([text, bucket]) => [text, buildIndex(bucket, fieldOf, depth + 1, inside)])),
      ),
    });
    rest = rest.filter((rule) => !rule.requirements.has(field));
  }
  return { always: rest.map((rule) => rule.ordinal), branches };
}

/** The field that most rules require, if splitting by it is worth a look-up. */
function mostRequired(rules: readonly IndexedRule[], used: ReadonlySet<string>): string | undefined {
  const counts = new Map<string, number>();
  for (const { requirements } of rules) {
    for (const field of requirements.keys()) {
      if (!used.has(field)) {
        counts.set(field, (counts.get(field) ?? 0) + 1);
      }
    }
  }
  let best: string | undefined;
  let bestCount = SMALLEST_SPLIT - 1;
  for (const [field, count] of counts) {
    if (count > bestCount) {
      best = field;
      bestCount = count;
    }
  }
  return best;
}

/** Calls `visit` with the ordinal of every rule that may be true; one that is in several buckets may come twice. */
export function visitCandidates(
  node: IndexNode,
  look: (field: FieldState) => FieldState,
  visit: (ordinal: number) => void,
): void {
  for (const ordinal of node.always) {
    visit(ordinal);
  }
  for (const { field, buckets } of node.branches) {
    const state = look(field);
    for (let index = 0; index < state.count; index++) {
      const bucket = buckets.get(state.leaves[index] as Leaf);
      if (bucket !== undefined) {
        visitCandidates(bucket, look, visit);
      }
    }
  }
}
