import { isObject } from "@streamwarden/cloudtrail";
import * as z from "zod";
import type { Alert, AlertDigest } from "../model/alert.ts";
import { alertSchema, digestSchema, testSchema } from "../model/alert-schema.ts";
import type { AlertTest } from "../model/alert-test.ts";

/**
 * What a finding carries of ours under `unmapped.streamwarden`, so that a subscriber can render it for its own medium.
 *
 * It crosses deployments: messages wait in queues for days while consumers and notifiers are replaced one by one. So it
 * carries the number of its format, every release reads the format before its own, and fields that the release before
 * needs stay for one release: `version: 1` is how format 1 named itself, and its readers look for nothing else.
 */
export type OwnMessage =
  | { readonly format: 2; readonly version: 1; readonly type: "alert"; readonly alert: Alert }
  | { readonly format: 2; readonly version: 1; readonly type: "digest"; readonly digest: AlertDigest }
  | { readonly format: 3; readonly type: "test"; readonly test: AlertTest };

export type Published =
  | { readonly type: "alert"; readonly alert: Alert }
  | { readonly type: "digest"; readonly digest: AlertDigest }
  | { readonly type: "test"; readonly test: AlertTest };

/**
 * Format 3 added tests. Alerts and digests keep the number 2, so that the release before reads them still; it gives a
 * test back to its queue as newer than itself.
 */
export const currentFormat = 3;

/**
 * When a consumer happened to match the record and to publish is bookkeeping of ours and no part of the alert: the same
 * calls give the same message. The release before needs a number for `matched`; the decision's own time is one.
 */
export function ownAlert({ publishedAt: _, ...alert }: Alert): OwnMessage {
  const times = { ...alert.record.times, matched: alert.createdAt };
  return { format: 2, version: 1, type: "alert", alert: { ...alert, record: { ...alert.record, times } } };
}

export function ownDigest(digest: AlertDigest): OwnMessage {
  return {
    format: 2,
    version: 1,
    type: "digest",
    digest,
  };
}

export function ownTest(test: AlertTest): OwnMessage {
  return { format: 3, type: "test", test };
}

const format2 = z.discriminatedUnion("type", [
  z.object({ type: z.literal("alert"), alert: alertSchema }),
  z.object({ type: z.literal("digest"), digest: digestSchema }),
]) satisfies z.ZodType<Published>;

const format3 = z.object({ type: z.literal("test"), test: testSchema }) satisfies z.ZodType<Published>;

/** Format 1 said by its field what it carried. It knew no persons: an actor was its principal. */
const format1 = z.union([
  z
    .object({ alert: z.preprocess(withPrincipal, alertSchema) })
    .transform(({ alert }): Published => ({ type: "alert", alert })),
  z.object({ digest: digestSchema }).transform(({ digest }): Published => ({ type: "digest", digest })),
]);

function withPrincipal(alert: unknown): unknown {
  if (!isObject(alert) || !isObject(alert.record) || !isObject(alert.record.actor)) return alert;
  const { record } = alert;
  const actor = { principal: alert.record.actor.id, ...alert.record.actor };
  return { ...alert, record: { ...record, actor } };
}

/** How each format that this release reads becomes what it works with. */
export const formats: ReadonlyMap<number, z.ZodType<Published>> = new Map<number, z.ZodType<Published>>([
  [1, format1],
  [2, format2],
  [currentFormat, format3],
]);

/** The number of a message's format, of whatever release; undefined when it carries none. */
export function formatOf({ format, version }: Readonly<Record<string, unknown>>): number | undefined {
  const number = format ?? version;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : undefined;
}
