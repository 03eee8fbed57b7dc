import { fold } from "../text/fold.ts";
import { fieldPath, ownValue, resolve, resolveDerived } from "./field-path.ts";
import { type DerivedRoot, FieldState } from "./field-state.ts";
import type { Implied } from "./implied.ts";
import { type JsonObject, visitScalars } from "./json.ts";

/** Top-level fields computed from the event instead of read from it. */
export type DerivedFields = Readonly<Record<string, ((event: JsonObject) => unknown) | DerivedField>>;

/** A derived field with hints that let the engine compute it for fewer events. The hints change no result. */
export interface DerivedField {
  readonly compute: (event: JsonObject) => unknown;
  /**
   * `compute` gives undefined unless a value of `field`, case-folded, is one of `values`. Rules that need the derived field
   * are then not evaluated for other events.
   */
  readonly onlyWhere?: { readonly field: string; readonly values: readonly string[] };
  /**
   * By name below the root (`access`), the fields of the event that decide the value: where each of them has the same one
   * text in two events, or is absent from both, the value must be the same, and neither computation may throw.
   */
  readonly dependsOn?: Readonly<Record<string, readonly string[]>>;
  /**
   * By name below the root, another name below it that conditions test instead. For an entity with several names: groups
   * read the one (`id`), while a condition on it is true of any of the names (`{ id: "names" }`).
   */
  readonly testedAs?: Readonly<Record<string, string>>;
}

function rootOf(derived: DerivedFields[string]): DerivedRoot {
  const unknown = { epoch: 0, value: undefined };
  if (typeof derived === "function") {
    return { compute: derived, ...unknown };
  }
  const { compute, onlyWhere, dependsOn = {}, testedAs = {} } = derived;
  return {
    compute,
    ...(onlyWhere && { implied: { field: onlyWhere.field, texts: new Set(onlyWhere.values.map(fold)) } }),
    dependsOn: new Map(Object.entries(dependsOn)),
    testedAs: new Map(Object.entries(testedAs)),
    ...unknown,
  };
}

const noEvent: JsonObject = Object.freeze({});

/**
 * The current event as fields.
 *
 * Hundreds of rules ask for the same few fields, and most events match nothing. So a field is resolved when it is first
 * asked for and at most once per event, derived fields included, and nothing is allocated for the next event: instead of
 * clearing what was resolved, each field carries the number (`epoch`) of the event it was resolved for, and moving on costs
 * one addition.
 *
 * Derived fields win over fields of the same name in the event, whichever way the event writes them. That is a promise, not
 * a convenience: records are written by the people one wants to catch, and must not forge who acted.
 */
export class EventView {
  event: JsonObject = noEvent;
  /** The number of the current event. Fields and questions carry the number of the event they were last resolved for. */
  epoch = 0;
  readonly #fields = new Map<string, FieldState>();
  readonly #derived: ReadonlyMap<string, DerivedRoot>;
  readonly #keywords = new FieldState(fieldPath(""));

  constructor(derived: DerivedFields) {
    this.#derived = new Map(Object.entries(derived).map(([root, field]) => [root, rootOf(field)]));
  }

  /** What an event must have for a field to have any value, where that is known. */
  readonly impliedBy = (name: string): Implied | undefined => this.field(name).derived?.implied;

  /** Whether two events that agree in these fields (each has the same one text, or is absent) agree in the field as well. */
  dependsOnlyOn(name: string, fields: ReadonlySet<string>): boolean {
    const { derived, path } = this.field(name);
    const [, below, ...deeper] = path.segments;
    const sources =
      derived === undefined ? [name] : deeper.length === 0 ? derived.dependsOn?.get(below ?? "") : undefined;
    return sources?.every((source) => fields.has(source)) ?? false;
  }

  /** The state of the field that conditions on `name` test, not yet resolved. */
  field(name: string): FieldState {
    const { derived, path } = this.ownField(name);
    const [root, below = "", ...deeper] = path.segments;
    const tested = deeper.length === 0 ? derived?.testedAs?.get(below) : undefined;
    return this.ownField(tested === undefined ? name : `${root}.${tested}`);
  }

  /** The state of the field of that name, not yet resolved; the same name has the same state. */
  ownField(name: string): FieldState {
    let field = this.#fields.get(name);
    if (field === undefined) {
      const path = fieldPath(name);
      field = new FieldState(path, this.#derived.get(path.segments[0] ?? ""));
      this.#fields.set(name, field);
    }
    return field;
  }

  /** What keywords look at: a field that holds every scalar of the event. */
  get keywords(): FieldState {
    return this.#keywords;
  }

  begin(event: JsonObject): void {
    this.event = event;
    this.epoch++;
  }

  /** Resolves a field for the current event, if that was not yet done. */
  look(field: FieldState): FieldState {
    if (field.epoch !== this.epoch) {
      field.clear();
      if (field === this.#keywords) {
        this.#collectKeywords();
      } else {
        this.#resolve(field);
      }
      // Marked last: when a derived field throws, the next look throws again instead of seeing an absent field.
      field.epoch = this.epoch;
    }
    return field;
  }

  /** Every scalar value of the event (keys are not searched). Derived fields are not part of the event. */
  #collectKeywords(): void {
    this.#keywords.exists = true;
    visitScalars(this.event, (scalar) => {
      if (scalar !== null && scalar !== undefined) {
        this.#keywords.push(scalar);
      }
    });
  }

  #resolve(state: FieldState): void {
    const { derived, path } = state;
    const { name, segments } = path;
    if (derived !== undefined) {
      resolveDerived(this.#valueOf(derived), path, state);
      return;
    }
    // A key that is written with its dots wins over the nested path.
    const dotted = segments.length > 1 ? ownValue(this.event, name, path) : undefined;
    if (dotted === undefined) {
      resolve(this.event, path, 0, state);
    } else {
      resolve(dotted, path, segments.length, state);
    }
  }

  #valueOf(root: DerivedRoot): unknown {
    if (root.epoch !== this.epoch) {
      root.value = root.compute(this.event);
      root.epoch = this.epoch;
    }
    return root.value;
  }
}
