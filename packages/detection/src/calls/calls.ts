import {
  type AlertCalls,
  type CallFacet,
  type CallNews,
  type CallTallies,
  callFacets,
} from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import type { ActorKind } from "@streamwarden/cloudtrail";
import * as z from "zod";
import type { Call } from "./call.ts";

/**
 * What an incident knows of its calls: a pure function of the *set* of calls, in bounded space. Adding is idempotent,
 * and neither order nor batching shows, because every part is one of these: the values whose first calls are earliest
 * (a value that left the table can come back only by an earlier call than those that pushed it out), or the smallest
 * hashes of something (k-minimum values). A repeat therefore never evicts anything distinct.
 *
 * Counts by value come from a sample of the calls, the `sampledCalls` smallest hashes of their ids: exact while the
 * incident has no more calls than that, and an estimate above.
 */
export interface Calls {
  readonly facets: { readonly [facet in CallFacet]?: FacetTable };
  /** By hash of the id: the tags of the values that are counted, in the order of `countedFacets`, each `tagLength` long. */
  readonly sample: readonly (readonly [hash: string, tags: string])[];
  /** Whether the sample holds every call. */
  readonly isWhole: boolean;
}

interface FacetTable {
  /** Values with the time of their first call, earliest first. */
  readonly values: readonly (readonly [value: string, first: number])[];
  /** The smallest hashes of all values, once there were more than the table holds. */
  readonly hashes?: readonly string[];
}

/** How many distinct values are kept of each facet. docs/SEMANTICS-incidents.md lists them. */
export const keptValues: Readonly<Record<CallFacet, number>> = {
  actors: 20,
  rules: 12,
  operations: 20,
  results: 8,
  resources: 30,
  resourceClasses: 12,
  addresses: 20,
  networks: 20,
  sessions: 12,
  accessKeys: 12,
  sourceIdentities: 8,
  clients: 8,
  mfa: 4,
};

/** Facets whose values are counted by calls. A call has at most one value of each. */
const countedFacets = [
  "actors",
  "operations",
  "results",
  "addresses",
  "sessions",
  "accessKeys",
] as const satisfies readonly CallFacet[];

export const sampledCalls = 200;
const keptHashes = 64;
const hashDigits = 10;
const tagLength = 4;
const hashSpace = 16 ** hashDigits;

const facetSchema = z.object({
  values: z.array(z.tuple([z.string(), z.number()])),
  hashes: z.array(z.string()).exactOptional(),
});

/** How calls are stored. Facets of a later release are dropped. */
export const callsSchema = z.object({
  facets: z.object(
    Object.fromEntries(callFacets.map((facet) => [facet, facetSchema.exactOptional()])),
  ) as unknown as z.ZodType<Calls["facets"]>,
  sample: z.array(z.tuple([z.string(), z.string()])),
  isWhole: z.boolean(),
}) satisfies z.ZodType<Calls>;

export const noCalls: Calls = { facets: {}, sample: [], isWhole: true };

/** Adds calls. The same object when nothing changes. */
export function addCalls(current: Calls, calls: readonly Call[]): Calls {
  if (calls.length === 0) return current;
  const facets: { [facet in CallFacet]?: FacetTable } = {};
  let hasChanged = false;
  for (const facet of callFacets) {
    const before = current.facets[facet];
    const after = addValues(before, facet, calls);
    if (after !== undefined) facets[facet] = after;
    hasChanged ||= after !== before;
  }
  const { sample, isWhole } = addToSample(current, calls);
  hasChanged ||= sample !== current.sample || isWhole !== current.isWhole;
  return hasChanged ? { facets, sample, isWhole } : current;
}

function addValues(
  current: FacetTable | undefined,
  facet: CallFacet,
  calls: readonly Call[],
): FacetTable | undefined {
  const firsts = new Map(current?.values);
  const seen: string[] = [];
  let hasChanged = false;
  for (const { time, values } of calls) {
    for (const value of values[facet] ?? []) {
      seen.push(value);
      const known = firsts.get(value);
      if (known !== undefined && known <= time) continue;
      firsts.set(value, time);
      hasChanged = true;
    }
  }
  if (!hasChanged) return current;
  const sorted = [...firsts].sort(([a, one], [b, other]) => one - other || (a < b ? -1 : 1));
  const values = sorted.slice(0, keptValues[facet]);
  if (sorted.length <= keptValues[facet] && current?.hashes === undefined) return { values };
  const hashes = [...new Set([...(current?.hashes ?? []), ...[...firsts.keys(), ...seen].map(hashOf)])]
    .sort()
    .slice(0, keptHashes);
  return sameTable(current, values, hashes) ? current : { values, hashes };
}

function sameTable(
  current: FacetTable | undefined,
  values: FacetTable["values"],
  hashes: readonly string[],
): boolean {
  return (
    current !== undefined &&
    JSON.stringify(current.values) === JSON.stringify(values) &&
    JSON.stringify(current.hashes) === JSON.stringify(hashes)
  );
}

function addToSample(current: Calls, calls: readonly Call[]): Pick<Calls, "sample" | "isWhole"> {
  const known = new Set(current.sample.map(([hash]) => hash));
  const added = calls
    .map((call) => [hashOf(call.id), tagsOf(call)] as const)
    .filter(([hash]) => !known.has(hash));
  if (added.length === 0) return current;
  const merged = [...new Map([...current.sample, ...added])].sort(([a], [b]) => (a < b ? -1 : 1));
  const sample = merged.slice(0, sampledCalls);
  const isWhole = current.isWhole && merged.length <= sampledCalls;
  const isSame = sample.length === current.sample.length && sample.every(([hash]) => known.has(hash));
  return { sample: isSame ? current.sample : sample, isWhole };
}

function hashOf(text: string): string {
  return shortDigest(text, hashDigits);
}

function tagsOf({ values }: Call): string {
  return countedFacets.map((facet) => tagOf(values[facet]?.[0])).join("");
}

/** 24 bits of the value: enough to keep apart the few values of one incident. */
function tagOf(value: string | undefined): string {
  return value === undefined
    ? "-".repeat(tagLength)
    : Buffer.from(shortDigest(value, 6), "hex").toString("base64url");
}

/**
 * The calls as alerts list them.
 *
 * @param total how many distinct calls the incident has.
 */
export function describeCalls({ facets, sample, isWhole }: Calls, total: number): AlertCalls {
  const described: { [facet in CallFacet]?: CallTallies } = {};
  for (const facet of callFacets) {
    const table = facets[facet];
    if (table === undefined || table.values.length === 0) continue;
    const position = (countedFacets as readonly CallFacet[]).indexOf(facet);
    const counts = position < 0 ? undefined : countTags(sample, position);
    const scale = isWhole || sample.length === 0 ? 1 : total / sample.length;
    const values = table.values.map(([value, first]) => ({
      value,
      first,
      // What is listed was called at least once, even where the sample has missed it.
      ...(counts && { count: Math.max(1, Math.round((counts.get(tagOf(value)) ?? 0) * scale)) }),
    }));
    described[facet] = {
      values,
      more: Math.max(0, distinctValues(table) - values.length),
      isEstimate: !isWhole,
    };
  }
  return described;
}

function countTags(sample: Calls["sample"], position: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, tags] of sample) {
    const tag = tags.slice(position * tagLength, (position + 1) * tagLength);
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return counts;
}

function distinctValues({ values, hashes }: FacetTable): number {
  const largest = hashes?.at(-1);
  if (hashes === undefined || largest === undefined) return values.length;
  if (hashes.length < keptHashes) return Math.max(values.length, hashes.length);
  return Math.max(hashes.length, Math.round((keptHashes - 1) / (Number.parseInt(largest, 16) / hashSpace)));
}

const peopleFacets: readonly CallFacet[] = [
  "actors",
  "sessions",
  "sourceIdentities",
  "networks",
  "accessKeys",
  "operations",
  "resourceClasses",
];
/** Keys and sessions of machines rotate by themselves. */
const machineFacets: readonly CallFacet[] = ["actors", "networks", "operations", "resourceClasses"];
const people: ReadonlySet<ActorKind> = new Set(["root", "user", "role-session", "federated"]);

function weakerMfa({ facets }: Calls, states: readonly string[] = []): readonly string[] {
  const known = facets.mfa?.values.map(([state]) => mfaStrength.indexOf(state)) ?? [];
  return known.length === 0 ? [] : states.filter((state) => mfaStrength.indexOf(state) > Math.max(...known));
}

/** Weakest last. */
const mfaStrength = ["present", "not-applicable", "unknown", "absent"];

/** Which values of the calls an incident that was `before` did not have, where such news breaks through. Sorted. */
export function newsOf(before: Calls, after: Calls, calls: readonly Call[]): readonly CallNews[] {
  // An older release wrote the incident and kept nothing of its calls: what is new to it, nobody can say.
  if (Object.keys(before.facets).length === 0) return [];
  const news = new Map<string, CallNews>();
  for (const { actor, values } of calls) {
    const isPerson = actor !== undefined && people.has(actor.kind);
    for (const facet of isPerson ? peopleFacets : machineFacets) {
      const known = before.facets[facet]?.values ?? [];
      const listed = after.facets[facet]?.values ?? [];
      for (const value of values[facet] ?? []) {
        const isNew = !known.some(([one]) => one === value) && listed.some(([one]) => one === value);
        if (isNew) news.set(`${facet} ${value}`, { facet, value });
      }
    }
    if (isPerson)
      for (const value of weakerMfa(before, values.mfa)) news.set(`mfa ${value}`, { facet: "mfa", value });
  }
  return [...news].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
