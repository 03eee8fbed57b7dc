import { errorMessage } from "@streamwarden/base";
import pMap from "p-map";
import { type Deliveries, deliver } from "../../delivery/delivery.ts";
import type { Message, PipelineContext } from "../context.ts";
import { type Holder, settleOutbox } from "./incident-store.ts";
import {
  concurrency,
  type Owed,
  type PendingClosing,
  type Rejected,
  type Returned,
  returning,
} from "./model.ts";

/** What became of what was owed. */
export interface Delivered {
  readonly deliveries: Deliveries;
  /** Alerts that are out and marked. */
  readonly published: number;
  readonly returned: readonly Returned[];
}

/** Delivers what incidents owe, and settles each incident as soon as its own entries are done. */
export async function deliverOwed(
  context: PipelineContext,
  holder: Holder,
  owed: readonly Owed[],
): Promise<Delivered> {
  const returned: Returned[] = [];
  let published = 0;
  const deliveries = await deliver(context, owed, async ({ key, entries, messagesOf }, { done, failed }) => {
    for (const entry of entries) {
      const reason = failed.get(entry.id);
      if (reason !== undefined) returned.push(...returning(messagesOf(entry), reason));
    }
    try {
      await settleOutbox(context, holder, key, done);
      published += entries.filter(({ id, due }) => due.kind === "alert" && done.has(id)).length;
    } catch (error) {
      // The alerts are out but not marked: a later attempt publishes them again under the same ids.
      for (const entry of entries) returned.push(...returning(messagesOf(entry), errorMessage(error)));
    }
  });
  return { deliveries, published, returned };
}

/** Forgets what timers decided, once it is safe in incidents and windows. */
export async function finishClosings(
  closings: readonly PendingClosing[],
  waiting: ReadonlySet<Message>,
): Promise<readonly Returned[]> {
  const results = await pMap(
    closings.filter(({ message }) => !waiting.has(message)),
    async ({ message, finish }): Promise<readonly Returned[]> => {
      try {
        await finish();
        return [];
      } catch (error) {
        return returning([message], errorMessage(error));
      }
    },
    { concurrency },
  );
  return results.flat();
}

/** Quarantines what cannot be read. A message that also carries good records is only moved once those are safe. */
export async function quarantineRejected(
  { quarantine, observer }: PipelineContext,
  rejected: Iterable<Rejected>,
  waiting: ReadonlySet<Message>,
): Promise<readonly Returned[]> {
  const results = await pMap(
    [...rejected].filter(({ message }) => !waiting.has(message)),
    async ({ message, rejection }): Promise<readonly Returned[]> => {
      try {
        await quarantine(message, rejection);
        return [];
      } catch (error) {
        observer.quarantineFailed?.(message, rejection, error);
        return returning([message], errorMessage(error));
      }
    },
    { concurrency },
  );
  return results.flat();
}
