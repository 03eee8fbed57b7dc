import type { AlertRecord } from "@streamwarden/alerting";
import {
  type Actor,
  actorOf,
  type Carrier,
  type CloudTrailRecord,
  eventTimeOf,
  isObject,
  nonEmptyString,
  redact,
  redactText,
  resourcesOf,
} from "@streamwarden/cloudtrail";

/** How much of one string of a record is kept: CloudTrail's own bound for user agents and error messages. */
const maximumStringLength = 1024;
/** How far beyond the cut a secret may reach and still be recognised by its form. */
const windowBeyondCut = 4096;
const maximumReasons = 12;
const maximumResources = 20;

/** What an alert tells of a record: redacted and bounded before anything is stored, logged or sent. */
export function alertRecord(
  record: CloudTrailRecord,
  facts: {
    readonly carrier: Carrier;
    readonly reasons: readonly string[];
    readonly receivedAt: number;
    readonly matchedAt: number;
  },
): AlertRecord {
  const request = redact(record).requestParameters;
  const text = (name: string, value: unknown): object => {
    const found = nonEmptyString(value);
    return found === undefined ? {} : { [name]: bounded(found) };
  };
  return {
    eventId: storedEventId(record),
    eventTime: bounded(record.eventTime),
    eventSource: bounded(record.eventSource),
    eventName: bounded(record.eventName),
    ...text("region", record.awsRegion),
    ...text("account", record.recipientAccountId),
    ...text("sourceIp", record.sourceIPAddress),
    ...text("userAgent", record.userAgent),
    ...text("errorCode", record.errorCode),
    ...text("errorMessage", record.errorMessage),
    ...(isObject(request) ? { request } : {}),
    resources: resourcesOf(record).slice(0, maximumResources).map(bounded),
    actor: redactedActor(actorOf(record)),
    carrier: facts.carrier,
    reasons: facts.reasons.slice(0, maximumReasons).map(bounded),
    times: { called: eventTimeOf(record), received: facts.receivedAt, matched: facts.matchedAt },
  };
}

/** Session and user names are free text: some people put a credential there. */
const redactedActor = (actor: Actor): Actor => ({
  ...actor,
  id: redactText(actor.id),
  label: redactText(actor.label),
  ...(actor.session === undefined ? {} : { session: redactText(actor.session) }),
});

/** The eventID under which a record is stored: an id that looks like a secret is redacted like everything else. */
export const storedEventId = (record: CloudTrailRecord): string => bounded(record.eventID);

/** Redacts beyond the cut, so that a secret which the cut would halve is recognised whole. */
const bounded = (text: string): string =>
  redactText(text.slice(0, maximumStringLength + windowBeyondCut)).slice(0, maximumStringLength);
