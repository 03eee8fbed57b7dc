import type { FieldPath } from "./field-path.ts";
import type { Implied } from "./implied.ts";
import type { JsonObject } from "./json.ts";
import { Leaf } from "./leaf.ts";

/** How many leaves are kept for reuse: one event with a long list must not hold memory for ever. */
const mostKeptLeaves = 64;

/** A field at the root that is computed from the event, with its value for event number `epoch`. */
export interface DerivedRoot {
  readonly compute: (event: JsonObject) => unknown;
  /** What only events with the root have, where that is known. */
  readonly implied?: Implied;
  /** By name below the root, the fields of the event that decide its value, where that is known. */
  readonly dependsOn?: ReadonlyMap<string, readonly string[]>;
  /** By name below the root, the name that conditions test instead. */
  readonly testedAs?: ReadonlyMap<string, string>;
  epoch: number;
  value: unknown;
}

/**
 * What one field of the current event resolved to.
 *
 * Reused from event to event together with its leaves, so that an event that matches nothing allocates nothing here. Only the first `count` leaves belong to the current event; whatever comes after them is left over from earlier ones.
 */
export class FieldState {
  readonly path: FieldPath;
  /** The computed root the field lies under, if it does. */
  readonly derived: DerivedRoot | undefined;
  /** The number of the event that this was resolved for. */
  epoch = 0;
  /** Whether the path leads to anything at all. JSON null and an empty array do count. */
  exists = false;
  /** How many of `leaves` belong to this event. */
  count = 0;
  /** The values: one for a scalar or an object, each member for an array. */
  readonly leaves: Leaf[] = [];

  constructor(path: FieldPath, derived?: DerivedRoot) {
    this.path = path;
    this.derived = derived;
  }

  clear(): void {
    this.exists = false;
    this.count = 0;
    if (this.leaves.length > mostKeptLeaves) {
      this.leaves.length = mostKeptLeaves;
    }
  }

  push(value: unknown): void {
    let leaf = this.leaves[this.count];
    if (leaf === undefined) {
      leaf = new Leaf();
      this.leaves.push(leaf);
    }
    leaf.reset(value);
    this.count++;
  }
}
