import { derivedFields } from "@streamwarden/cloudtrail";
import {
  type LinkResult,
  link,
  type Metadata,
  type PlaceholderValues,
  parse,
  type Ruleset,
  type SigmaDocument,
  type SourceFile,
} from "@streamwarden/sigma";
import { cloudTrailLogs } from "./cloudtrail-logs.ts";
import { isInForce } from "./exception.ts";

/**
 * How another thread makes the ruleset of a policy set: plain data that structured cloning leaves as it is. A ruleset
 * holds functions and cannot cross threads; texts can, and documents that were rejected are named so that no thread
 * judges them again.
 */
export interface PolicyPlan {
  readonly files: readonly SourceFile[];
  readonly placeholders: PlaceholderValues;
  /** The documents that are linked, as `path:line`. */
  readonly documents: readonly string[];
}

/** The one way from documents to a ruleset: every command and the consumer evaluate what this makes of a file. */
export const linkPolicies = (
  documents: readonly SigmaDocument[],
  placeholders: PlaceholderValues,
): LinkResult =>
  link(documents, {
    placeholders,
    derived: derivedFields,
    logsource: cloudTrailLogs,
    filterApplies: isInForce,
  });

/**
 * Of a large public rule set few rules are about CloudTrail, and every thread reads the files anew. With filters all
 * documents are needed, because a filter may name a rule that is not evaluated.
 */
export const planOf = (
  files: readonly SourceFile[],
  documents: readonly SigmaDocument[],
  { rules, correlations }: Ruleset,
  placeholders: PlaceholderValues,
): PolicyPlan => {
  const hasFilters = documents.some(({ kind }) => kind === "filter");
  const needed: readonly Pick<Metadata, "path" | "line">[] = hasFilters
    ? documents
    : [...rules, ...correlations];
  const paths = new Set(needed.map(({ path }) => path));
  return {
    files: files.filter(({ path }) => paths.has(path)),
    placeholders,
    documents: needed.map(placeOf),
  };
};

/** The ruleset of a plan, with the same rules in the same order in every thread. */
export const rulesetOf = ({ files, placeholders, documents }: PolicyPlan): Ruleset => {
  const wanted = new Set(documents);
  const kept = parse(files).documents.filter((document) => wanted.has(placeOf(document)));
  return linkPolicies(kept, placeholders).ruleset;
};

/** Tells documents apart: ids and names may be missing, and files may hold several. */
export const placeOf = ({ path, line }: Pick<Metadata, "path" | "line">): string => `${path}:${line}`;
