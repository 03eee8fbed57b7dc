import type { FieldPath } from "./field-path.ts";
import { Leaf } from "./leaf.ts";

/** Leaves kept for reuse; an event with a longer list must not hold memory for ever. */
const MOST_KEPT_LEAVES = 64;

/** What one field of the current event resolved to. Reused from event to event. */
export class FieldState {
  readonly path: FieldPath;
  /** The event this was resolved for, by its number. */
  epoch = 0;
  /** Whether the path leads to anything at all; JSON null and the empty array count. */
  exists = false;
  /** How many of `leaves` belong to this event. */
  count = 0;
  /** The values: one for a scalar or an object, each member for an array. */
  readonly leaves: Leaf[] = [];

  constructor(path: FieldPath) {
    this.path = path;
  }

  clear(): void {
    this.exists = false;
    this.count = 0;
    if (this.leaves.length > MOST_KEPT_LEAVES) {
      this.leaves.length = MOST_KEPT_LEAVES;
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
