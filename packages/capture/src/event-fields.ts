import { PatternError } from "./errors.ts";
import type { Scalar } from "./value-matcher.ts";

/** Which element of which array a value sits in: a list from the innermost array outwards. */
export interface Membership {
  readonly array: number;
  readonly index: number;
  readonly outer: Membership | undefined;
  readonly depth: number;
}

export interface Field {
  readonly value: Scalar;
  readonly membership: Membership | undefined;
}

/** AWS's JSON parser stops at this nesting. */
const maximumNesting = 1_000;

interface PathNode {
  /** The whole path, when a pattern tests it. */
  readonly path: string | undefined;
  /** Event keys worth following from here. Event keys may hold dots, so every deeper path is also one key. */
  readonly steps: (readonly [key: string, node: PathNode])[];
}

/** Prepares a walk that collects the values at `paths` and nothing else, so that its cost follows the pattern. */
export function compilePaths(
  paths: Iterable<string>,
): (event: object) => ReadonlyMap<string, readonly Field[]> {
  const root = buildNode([...paths].map((path) => ({ path, rest: path.split(".") })));
  return (event) => collect(event, root);
}

function buildNode(wanted: readonly { path: string; rest: readonly string[] }[]): PathNode {
  const here = wanted.find(({ rest }) => rest.length === 0)?.path;
  const deeper = new Map<string, { path: string; rest: readonly string[] }[]>();
  for (const { path, rest } of wanted) {
    for (let taken = 1; taken <= rest.length; taken += 1) {
      const key = rest.slice(0, taken).join(".");
      const list = deeper.get(key) ?? [];
      list.push({ path, rest: rest.slice(taken) });
      deeper.set(key, list);
    }
  }
  return { path: here, steps: [...deeper].map(([key, list]) => [key, buildNode(list)] as const) };
}

function collect(event: object, root: PathNode): ReadonlyMap<string, readonly Field[]> {
  const fields = new Map<string, Field[]>();
  const pending: { value: unknown; node: PathNode; membership: Membership | undefined }[] = [
    { value: event, node: root, membership: undefined },
  ];
  let arrays = 0;
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { value, node, membership } = item;
    if (Array.isArray(value)) {
      const array = arrays;
      arrays += 1;
      const depth = (membership?.depth ?? 0) + 1;
      if (depth > maximumNesting) {
        throw new PatternError(
          "event-too-deep",
          "",
          `the event is nested deeper than ${maximumNesting} arrays`,
        );
      }
      for (const [index, element] of value.entries()) {
        const nested = typeof element === "object" && element !== null;
        // A plain element belongs to no element of its own array: AWS lets it combine with any sibling.
        const inside = nested ? { array, index, outer: membership, depth } : membership;
        pending.push({ value: element, node, membership: inside });
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [key, next] of node.steps) {
        if (Object.hasOwn(value, key)) {
          pending.push({ value: (value as Record<string, unknown>)[key], node: next, membership });
        }
      }
    } else if (node.path !== undefined && isScalar(value)) {
      const list = fields.get(node.path);
      if (list === undefined) fields.set(node.path, [{ value, membership }]);
      else list.push({ value, membership });
    }
  }
  return fields;
}

function isScalar(value: unknown): value is Scalar {
  return (
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"
  );
}
