import type { EventView } from "../event/event-view.ts";
import type { FieldState } from "../event/field-state.ts";
import type { Predicate } from "./predicate.ts";
import { SubstringIndex } from "./substring-index.ts";
import { TextMemo } from "./text-memo.ts";

const mostRemembered = 1024;
const longestRemembered = 512;

/**
 * Whether a field contains any of many texts, found by one pass over it instead of one search for each. The values that are
 * searched this way (user agents, command lines) are long and recur, so the latest verdicts are remembered by text.
 */
export class ContainsAny implements Predicate {
  readonly #view: EventView;
  readonly #field: FieldState;
  readonly #index: SubstringIndex;
  readonly #visit: () => void;
  readonly #remembered = new TextMemo<boolean>(mostRemembered, longestRemembered);
  #epoch = 0;
  #verdict = false;

  constructor(view: EventView, field: string, texts: ReadonlySet<string>) {
    this.#view = view;
    this.#field = view.field(field);
    this.#index = new SubstringIndex(new Map([[0, texts]]));
    this.#visit = () => {
      this.#verdict = true;
    };
  }

  isTrue(): boolean {
    const { epoch } = this.#view;
    if (this.#epoch !== epoch) {
      const field = this.#view.look(this.#field);
      const text = field.count === 1 ? field.leaves[0]?.value : undefined;
      const known = typeof text === "string" ? this.#remembered.get(text) : undefined;
      this.#verdict = known ?? this.#search(field);
      if (known === undefined && typeof text === "string") {
        this.#remembered.set(text, this.#verdict);
      }
      this.#epoch = epoch;
    }
    return this.#verdict;
  }

  #search(field: FieldState): boolean {
    this.#verdict = false;
    this.#index.visit(field, this.#visit);
    return this.#verdict;
  }
}
