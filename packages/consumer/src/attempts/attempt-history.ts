import { shortDigest } from "@streamwarden/base";
import { DocumentKind, formatReader } from "@streamwarden/detection";
import * as z from "zod";

/**
 * What is known of attempts at a message that did not come back in order. Why a marker before and none after: a process
 * that was killed can say nothing, so it says beforehand what it is about to do. And why "alone" is counted apart: of ten
 * messages that were together in a process that died, nine are innocent. Only who was alone twice has killed it.
 */
export interface AttemptHistory {
  /** How often a process died while it had this message and others. */
  readonly together: number;
  /** How often a process died while it had this message alone. */
  readonly alone: number;
  /** An attempt that began, and of which no end is known. */
  readonly open: { readonly at: number; readonly alone: boolean } | undefined;
}

export const noAttempts: AttemptHistory = { together: 0, alone: 0, open: undefined };

/** How many deaths alone make a message poison. */
const deadlyAttempts = 2;

const historySchema = z.object({
  together: z.int().nonnegative(),
  alone: z.int().nonnegative(),
  open: z.object({ at: z.number(), alone: z.boolean() }).nullable(),
});

const read = formatReader(
  historySchema,
  ({ together, alone, open }): AttemptHistory => ({ together, alone, open: open ?? undefined }),
);

export const attemptHistories: DocumentKind<AttemptHistory> = new DocumentKind({
  name: "attempt history",
  format: 1,
  readableSince: 1,
  readers: { 1: read },
  encode: ({ open, ...counts }) => ({ ...counts, open: open ?? null }),
});

/** Message ids are unique in a queue only. */
export function attemptKey(queueUrl: string, messageId: string): string {
  return `attempt#${shortDigest(JSON.stringify([queueUrl, messageId]), 32)}`;
}

/**
 * The history of a message that has come again. An attempt without an end counts as a death only if the message stayed
 * away for long: SQS hides what a dead process held for the whole visibility timeout. What came back earlier was
 * returned in order, by a process that could not say so because the table was away, or it was delivered twice.
 */
export function cameAgain(
  history: AttemptHistory,
  { now, shortestAbsence }: { readonly now: number; readonly shortestAbsence: number },
): AttemptHistory {
  const { open, together, alone } = history;
  if (open === undefined) return history;
  if (now - open.at < shortestAbsence) return { together, alone, open: undefined };
  return open.alone
    ? { together, alone: alone + 1, open: undefined }
    : { together: together + 1, alone, open: undefined };
}

/** Whether a message must be met alone. */
export function isSuspect({ together, alone }: AttemptHistory): boolean {
  return together + alone > 0;
}

/** Whether a message has killed so often that it is not met again. */
export function isPoison({ alone }: AttemptHistory): boolean {
  return alone >= deadlyAttempts;
}
