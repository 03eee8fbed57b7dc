import { isObject } from "@streamwarden/cloudtrail";

const kinds = ["incident-summary", "digest", "window", "first-seen"] as const;

/**
 * A note to ourselves: a delayed message on our own queue, so that time needs no service of its own. It may come
 * twice or late, and means only "look at this document now".
 */
export interface Timer {
  readonly kind: (typeof kinds)[number];
  /**
   * The incident's id, the digest's minute in milliseconds since the epoch, `[correlation, key]` of a window (and
   * `second look` where there are windows below it), or `[policy, key, key]` of a first-seen term and of what is known of
   * its learning period.
   */
  readonly subject: string;
  /** When to look, milliseconds since the epoch. */
  readonly at: number;
}

const marker = "streamwardenWakeUp";

export const timerBody = (timer: Timer): string => JSON.stringify({ [marker]: timer });

/** The timer in a message body, if it is one. */
export function parseTimer(body: string): Timer | undefined {
  if (!body.startsWith(`{"${marker}":`)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const found = isObject(value) ? value[marker] : undefined;
  if (!isObject(found)) return undefined;
  const { subject, at } = found;
  const kind = kinds.find((one) => one === found.kind);
  if (kind === undefined) return undefined;
  if (typeof subject !== "string" || typeof at !== "number" || !Number.isFinite(at)) return undefined;
  return { kind, subject, at };
}
