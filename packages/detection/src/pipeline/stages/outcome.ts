import type { Deliveries } from "../../delivery/delivery.ts";
import { type Balance, emptyBalance, type RecordOutcome, recordOutcomes } from "../balance.ts";
import type { BatchResult, Message, MessageOutcome } from "../context.ts";
import type { Sighting } from "../origin.ts";
import type { MatchedRecords } from "./match.ts";
import type { MergedIncident, Owed, Rejected } from "./model.ts";

type RecordOutcomes = ReadonlyMap<Sighting, ReadonlySet<RecordOutcome>>;

/** What became of each record in its incidents. Pure. */
export function judgeRecords(
  incidents: readonly MergedIncident[],
  { done }: Pick<Deliveries, "done">,
): RecordOutcomes {
  const outcomes = new Map<Sighting, Set<RecordOutcome>>();
  for (const { work, progress } of incidents) {
    const published = progress.owed.filter(({ id, due }) => due.kind === "alert" && done.has(id));
    const causes = new Set(published.map(({ cause }) => cause));
    const seenInBatch = new Set<string>();
    for (const { id, origin } of work.events) {
      const isRepeated = seenInBatch.has(id);
      seenInBatch.add(id);
      if (origin.sighting === undefined) continue;
      const known = outcomes.get(origin.sighting) ?? new Set();
      outcomes.set(origin.sighting, known);
      if (isRepeated) known.add("duplicate");
      else if (causes.has(origin.eventId)) known.add("alerted");
      else if (progress.known.has(id)) known.add("duplicate");
      else known.add(work.scope.live ? "merged" : "dryRun");
    }
  }
  return outcomes;
}

/** How each message ended, and the balance of the batch. Pure. */
export function outcomeOf(batch: {
  readonly messages: readonly Message[];
  readonly matched: Pick<MatchedRecords, "seen" | "quiet">;
  readonly outcomes: RecordOutcomes;
  readonly owed: readonly Owed[];
  readonly published: number;
  readonly rejected: ReadonlyMap<Message, Rejected>;
  readonly returned: ReadonlyMap<Message, string>;
}): BatchResult {
  const { messages, rejected, returned } = batch;
  const outcomes = messages.map((message): MessageOutcome => {
    const { id } = message;
    const reason = returned.get(message);
    if (reason !== undefined) return { id, outcome: "returned", reason };
    const rejection = rejected.get(message)?.rejection;
    if (rejection !== undefined) return { id, outcome: "quarantined", rejection };
    return { id, outcome: "processed" };
  });
  return { outcomes, balance: balanceOf(batch) };
}

function balanceOf(batch: Parameters<typeof outcomeOf>[0]): Balance {
  const { messages, matched, outcomes, owed, published, rejected, returned } = batch;
  const records = { ...emptyBalance.records };
  // The records of a returned message are seen when it comes again.
  for (const sighting of matched.seen) {
    if (returned.has(sighting.message)) continue;
    const found = outcomes.get(sighting);
    const isQuiet = matched.quiet.has(sighting);
    const strongest = recordOutcomes.find((one) => found?.has(one) || (one === "quiet" && isQuiet));
    records.seen += 1;
    records[strongest ?? "quiet"] += 1;
  }
  const quarantined = [...rejected.keys()].filter((message) => !returned.has(message)).length;
  const alerts = owed.flatMap(({ entries }) => entries).filter(({ due }) => due.kind === "alert").length;
  return {
    messages: {
      received: messages.length,
      processed: messages.length - returned.size - quarantined,
      quarantined,
      returned: returned.size,
    },
    records,
    alerts: { owed: alerts, published, pending: alerts - published },
  };
}
