import { createHash } from "node:crypto";

const mostEvents = 20;
/** Quotes may be escaped, in a text that stands in another. UUIDs hold no secret. */
const eventId = /eventID[\\"]{1,16}\s{0,8}:\s{0,8}[\\"]{1,16}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gi;

/**
 * What the dead-letter queue keeps of a message that ended the process: what it takes to find its events in CloudTrail,
 * and to recognise it. It is not parsed, unpacked or redacted, because one of these may be what ended the process; so its
 * content, which may hold secrets, is not kept.
 */
export function withheldBody(body: string): string {
  const eventIds = new Set<string>();
  for (const [, id = ""] of body.matchAll(eventId)) {
    eventIds.add(id);
    if (eventIds.size >= mostEvents) break;
  }
  return JSON.stringify({
    withheld: "a message that ended the process when it was read",
    bytes: Buffer.byteLength(body),
    sha256: createHash("sha256").update(body).digest("hex"),
    eventIds: [...eventIds],
  });
}
