import type { Level } from "@streamwarden/sigma";
import type { NewMatch } from "../evaluate/first-seen.ts";
import type { Match } from "../evaluate/match.ts";
import type { FileOutcome, ReplayProblem } from "../read/problem.ts";
import type { PolicyFinding, WaitingPolicy } from "./policy-findings.ts";

/** Counts to look at while a replay runs. */
export interface Progress {
  readonly files: number;
  /** Of all files together, as far as it is known. */
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly records: number;
  readonly matches: number;
}

export interface PolicyCount {
  /** The policy's id, else its name. */
  readonly id: string;
  /** The policy's name, else its id, else its title in lower case with dashes. */
  readonly name: string;
  readonly title: string;
  readonly level: Level;
  readonly kind: "rule" | "first-seen" | "correlation";
  /** Records of which a rule is true, what was new to a first-seen policy, or firings of a correlation. */
  readonly matches: number;
  /** Records of which the rule of a first-seen policy is true. Of these policies only. */
  readonly seen?: number;
  /** Present where a correlation counts the rule, which raises no alert of its own. */
  readonly silenced?: true;
}

/** What is the same for all matches of a policy. */
export type PolicyDescription = Omit<PolicyCount, "matches" | "seen" | "silenced">;

/** What a policy found, for a person or a machine to read. Its texts may be hostile. */
export type PolicyMatch = PolicyDescription &
  (
    | ({ readonly kind: "rule" } & Omit<Match, "policy">)
    | ({ readonly kind: "first-seen" } & Omit<NewMatch, "policy"> & {
          /** All events of this moment that were new with the same values; at most 20. */
          readonly eventIDs: readonly string[];
        })
    | ({ readonly kind: "correlation" } & {
        /** The event at which it fired. */
        readonly eventID: string;
        readonly eventTime: string;
        readonly group: Readonly<Record<string, string | null>>;
        /** What was compared: a count, a sum ... */
        readonly value: number;
        /** The events of its window, oldest first; at most 50. */
        readonly eventIDs: readonly string[];
      })
  );

export interface ReplayResult {
  /** Every record in the files, each time that it is there. */
  readonly records: number;
  /** What should have been a record and could not be decoded; damage counts one for each place. */
  readonly quarantined: number;
  readonly seconds: number;
  /** Every policy that was evaluated: most matches first, then by title. */
  readonly policies: readonly PolicyCount[];
  readonly rejected: readonly PolicyFinding[];
  /** Doubts about the policies: `streamwarden check` says more. */
  readonly warnings: readonly PolicyFinding[];
  readonly inactive: readonly WaitingPolicy[];
  /** Titles of the policies that the configuration switches off. */
  readonly disabled: readonly string[];
  /** Rules about other logs than CloudTrail's. */
  readonly elsewhere: number;
  /** Events in the files that are not API calls: Insights, an IVS stream's own events, test events. */
  readonly otherEvents: number;
  readonly files: Readonly<Record<FileOutcome, number>>;
  /** As stored, and after unpacking. */
  readonly bytes: { readonly read: number; readonly unpacked: number };
  /** What was not read as a record, in the order of the files. */
  readonly problems: readonly ReplayProblem[];
  /** Correlations whose windows were too full to count everything. Their matches are lower bounds. */
  readonly fullWindows: readonly { readonly policy: string; readonly dropped: number }[];
  readonly interrupted: boolean;
}
