import { decode } from "@streamwarden/cloudtrail";
import { exhausted, parseTimer } from "../../timer/timer.ts";
import type { Message, PipelineContext } from "../context.ts";
import type { Sighting } from "../origin.ts";
import type { Rejected, TimerMessage } from "./model.ts";

/** What messages are: records, timers, or nothing that can be read. A file with good and bad records is both. */
export interface DecodedMessages {
  readonly sightings: readonly Sighting[];
  readonly timers: readonly TimerMessage[];
  readonly rejected: readonly Rejected[];
}

export function decodeMessages(
  { observer, clock }: Pick<PipelineContext, "observer" | "clock">,
  messages: readonly Message[],
): DecodedMessages {
  const sightings: Sighting[] = [];
  const timers: TimerMessage[] = [];
  const rejected: Rejected[] = [];
  for (const message of messages) {
    const parsed = parseTimer(message.body);
    if (parsed?.outcome === "timer") {
      const { timer, hops } = parsed;
      const rejection = exhausted(timer, hops, clock.now());
      if (rejection === undefined) timers.push({ message, timer, hops });
      else rejected.push({ message, rejection });
    }
    if (parsed?.outcome === "rejected")
      rejected.push({ message, rejection: { reason: parsed.reason, message: parsed.message } });
    if (parsed !== undefined) continue;
    const decoded = decode(message.body);
    if (decoded.outcome === "records") {
      for (const record of decoded.records) sightings.push({ message, record, carrier: decoded.carrier });
      const [rejection] = decoded.rejected;
      if (rejection !== undefined) rejected.push({ message, rejection });
    } else if (decoded.outcome === "rejected") {
      rejected.push({ message, rejection: decoded.rejection });
    } else if (decoded.outcome === "service-event") {
      observer.serviceEvent?.(decoded.source, decoded.detailType);
    }
  }
  return { sightings, timers, rejected };
}
