import type { AlertCalls, CallFacet, CallNews, CallTallies, CallTally } from "../model/alert-calls.ts";

/** What an incident's calls had, as words: `DeleteChannel ×6`, `GetStreamKey ×about 1,200`, `and 3 more`. */

/** Values to show, in the order of their first calls, and what is said of the rest. Hostile text. */
export interface Listed {
  readonly values: readonly string[];
  readonly more?: string;
}

export function listed(tallies: CallTallies, maximum: number, withCounts = true): Listed {
  const values = tallies.values
    .slice(0, maximum)
    .map((tally) => (withCounts ? tallied(tally, tallies.isEstimate) : tally.value));
  return { values, ...moreOf(tallies.values.length - values.length, tallies.more) };
}

/** What was not kept is known by an estimate only. */
export function moreOf(hidden: number, beyond: number): { readonly more?: string } {
  const more = hidden + beyond;
  if (more <= 0) return {};
  return { more: `and ${beyond > 0 ? "about " : ""}${more.toLocaleString("en-US")} more` };
}

function tallied({ value, count }: CallTally, isEstimate: boolean): string {
  if (count === undefined) return value;
  return `${value} ×${isEstimate ? "about " : ""}${count.toLocaleString("en-US")}`;
}

/** How many distinct values there are: a lower bound where some were not kept. */
export function distinct(tallies: CallTallies | undefined): number {
  return tallies === undefined ? 0 : tallies.values.length + tallies.more;
}

export function isSeveral(tallies: CallTallies | undefined): tallies is CallTallies {
  return distinct(tallies) > 1;
}

/** The label of an actor listed as `label (id)`. */
export function actorName(value: string): string {
  const start = value.endsWith(")") ? value.lastIndexOf(" (") : -1;
  return start > 0 ? value.slice(0, start) : value;
}

const resultSucceeded = "succeeded";

/** Whether any call failed, so that results are worth a line. */
export function hasFailures({ results }: AlertCalls): boolean {
  return results?.values.some(({ value }) => value !== resultSucceeded) ?? false;
}

/** What each facet's values are, for a sentence about one of them. */
const facetNoun: Readonly<Record<CallFacet, string>> = {
  actors: "actor",
  rules: "rule",
  operations: "operation",
  results: "result",
  resources: "resource",
  resourceClasses: "kind of resource",
  addresses: "address",
  networks: "network",
  sessions: "session",
  accessKeys: "access key",
  sourceIdentities: "source identity",
  clients: "user agent",
  mfa: "MFA state",
};

/** `network`, and the value as it is shown. */
export function newsWords({ facet, value }: CallNews): { readonly noun: string; readonly value: string } {
  if (facet === "actors") return { noun: facetNoun.actors, value: actorName(value) };
  if (facet === "mfa" && value === "absent") return { noun: facetNoun.mfa, value: "no second factor" };
  return { noun: facetNoun[facet], value };
}

/** Resources of one kind under one ARN prefix. */
export interface ResourceGroup {
  /** In our own words: `channel`, `stream key`, and `resource` for what we do not know. */
  readonly noun: string;
  /** What all names have before them; empty where values are shown whole. */
  readonly prefix: string;
  readonly names: readonly string[];
}

const knownClasses: ReadonlySet<string> = new Set([
  "ad-configuration",
  "channel",
  "composition",
  "encoder-configuration",
  "ingest-configuration",
  "logging-configuration",
  "playback-key",
  "playback-restriction-policy",
  "public-key",
  "recording-configuration",
  "room",
  "stage",
  "storage-configuration",
  "stream-key",
]);

const ivsArn = /^(arn:[a-z-]{1,20}:ivs(?:chat)?:[a-z0-9-]{0,30}:\d{0,12}:([a-z-]{1,40})\/)([\w.-]{1,64})$/;

/** ARNs of IVS by kind and prefix, so that a list of them is a list of names; all else whole. */
export function resourceGroups(arns: readonly string[]): readonly ResourceGroup[] {
  const groups = new Map<string, { noun: string; prefix: string; names: string[] }>();
  for (const arn of arns) {
    const [, prefix = "", kind = "", name = ""] = ivsArn.exec(arn) ?? [];
    const isKnown = knownClasses.has(kind);
    const key = isKnown ? prefix : "";
    const group = groups.get(key) ?? {
      noun: isKnown ? kind.replaceAll("-", " ") : "resource",
      prefix: key,
      names: [],
    };
    group.names.push(isKnown ? name : arn);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** `channels`, `policies`. */
export function plural(noun: string, amount: number): string {
  if (amount === 1) return noun;
  return noun.endsWith("y") && !/[aeo]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
