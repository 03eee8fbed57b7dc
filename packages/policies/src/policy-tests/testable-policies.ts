import {
  type Correlation,
  type CorrelationDocument,
  correlationReferences,
  type LinkResult,
  type Rule,
  type RuleDocument,
  type Ruleset,
  type SigmaDocument,
} from "@streamwarden/sigma";
import { linkPolicies, type SiteFacts } from "../load/policy-plan.ts";

export type PolicyDocument = RuleDocument | CorrelationDocument;

/** What a policy is called in reports. */
export function keyOf(policy: {
  readonly name?: string;
  readonly id?: string;
  readonly title: string;
}): string {
  return policy.name ?? policy.id ?? policy.title;
}

/** The policies of all files, to be tested file by file: a file's correlations may count rules of another. */
export class TestablePolicies {
  readonly #documents: readonly PolicyDocument[];
  readonly #byReference = new Map<string, PolicyDocument>();
  readonly #silenced: ReadonlySet<string>;
  readonly #elsewhere: ReadonlySet<string>;

  /** @param ruleset What the documents amount to together. */
  constructor(documents: readonly SigmaDocument[], ruleset: Ruleset) {
    this.#documents = documents.filter((document) => document.kind !== "filter");
    for (const document of this.#documents) {
      for (const reference of [document.id, document.name]) {
        if (reference !== undefined) this.#byReference.set(reference.toLowerCase(), document);
      }
    }
    this.#silenced = new Set(silencedIn(ruleset));
    this.#elsewhere = new Set([...ruleset.elsewhere, ...ruleset.elsewhereCorrelations].map(keyOf));
  }

  /** The documents of one file. */
  in({ path }: { readonly path: string }): PolicyDocument[] {
    return this.#documents.filter((document) => document.path === path);
  }

  /** Whether a correlation speaks for the policy, which then raises no alert of its own. */
  isSilenced(document: PolicyDocument): boolean {
    return this.#silenced.has(keyOf(document));
  }

  /** Whether the policy is about other logs, so that no record of a test could ever make it true. */
  isElsewhere(document: PolicyDocument): boolean {
    return this.#elsewhere.has(keyOf(document));
  }

  /** Documents, and those that they count, as one ruleset. */
  link(documents: readonly PolicyDocument[], site: SiteFacts): LinkResult {
    const needed = new Set<PolicyDocument>();
    const visit = (document: PolicyDocument): void => {
      if (needed.has(document)) return;
      needed.add(document);
      for (const reference of referencesOf(document)) {
        const found = this.#byReference.get(reference.toLowerCase());
        if (found !== undefined) visit(found);
      }
    };
    documents.forEach(visit);
    return linkPolicies([...needed], site);
  }
}

function silencedIn(ruleset: Ruleset): string[] {
  const all: (Rule | Correlation)[] = [
    ...ruleset.rules,
    ...ruleset.inactive.map(({ rule }) => rule),
    ...ruleset.correlations,
    ...ruleset.inactiveCorrelations.map(({ correlation }) => correlation),
  ];
  return all.filter((rule) => ruleset.isSilenced(rule)).map(keyOf);
}

/** What a correlation may mean by a reference: its `rules`, and the words of an extended condition. */
function referencesOf(document: PolicyDocument): string[] {
  return document.kind === "rule" ? [] : correlationReferences(document).map(({ rule }) => rule);
}
