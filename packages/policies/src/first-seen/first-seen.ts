import { shortDigest } from "@streamwarden/base";
import type { JsonObject } from "@streamwarden/cloudtrail";
import type { Ruleset } from "@streamwarden/sigma";
import { redeliverySeconds } from "./first-seen-document.ts";

/** When a match of a policy counts: only where its values were not seen for a while. */
export interface FirstSeen {
  /** The fields whose values together are new or not. */
  readonly of: readonly string[];
  /** For whom they are new: each set of these values learns for itself. Begins with the account. */
  readonly by: readonly string[];
  readonly withinSeconds: number;
  /** For so long after the first match of all nothing is reported. */
  readonly learnSeconds: number;
}

/** The state keys that one match is about. */
export interface FirstSeenKeys {
  readonly term: string;
  readonly learning: string;
  /**
   * The term of the first release, where it is another: it knew no persons and kept first sightings under the principal.
   * Whoever is seen within the learning period after its last write was there before the upgrade, as far as is known.
   */
  readonly formerTerm?: string;
}

/** How long a term's document is kept after its last write, so that it outlives `within` and a redelivery. */
export function termRetentionSeconds({ withinSeconds }: FirstSeen): number {
  return withinSeconds + redeliverySeconds;
}
/** Forgetting since when an account is watched would silence the policy for its learning period. */
export const learningRetentionSeconds = 400 * 86_400;

/**
 * Where a match of a first-seen policy is kept. A policy whose `of`, `by` or `within` is changed starts anew, learning
 * period included: documents of other questions cannot answer its own.
 */
export function firstSeenKeys(
  ruleset: Ruleset,
  { id }: { readonly id: string },
  { of, by, withinSeconds }: FirstSeen,
  record: JsonObject,
): FirstSeenKeys {
  const read = (field: string): string[] =>
    [
      ...new Set(
        ruleset
          .read(record, field)
          .filter(isPresent)
          .map((value) => JSON.stringify(value)),
      ),
    ].toSorted();
  const readFormer = (field: string): string[] => read(field === "actor.id" ? "actor.formerId" : field);
  const watched = [id, of, by, withinSeconds, by.map(read)];
  const term = termKey(watched, of.map(read));
  const formerTerm = termKey([id, of, by, withinSeconds, by.map(readFormer)], of.map(readFormer));
  return {
    learning: `first-seen-learning#${digest(watched)}`,
    term,
    ...(formerTerm === term ? {} : { formerTerm }),
  };
}

function termKey(watched: readonly unknown[], values: readonly unknown[]): string {
  return `first-seen#${digest([watched, values])}`;
}

/** JSON null is a field without a value, as for groups. */
function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function digest(parts: unknown): string {
  return shortDigest(JSON.stringify(parts), 32);
}
