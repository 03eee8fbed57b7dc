import type { AlertRecord } from "@streamwarden/alerting";
import {
  type Actor,
  actorOf,
  type Carrier,
  type CloudTrailRecord,
  type CredentialFacts,
  consequenceOf,
  credentialFactsOf,
  eventTimeOf,
  isObject,
  nonEmptyString,
  redact,
  redactText,
  resourceFactsOf,
  resourcesOf,
} from "@streamwarden/cloudtrail";

/** How much of a record is kept. Lengths are UTF-16 units. */
interface Bounds {
  /** Of one string; CloudTrail's own bound for user agents and error messages is 1,024. */
  readonly text: number;
  readonly requestCharacters: number;
  readonly requestEntries: number;
  readonly resources: number;
  readonly reasons: number;
  readonly facts: number;
}

const widest: Bounds = {
  text: 1024,
  requestCharacters: 16_384,
  requestEntries: 500,
  resources: 20,
  reasons: 12,
  facts: 16,
};
/** What a caller made larger than any person reads is cut until it fits. */
const narrower: readonly Bounds[] = [
  { text: 512, requestCharacters: 4096, requestEntries: 100, resources: 8, reasons: 8, facts: 8 },
  { text: 128, requestCharacters: 1024, requestEntries: 30, resources: 3, reasons: 4, facts: 4 },
];
/**
 * As JSON. An incident holds five records and one in each alert that is not out yet, and all of it must fit into the
 * 400 KB of a DynamoDB item, whatever the callers sent: an incident that cannot be stored can raise no alert.
 */
const maximumBytes = 16 * 1024;
/** How far beyond the cut a secret may reach and still be recognised by its form. */
const windowBeyondCut = 4096;

/** What an alert tells of a record: redacted and bounded before anything is stored, logged or sent. */
export function alertRecord(
  record: CloudTrailRecord,
  facts: {
    /** Who made the call; read from the record where nothing is known of the site's roles. */
    readonly actor?: Actor;
    readonly carrier: Carrier;
    readonly reasons: readonly string[];
    readonly receivedAt: number;
    readonly matchedAt: number;
  },
): AlertRecord {
  const resources = resourcesOf(record);
  const actor = redactedActor(facts.actor ?? actorOf(record));
  let content = contentOf(record, { ...facts, resources, actor }, widest);
  for (const bounds of narrower) {
    // Only what depends on the record alone is measured: every consumer must cut alike.
    if (Buffer.byteLength(JSON.stringify(content)) <= maximumBytes) break;
    content = contentOf(record, { ...facts, resources, actor }, bounds);
  }
  return {
    ...content,
    carrier: facts.carrier,
    times: { called: eventTimeOf(record), received: facts.receivedAt, matched: facts.matchedAt },
  };
}

function contentOf(
  record: CloudTrailRecord,
  { actor, reasons, resources }: Pick<AlertRecord, "actor" | "reasons" | "resources">,
  bounds: Bounds,
): Omit<AlertRecord, "carrier" | "times"> {
  const { eventSource, eventName, requestParameters } = record;
  // Alone, so that nothing else of the record takes the room; source and name tell where secrets stand.
  const { requestParameters: request } = redact(
    { eventSource, eventName, requestParameters },
    {
      maximumStringLength: bounds.text,
      maximumCharacters: bounds.requestCharacters,
      maximumEntries: bounds.requestEntries,
    },
  );
  const cut = (text: string): string => bounded(text, bounds.text);
  const consequence = consequenceOf(record);
  const text = (name: string, value: unknown): object => {
    const found = nonEmptyString(value);
    return found === undefined ? {} : { [name]: cut(found) };
  };
  return {
    eventId: storedEventId(record),
    eventTime: cut(record.eventTime),
    eventSource: cut(record.eventSource),
    eventName: cut(record.eventName),
    ...text("region", record.awsRegion),
    ...text("account", record.recipientAccountId),
    ...text("sourceIp", record.sourceIPAddress),
    ...text("userAgent", record.userAgent),
    ...text("errorCode", record.errorCode),
    ...text("errorMessage", record.errorMessage),
    ...(isObject(request) ? { request } : {}),
    resources: resources.slice(0, bounds.resources).map(cut),
    actor,
    ...credentialsOf(record, cut),
    ...text("vpcEndpoint", record.vpcEndpointId),
    ...factsOf(record, bounds.facts, cut),
    ...(consequence === undefined ? {} : { consequence }),
    reasons: reasons.slice(0, bounds.reasons).map(cut),
  };
}

function credentialsOf(
  record: CloudTrailRecord,
  cut: (text: string) => string,
): { readonly credentials?: CredentialFacts } {
  const facts = Object.entries(credentialFactsOf(record)).map(([name, value]) => [name, cut(value)]);
  return facts.length === 0 ? {} : { credentials: Object.fromEntries(facts) };
}

function factsOf(
  record: CloudTrailRecord,
  maximum: number,
  cut: (text: string) => string,
): Pick<AlertRecord, "facts"> {
  const facts = resourceFactsOf(record)
    .slice(0, maximum)
    .map(({ label, value }) => ({ label, value: cut(value) }));
  return facts.length === 0 ? {} : { facts };
}

/** Session and user names are free text: some people put a credential there. */
function redactedActor(actor: Actor): Actor {
  return {
    ...actor,
    id: redactText(actor.id),
    principal: redactText(actor.principal),
    ...(actor.person === undefined ? {} : { person: redactText(actor.person) }),
    label: redactText(actor.label),
    ...(actor.session === undefined ? {} : { session: redactText(actor.session) }),
  };
}

/** The eventID under which a record is stored: an id that looks like a secret is redacted like everything else. */
export function storedEventId(record: CloudTrailRecord): string {
  return bounded(record.eventID, widest.text);
}

/** Redacts beyond the cut, so that a secret which the cut would halve is recognised whole. */
function bounded(text: string, length: number): string {
  return redactText(text.slice(0, length + windowBeyondCut)).slice(0, length);
}
