import { formatDuration } from "@streamwarden/config";
import { defaultAllowedLatenessSeconds } from "@streamwarden/detection";
import type { FirstSeen, Policy } from "@streamwarden/policies";
import { shortened } from "../../ui/text.ts";

/** A field with its value as text. */
export interface FieldValue {
  readonly field: string;
  readonly value: string;
}

/** What a match is a sighting of. */
export interface SightingValues {
  readonly of: readonly FieldValue[];
  readonly by: readonly FieldValue[];
}

/** Whether a policy alerts, in a word or some. */
export function stageOf(policy: Policy | undefined): string {
  return policy === undefined ? "no alert of its own" : policy.stage;
}

/** Longest value of a record that is shown, in characters. */
export const longestValue = 200;

/** What happens when a policy is true of a record, in a sentence or two. */
export function outcomeOf(
  policy: Policy | undefined,
  group: readonly FieldValue[],
  sighting: SightingValues | undefined,
): string {
  if (policy === undefined)
    return "It raises no alert of its own: a correlation counts it, or it is switched off.";
  const { firstSeen, stage, windowSeconds } = policy;
  const incident = `One incident per ${listOf(group)} in ${windowSeconds} s`;
  const isDryRun = stage === "dry-run";
  if (firstSeen !== undefined && sighting !== undefined)
    return `${newnessOf(firstSeen, sighting, isDryRun)} ${incident}.`;
  const then = isDryRun ? "dry-run: kept and counted, alerts nobody" : "alerts at once, repeats merge";
  return `${incident}; ${then}.`;
}

function newnessOf(
  { withinSeconds, learnSeconds }: FirstSeen,
  { of, by }: SightingValues,
  isDryRun: boolean,
): string {
  const act = isDryRun ? "is counted (dry-run: alerts nobody)" : "alerts";
  return [
    "Whether this is new is decided over time, not by this record alone:",
    `it ${act} if ${listOf(of)} was not seen for ${listOf(by)} in the ${formatDuration(withinSeconds)} before,`,
    `${formatDuration(defaultAllowedLatenessSeconds)} after the call, when no earlier record can come any more.`,
    `In the first ${formatDuration(learnSeconds)} after the first match for ${fieldsOf(by)} it only learns.`,
  ].join(" ");
}

function listOf(values: readonly FieldValue[]): string {
  return values.map(({ field, value }) => `${field} ${shortened(value, longestValue)}`).join(", ");
}

function fieldsOf(values: readonly FieldValue[]): string {
  return values.map(({ field }) => field).join(", ");
}
