import type { SigmaDocument } from "./parse/document.ts";
import type { RuleReference } from "./parse/rule-reference.ts";
import type { ProblemList } from "./problems/problem.ts";
import { didYouMean } from "./problems/spelling.ts";

/** Each is compared with every name, so a spelling is proposed for the first unknown references only. */
const mostSuggestions = 20;

/**
 * The documents by what others may call them: the id or the name and, because public rules do it, a title that only
 * one of them has. One index for all filters and correlations keeps loading linear.
 */
export class DocumentIndex {
  readonly #byReference = new Map<string, SigmaDocument>();
  /** Undefined where several have the title. */
  readonly #byTitle = new Map<string, SigmaDocument | undefined>();
  readonly #names: string[] = [];
  #suggestions = 0;

  constructor(documents: readonly SigmaDocument[]) {
    for (const document of documents) {
      for (const name of namesOf(document)) {
        this.#byReference.set(name, document);
      }
      if (document.kind !== "filter") {
        const { title, name } = document;
        this.#byTitle.set(title, this.#byTitle.has(title) ? undefined : document);
        this.#names.push(...(name === undefined ? [] : [name]));
      }
    }
  }

  /** The document that a reference names. What does not name one, or only by its title, is in `problems`. */
  find({ rule: reference, at }: RuleReference, problems: ProblemList): SigmaDocument | undefined {
    const found = this.#byReference.get(reference.toLowerCase());
    if (found !== undefined) {
      return found;
    }
    const titled = this.#byTitle.get(reference);
    if (titled !== undefined) {
      const message = `"${reference}" is a title: rules are referred to by their id or name.`;
      problems.add("title-as-reference", at, message, titleHint(titled));
      return titled;
    }
    problems.add(
      "unknown-rule",
      at,
      `No rule has the id or name "${reference}", or it was rejected.`,
      this.#byTitle.has(reference)
        ? "Several rules have this title: write an id or name."
        : this.#meant(reference),
    );
    return undefined;
  }

  #meant(reference: string): string | undefined {
    return ++this.#suggestions > mostSuggestions ? undefined : didYouMean(reference, this.#names);
  }
}

/** The id and the name of a document in lower case. */
export function namesOf({ id, name }: SigmaDocument): Set<string> {
  return new Set(
    [id, name].flatMap((reference) => (reference === undefined ? [] : [reference.toLowerCase()])),
  );
}

function titleHint({ id, name }: SigmaDocument): string {
  const reference = name ?? id;
  return reference === undefined
    ? "Give the rule an id or a name, and write that."
    : `Write \`${reference}\`.`;
}
