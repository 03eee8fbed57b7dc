import { derivedFields } from "@streamwarden/cloudtrail";
import {
  type Correlation,
  type CorrelationDocument,
  type LinkResult,
  link,
  type PlaceholderValues,
  parse,
  type Rule,
  type RuleDocument,
  type Ruleset,
  type SourceFile,
} from "@streamwarden/sigma";
import { cloudTrailLogs, problemsOfOtherLogs } from "../load/cloudtrail-logs.ts";
import type { PolicyProblem } from "../problem.ts";

export type PolicyDocument = RuleDocument | CorrelationDocument;

/** What a policy is called in reports. */
export const keyOf = (policy: {
  readonly name?: string;
  readonly id?: string;
  readonly title: string;
}): string => policy.name ?? policy.id ?? policy.title;

/** The policies of all files, to be tested file by file: a file's correlations may count rules of another. */
export class TestablePolicies {
  readonly problems: readonly PolicyProblem[];
  readonly #files: readonly SourceFile[];
  readonly #documents: readonly PolicyDocument[];
  readonly #byReference = new Map<string, PolicyDocument>();
  readonly #silenced: ReadonlySet<string>;
  readonly #elsewhere: ReadonlySet<string>;

  constructor(files: readonly SourceFile[], placeholders: PlaceholderValues) {
    const { documents, problems } = parse(files);
    this.#files = files;
    this.#documents = documents.filter((document) => document.kind !== "filter");
    for (const document of this.#documents) {
      for (const reference of [document.id, document.name]) {
        if (reference !== undefined) this.#byReference.set(reference.toLowerCase(), document);
      }
    }
    const { ruleset } = link(this.#documents, {
      placeholders,
      derived: derivedFields,
      logsource: cloudTrailLogs,
    });
    this.#silenced = new Set(silencedIn(ruleset));
    this.#elsewhere = new Set([...ruleset.elsewhere, ...ruleset.elsewhereCorrelations].map(keyOf));
    this.problems = [...problems, ...problemsOfOtherLogs(ruleset)];
  }

  /** The documents of one file. */
  in({ path }: SourceFile): PolicyDocument[] {
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

  /** The text of the file that a policy stands in. */
  sourceOf({ path }: { readonly path: string }): SourceFile {
    return this.#files.find((file) => file.path === path) ?? { path, text: "" };
  }

  /** Documents, and those that they count, as one ruleset. */
  link(documents: readonly PolicyDocument[], placeholders: PlaceholderValues): LinkResult {
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
    return link([...needed], { placeholders, derived: derivedFields });
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
  if (document.kind === "rule") return [];
  const { body, source } = document;
  const listed = source.plain(body.get("rules", true));
  const condition = source.plain(body.get("condition", true));
  const words = typeof condition === "string" ? (condition.match(/[\w-]+/g) ?? []) : [];
  return [listed, words].flat(2).filter((reference) => typeof reference === "string");
}
