/**
 * What an alert lists of the calls of its incident: distinct values with their first call and how many calls had them.
 * A reader at night needs all addresses and keys of an incident, and one record shows one of each.
 */
export const callFacets = [
  "actors",
  "rules",
  "operations",
  "results",
  "resources",
  "resourceClasses",
  "addresses",
  "networks",
  "sessions",
  "accessKeys",
  "sourceIdentities",
  "clients",
  "mfa",
] as const;
export type CallFacet = (typeof callFacets)[number];

/** One distinct value. Attacker-influenced text, redacted and bounded. */
export interface CallTally {
  readonly value: string;
  /** Calls with this value, where they are counted; an estimate where the incident outgrew exact counting. */
  readonly count?: number;
  /** Its first call, milliseconds since the epoch. */
  readonly first: number;
}

export interface CallTallies {
  /** The values with the earliest first calls, in that order. */
  readonly values: readonly CallTally[];
  /** Distinct values beyond those listed; a lower bound. */
  readonly more: number;
  /** Whether the counts are estimates. */
  readonly isEstimate: boolean;
}

/** By facet; a facet without any value is absent. */
export type AlertCalls = { readonly [facet in CallFacet]?: CallTallies };

/** A value that an open incident saw for the first time, and that made this alert due. */
export interface CallNews {
  readonly facet: CallFacet;
  readonly value: string;
}
