import { type JsonObject, parseEventTime } from "@streamwarden/cloudtrail";
import { parseDuration } from "@streamwarden/config";

/** What a sequence asks of its steps; test files have more. */
interface SequenceStep {
  readonly at?: string | undefined;
  readonly after?: string | undefined;
  readonly repeat?: number | undefined;
  readonly set?: JsonObject | undefined;
}

/**
 * The records of a sequence: each has its time and an eventID of its own. A record that sets its `eventTime` or
 * `eventID` itself keeps it, and the next one follows from there.
 */
export function buildSequence<Step extends SequenceStep>(
  steps: readonly Step[],
  build: (step: Step) => JsonObject,
): JsonObject[] {
  const records: JsonObject[] = [];
  let start: number | undefined;
  let last: number | undefined;
  for (const step of steps) {
    for (let number = 1; number <= (step.repeat ?? 1); number += 1) {
      const record = build(step.repeat === undefined ? step : numbered(step, number));
      const own = step.set !== undefined && "eventTime" in step.set;
      const written = parseEventTime(record.eventTime);
      const time: number =
        own || last === undefined || start === undefined ? written : timeOf(step, number, start, last);
      start ??= time;
      last = time;
      const id = { eventID: `00000000-0000-4000-8000-${String(records.length + 1).padStart(12, "0")}` };
      records.push({
        ...record,
        ...(step.set !== undefined && "eventID" in step.set ? {} : id),
        ...(Number.isNaN(time) ? {} : { eventTime: textOf(time) }),
      });
    }
  }
  return records;
}

function timeOf({ at, after }: SequenceStep, number: number, start: number, last: number): number {
  return at !== undefined && number === 1
    ? start + (parseDuration(at) ?? 0) * 1000
    : last + (parseDuration(after ?? "1s") ?? 0) * 1000;
}

function textOf(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

/** A step whose texts say which of its repetitions it is. */
function numbered<Step>(step: Step, number: number): Step {
  return JSON.parse(JSON.stringify(step).replaceAll("{n}", String(number))) as Step;
}
