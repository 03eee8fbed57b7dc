import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import type { BatchResult, Message, PipelineOptions } from "../../pipeline/context.ts";

/** What the upgrade laws use of the released engine. Its values are opaque: they only go back into it. */
interface ReleasedPolicies {
  readonly problems: readonly unknown[];
}
interface ReleasedDetector {
  detect(record: CloudTrailRecord): unknown;
}
interface ReleasedWakeUp {
  readonly kind: string;
  readonly subject: string;
  readonly at: number;
}

export function parseConfig(text: string, path: string): object;
export function loadPolicies(options: {
  readonly config: object;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}): ReleasedPolicies;
export function createDetector(policies: ReleasedPolicies): ReleasedDetector;
export function createPipeline(
  options: Pick<
    PipelineOptions,
    "store" | "publisher" | "quarantine" | "clock" | "observer" | "directPerMinute"
  > & {
    readonly detector: ReleasedDetector;
    readonly scheduleWakeUp: (wakeUp: ReleasedWakeUp) => Promise<void>;
  },
): { process(messages: readonly Message[]): Promise<BatchResult> };
