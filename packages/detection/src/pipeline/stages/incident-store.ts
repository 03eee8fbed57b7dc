import { settleIncident } from "../../incident/incident.ts";
import { type IncidentDocument, incidentDocuments } from "../../incident/incident-document.ts";
import type { Lease, Leased } from "../../incident/outbox.ts";
import type { PipelineContext } from "../context.ts";

/** Who holds the leases of one batch. Each batch is its own: a redelivery in the same process is somebody else. */
export type Holder = string;

/** The longest incident window that a policy may name. */
const longestWindowSeconds = 7 * 24 * 3600;

/** An incident is remembered for as long as its messages may come, and until its summary is out. */
function incidentSeconds({ retentionSeconds, allowedLatenessSeconds }: PipelineContext): number {
  return retentionSeconds + longestWindowSeconds + allowedLatenessSeconds;
}

/** Changes an incident and leases what it owes to this batch, in one update. */
export async function updateIncident<T extends Leased & { readonly document: IncidentDocument | undefined }>(
  context: PipelineContext,
  holder: Holder,
  key: string,
  change: (current: IncidentDocument | undefined, lease: Lease, now: number) => T,
): Promise<T> {
  const { store, clock, leaseSeconds } = context;
  let result: T | undefined;
  await incidentDocuments.update(store, key, incidentSeconds(context), (current) => {
    const now = clock.now();
    result = change(current, { by: holder, until: now + leaseSeconds * 1000 }, now);
    return result.document;
  });
  if (result === undefined) throw new Error("The state store did not apply the change.");
  return result;
}

/** Takes what was done out of an incident's outbox, and frees what was not. */
export function settleOutbox(
  context: PipelineContext,
  holder: Holder,
  key: string,
  done: ReadonlySet<string>,
): Promise<IncidentDocument | undefined> {
  return incidentDocuments.update(context.store, key, incidentSeconds(context), (current) =>
    settleIncident(current, holder, done),
  );
}
