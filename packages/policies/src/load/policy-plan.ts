import { derivedFieldsFor, KnownRoles, type RoleLists } from "@streamwarden/cloudtrail";
import { type Config, placeholdersOf } from "@streamwarden/config";
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
  readonly site: SiteFacts;
  /** The documents that are linked, as `path:line`. */
  readonly documents: readonly string[];
}

/** What the configuration says of the site: the lists that policies compare with, and who is behind its roles. */
export interface SiteFacts {
  readonly placeholders: PlaceholderValues;
  readonly identities: RoleLists;
}

export function siteFactsOf(config: Config): SiteFacts {
  return {
    placeholders: placeholdersOf(config),
    identities: config.identities,
  };
}

/** The one way from documents to a ruleset: every command and the consumer evaluate what this makes of a file. */
export function linkPolicies(
  documents: readonly SigmaDocument[],
  { placeholders, identities }: SiteFacts,
): LinkResult {
  return link(documents, {
    placeholders,
    derived: derivedFieldsFor(new KnownRoles(identities)),
    logsource: cloudTrailLogs,
    filterApplies: isInForce,
  });
}

/**
 * Of a large public rule set few rules are about CloudTrail, and every thread reads the files anew. With filters all
 * documents are needed, because a filter may name a rule that is not evaluated.
 */
export function planOf(
  files: readonly SourceFile[],
  documents: readonly SigmaDocument[],
  { rules, correlations }: Ruleset,
  site: SiteFacts,
): PolicyPlan {
  const hasFilters = documents.some(({ kind }) => kind === "filter");
  const needed: readonly Pick<Metadata, "path" | "line">[] = hasFilters
    ? documents
    : [...rules, ...correlations];
  const paths = new Set(needed.map(({ path }) => path));
  return {
    files: files.filter(({ path }) => paths.has(path)),
    site,
    documents: needed.map(placeOf),
  };
}

/** The ruleset of a plan, with the same rules in the same order in every thread. */
export function rulesetOf({ files, site, documents }: PolicyPlan): Ruleset {
  const wanted = new Set(documents);
  const kept = parse(files).documents.filter((document) => wanted.has(placeOf(document)));
  return linkPolicies(kept, site).ruleset;
}

/** What identifies a document: ids and names may be missing, and a file may hold several. */
export function placeOf({ path, line }: Pick<Metadata, "path" | "line">): string {
  return `${path}:${line}`;
}
