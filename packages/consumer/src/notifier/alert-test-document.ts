import { DocumentKind, formatReader } from "@streamwarden/detection";
import * as z from "zod";

/**
 * What became of a test of the delivery at one destination: written by its notifier, read by `streamwarden alert test`.
 * Why it is stored: the notifier runs elsewhere, and only what the receiver answered proves that a message arrived.
 */
export type AlertTestDocument = {
  /** How long the receiver took to answer, retries included. */
  readonly milliseconds: number;
} & (
  | {
      readonly outcome: "delivered";
      /** What the receiver answered, in words: `HTTP 200`. */
      readonly answer: string;
    }
  | {
      readonly outcome: "failed";
      /** The code of a PublishError, or `unexpected`. */
      readonly code: string;
      /** What was seen, in words: `HTTP 404: no_service`. */
      readonly reason: string;
    }
);

/** Nobody reads it later, and nothing is to stay behind. */
export const alertTestRetentionSeconds = 3600;

export function alertTestDocumentKey(testId: string, destination: string): string {
  return `alert-test#${destination}#${testId}`;
}

const schema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("delivered"), milliseconds: z.number(), answer: z.string() }),
  z.object({ outcome: z.literal("failed"), milliseconds: z.number(), code: z.string(), reason: z.string() }),
]);

export const alertTestDocuments: DocumentKind<AlertTestDocument> = new DocumentKind({
  name: "alert test",
  format: 1,
  readableSince: 1,
  readers: { 1: formatReader(schema, (stored): AlertTestDocument => stored) },
  encode: (document) => document,
});
