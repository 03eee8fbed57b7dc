import type { Position } from "../problems/problem.ts";

/** A reference to a rule by its id or name (or, with a warning, by its title), where it stands. */
export interface RuleReference {
  readonly rule: string;
  readonly at: Position;
}
