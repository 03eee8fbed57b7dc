import { randomUUID } from "node:crypto";
import type { BatchResult, Message, PipelineContext } from "./context.ts";
import { decide } from "./stages/decide.ts";
import { decodeMessages } from "./stages/decode.ts";
import { matchRecords } from "./stages/match.ts";
import { mergeIncidents } from "./stages/merge.ts";
import { owedOnce, type Returned } from "./stages/model.ts";
import { judgeRecords, outcomeOf } from "./stages/outcome.ts";
import { deliverOwed, finishClosings, quarantineRejected } from "./stages/settle.ts";

/**
 * One batch of messages, stage by stage. Why stages with values in and out: what makes a message safe to acknowledge is
 * the order in which things become durable (windows, incidents, alerts, then what timers forget, then the dead-letter
 * queue), and here that order can be read. Nothing is remembered between stages but what stands in this function.
 */
export async function processBatch(
  context: PipelineContext,
  messages: readonly Message[],
): Promise<BatchResult> {
  const holder = randomUUID();
  const decoded = decodeMessages(context, messages);
  const matched = matchRecords(context, decoded.sightings);
  const decided = await decide(context, holder, matched, decoded.timers);
  const contributions = [...matched.contributions, ...decided.contributions];
  const merged = await mergeIncidents(context, holder, contributions);
  const owed = owedOnce([...decided.owed, ...merged.owed]);
  const delivered = await deliverOwed(context, holder, owed);
  const outcomes = judgeRecords(merged.incidents, delivered.deliveries);

  let returned = firstReasons([...decided.returned, ...merged.returned, ...delivered.returned]);
  const rejected = new Map([...decoded.rejected, ...matched.rejected].map((one) => [one.message, one]));
  const waiting = (): ReadonlySet<Message> => new Set(returned.keys());
  returned = firstReasons([...entriesOf(returned), ...(await finishClosings(decided.closings, waiting()))]);
  const unmoved = await quarantineRejected(context, rejected.values(), waiting());
  returned = firstReasons([...entriesOf(returned), ...unmoved]);
  const { published } = delivered;
  return outcomeOf({ messages, matched, outcomes, owed, published, rejected, returned });
}

/** A message is returned for the first reason that was found. */
function firstReasons(all: readonly Returned[]): ReadonlyMap<Message, string> {
  const reasons = new Map<Message, string>();
  for (const { message, reason } of all) if (!reasons.has(message)) reasons.set(message, reason);
  return reasons;
}

function entriesOf(returned: ReadonlyMap<Message, string>): readonly Returned[] {
  return [...returned].map(([message, reason]) => ({ message, reason }));
}
