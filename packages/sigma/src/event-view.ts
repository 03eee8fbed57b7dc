import type { FieldPath } from "./field-path.ts";
import { resolve } from "./field-path.ts";
import { FieldState } from "./field-state.ts";
import { type JsonObject, visitScalars } from "./json.ts";

/** Top-level fields computed from the event instead of read from it. */
export type DerivedFields = Readonly<Record<string, (event: JsonObject) => unknown>>;

const NO_EVENT: JsonObject = Object.freeze({});

/**
 * The current event as rules see it: each field resolved at most once, each derived root computed at most once and
 * only when a field below it is read. What was resolved is marked with the event's number, so that moving to the
 * next event costs one addition.
 */
export class EventView {
  event: JsonObject = NO_EVENT;
  /** The number of the current event; tests mark their memo with it. */
  epoch = 0;
  readonly #paths: FieldPath[] = [];
  readonly #slots = new Map<string, number>();
  readonly #states: FieldState[] = [];
  readonly #resolvedIn: number[] = [];
  readonly #derived: ReadonlyMap<string, (event: JsonObject) => unknown>;
  readonly #derivedValues = new Map<string, { epoch: number; value: unknown }>();
  readonly #keywords = new FieldState();
  #keywordsIn = 0;

  constructor(derived: DerivedFields) {
    this.#derived = new Map(Object.entries(derived));
  }

  /** The slot of a field; the same name has the same slot. */
  slot(path: FieldPath): number {
    let slot = this.#slots.get(path.name);
    if (slot === undefined) {
      slot = this.#paths.length;
      this.#slots.set(path.name, slot);
      this.#paths.push(path);
      this.#states.push(new FieldState());
      this.#resolvedIn.push(0);
    }
    return slot;
  }

  isDerived(path: FieldPath): boolean {
    return this.#derived.has(path.segments[0] ?? "");
  }

  begin(event: JsonObject): void {
    this.event = event;
    this.epoch++;
  }

  /** What the field of a slot resolved to in the current event. */
  field(slot: number): FieldState {
    const state = this.#states[slot] as FieldState;
    if (this.#resolvedIn[slot] !== this.epoch) {
      state.clear();
      this.#resolve(this.#paths[slot] as FieldPath, state);
      // Marked last: when a derived field throws, the next look throws again instead of seeing an absent field.
      this.#resolvedIn[slot] = this.epoch;
    }
    return state;
  }

  /** Every scalar value of the event (keys are not searched). Derived fields are not part of the event. */
  keywords(): FieldState {
    if (this.#keywordsIn !== this.epoch) {
      this.#keywordsIn = this.epoch;
      this.#keywords.clear();
      this.#keywords.exists = true;
      visitScalars(this.event, (scalar) => {
        if (scalar !== null && scalar !== undefined) {
          this.#keywords.push(scalar);
        }
      });
    }
    return this.#keywords;
  }

  #resolve({ name, segments }: FieldPath, state: FieldState): void {
    const root = segments[0] as string;
    if (this.#derived.has(root)) {
      resolve(this.#derivedValue(root), segments, 1, state);
    } else if (segments.length > 1 && Object.hasOwn(this.event, name)) {
      // A key that is written with its dots wins over the nested path.
      resolve(this.event[name], segments, segments.length, state);
    } else {
      resolve(this.event, segments, 0, state);
    }
  }

  #derivedValue(root: string): unknown {
    let entry = this.#derivedValues.get(root);
    if (entry === undefined) {
      entry = { epoch: 0, value: undefined };
      this.#derivedValues.set(root, entry);
    }
    if (entry.epoch !== this.epoch) {
      entry.value = this.#derived.get(root)?.(this.event);
      entry.epoch = this.epoch;
    }
    return entry.value;
  }
}
