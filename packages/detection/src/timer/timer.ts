import { isObject } from "@streamwarden/cloudtrail";
import * as z from "zod";

/** Time to sum an incident up. */
export interface IncidentTimer {
  readonly kind: "incident-summary";
  readonly incidentId: string;
  /** When to look, milliseconds since the epoch. */
  readonly at: number;
}

/** Time to tell what a minute held back. */
interface DigestTimer {
  readonly kind: "digest";
  /** Milliseconds since the epoch. */
  readonly minuteStart: number;
  readonly at: number;
}

/** Time to decide the complete windows of one correlation and group. */
export interface WindowTimer {
  readonly kind: "window";
  /** The correlation's reference. */
  readonly correlation: string;
  /** The key of the window's document. */
  readonly window: string;
  /** A window over one that waits is looked at a second time, when those below it are decided. */
  readonly look: "first" | "second";
  readonly at: number;
}

/** Time to decide the sightings of one first-seen term. */
export interface FirstSeenTimer {
  readonly kind: "first-seen";
  readonly policyId: string;
  /** The keys of the documents of the term and of its learning period. */
  readonly term: string;
  readonly learning: string;
  readonly at: number;
}

/**
 * A note to ourselves: a delayed message on a queue of ours. Why a message and no scheduler: queues, which must work for
 * records to be seen at all, are then the only thing that time depends on, in Lambda, in the service and on a laptop.
 * A timer may come twice or late, and means only "look at this document now": what is due is decided by the document.
 */
export type Timer = IncidentTimer | DigestTimer | WindowTimer | FirstSeenTimer;

/** What a message body is, where it says that it is a timer. */
export type ParsedTimer =
  | {
      readonly outcome: "timer";
      readonly timer: Timer;
      /** How often it was sent on because it came early. */
      readonly hops: number;
    }
  | { readonly outcome: "rejected"; readonly reason: string; readonly message: string };

/** The name that the first release gave to timers. It reads what stands under it, so it stays. */
const marker = "streamwardenWakeUp";
const format = 2;
/** The oldest release that understands what is written here: `subject` is its only encoding. */
const readableSince = 1;

/** The longest delay of an SQS message; a timer further away is sent on when it comes. */
export const longestHopSeconds = 900;

/**
 * How often a timer may be sent on: enough for 104 days. AWS stops nothing that loops between the consumer and its
 * queue, because timers do so on purpose, so this is what ends a forged timer, or one that a fault keeps alive.
 */
const maximumHops = 10_000;

const at = z.number();
const hopCount = z.int().nonnegative().default(0);
const windowKey = z.string().regex(/^window#[0-9a-f]{32}$/);
const termKey = z.string().regex(/^first-seen#[0-9a-f]{32}$/);
const learningKey = z.string().regex(/^first-seen-learning#[0-9a-f]{32}$/);
const incidentId = z.string().min(1).max(100);
const minuteStart = z.int().nonnegative();

const timerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("incident-summary"), incidentId, at }),
  z.object({ kind: z.literal("digest"), minuteStart, at }),
  z.object({
    kind: z.literal("window"),
    correlation: z.string(),
    window: windowKey,
    look: z.enum(["first", "second"]),
    at,
  }),
  z.object({ kind: z.literal("first-seen"), policyId: z.string(), term: termKey, learning: learningKey, at }),
]) satisfies z.ZodType<Timer>;

const subjectOfFormat1 = z.object({ kind: z.string(), subject: z.string(), at });

/** The parts of a subject of format 1, which were JSON where there was more than one. */
function partsOf(subject: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(subject);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** Format 1 had one text for all: `subject`. What it says is checked like a timer of the present format. */
function fromFormat1(value: unknown): unknown {
  const { kind, subject, at: when } = subjectOfFormat1.parse(value);
  if (kind === "incident-summary") return { kind, incidentId: subject, at: when };
  if (kind === "digest")
    return { kind, minuteStart: subject === "" ? Number.NaN : Number(subject), at: when };
  const [first, second, third] = partsOf(subject);
  if (kind === "window")
    return {
      kind,
      correlation: first,
      window: second,
      look: third === undefined ? "first" : "second",
      at: when,
    };
  return { kind, policyId: first, term: second, learning: third, at: when };
}

/**
 * What a timer is about, as one text: the `subject` of format 1. The first release reads it from the message, and the
 * ledger of timers is kept under it, so both releases share one schedule.
 */
export function subjectOf(timer: Timer): string {
  switch (timer.kind) {
    case "incident-summary":
      return timer.incidentId;
    case "digest":
      return String(timer.minuteStart);
    case "window": {
      const { correlation, window, look } = timer;
      return JSON.stringify(look === "first" ? [correlation, window] : [correlation, window, "second look"]);
    }
    case "first-seen":
      return JSON.stringify([timer.policyId, timer.term, timer.learning]);
  }
}

/** The message that carries a timer, and how often it was sent on. Earlier releases read it and count from 0 again. */
export function timerBody(timer: Timer, hops = 0): string {
  const counted = hops === 0 ? {} : { hops };
  return JSON.stringify({
    [marker]: { format, readableSince, subject: subjectOf(timer), ...timer, ...counted },
  });
}

/**
 * Why a timer that came early must not be sent on: it would need more hops than any timer of ours. Undefined where it
 * may go on, and where it is due: a timer that is due is never turned away for the way it came.
 */
export function exhausted(
  { at: due }: Timer,
  hops: number,
  now: number,
): { readonly reason: string; readonly message: string } | undefined {
  if (due <= now) return undefined;
  const missing = Math.ceil((due - now) / (longestHopSeconds * 1000));
  if (hops + missing <= maximumHops) return undefined;
  return {
    reason: "timer-hop-limit",
    message: `The timer was sent on ${hops} times and is ${missing} times 15 minutes away, which is more than the ${maximumHops} that a timer may take. Find out who else may send to the queues, whether a clock is wrong, or whether a record carries a time far in the future.`,
  };
}

const looksLikeTimer = new RegExp(`^\\s*\\{\\s*"${marker}"\\s*:`);

/** The timer in a message body. Undefined where the body does not say that it is one. */
export function parseTimer(body: string): ParsedTimer | undefined {
  if (!looksLikeTimer.test(body)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return rejected("it is not JSON");
  }
  const stored = isObject(value) ? value[marker] : undefined;
  if (!isObject(stored)) return rejected("it holds no object");
  const written = stored.format ?? 1;
  if (typeof written !== "number") return rejected("its format is not a number");
  if (written > format && !(typeof stored.readableSince === "number" && stored.readableSince <= format)) {
    return {
      outcome: "rejected",
      reason: "timer-format-unknown",
      message: `The timer has format ${written}, and this release reads ${format} and older: a later release sent it. Redrive it from the dead-letter queue once that release is deployed again.`,
    };
  }
  try {
    const timer = timerSchema.parse(written === 1 ? fromFormat1(stored) : stored);
    return { outcome: "timer", timer, hops: hopCount.parse(stored.hops) };
  } catch (error) {
    return rejected(reasonOf(error));
  }
}

function rejected(why: string): ParsedTimer {
  return {
    outcome: "rejected",
    reason: "timer-unreadable",
    message: `The message says that it is a timer, and cannot be read as one: ${why}. Timers are sent by Streamwarden itself; find out who else may send to its queue.`,
  };
}

function reasonOf(error: unknown): string {
  return error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join(".") || "timer"}: ${message}`).join("; ")
    : String(error);
}
