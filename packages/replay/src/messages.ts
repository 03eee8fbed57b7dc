import type { FileResult, Found, FoundKinds } from "./file-replay.ts";
import type { FirstSeenRules } from "./first-seen.ts";
import type { PolicyPlan } from "./policy-set.ts";
import type { Source } from "./sources.ts";

/** What a thread is started with. */
export interface WorkerStart {
  readonly plan: PolicyPlan;
  readonly firstSeen: FirstSeenRules;
  readonly wanted: FoundKinds;
  readonly preFilter: boolean;
  readonly tally: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly type: "file"; readonly index: number; readonly source: Source }
  /** A batch was taken: one more may be sent. */
  | { readonly type: "credit" };

export type FromWorker =
  | { readonly type: "found"; readonly index: number; readonly found: Found }
  | { readonly type: "done"; readonly index: number; readonly result: FileResult };
