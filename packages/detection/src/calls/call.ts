import type { AlertRecord, CallFacet } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import {
  type Actor,
  type Carrier,
  type CloudTrailRecord,
  type CredentialFacts,
  consequenceOf,
  credentialFactsOf,
  eventTimeOf,
  nonEmptyString,
  redactText,
  resourcesOf,
} from "@streamwarden/cloudtrail";

/**
 * What is remembered of one call: who made it, through what, and its values by facet, redacted and bounded. A whole
 * record takes kilobytes and a call a few hundred bytes, most of which it shares with its neighbours, so windows and
 * incidents can keep what alerts list of the calls behind them.
 */
export interface Call {
  /** The eventID as incidents store it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** By facet; no facet is there without a value. */
  readonly values: { readonly [facet in CallFacet]?: readonly string[] };
  /** Who made it. Absent where only the event's id is known. */
  readonly actor?: Actor;
  readonly context?: CallContext;
}

/** What calls of one client have in common. */
export interface CallContext {
  readonly eventSource: string;
  readonly region?: string;
  readonly account?: string;
  readonly vpcEndpoint?: string;
  readonly credentials: CredentialFacts;
  readonly carrier: Carrier;
}

const longestValue = 160;
const mostResources = 10;
const windowBeyondCut = 4096;

/**
 * The call of a record in hand.
 *
 * @param id the eventID as incidents store it.
 */
export function callOf(record: CloudTrailRecord, id: string, actor: Actor, carrier: Carrier): Call {
  const text = (value: unknown): string | undefined => nonEmptyString(value);
  return makeCall({
    id,
    time: eventTimeOf(record),
    operation: record.eventName,
    errorCode: text(record.errorCode),
    resources: resourcesOf(record),
    address: text(record.sourceIPAddress),
    client: text(record.userAgent),
    actor,
    context: {
      eventSource: record.eventSource,
      ...optional("region", text(record.awsRegion)),
      ...optional("account", text(record.recipientAccountId)),
      ...optional("vpcEndpoint", text(record.vpcEndpointId)),
      credentials: credentialFactsOf(record),
      carrier,
    },
  });
}

/** The call of a record that was kept for an alert. */
export function callOfAlertRecord(record: AlertRecord): Call {
  const { eventSource, region, account, vpcEndpoint, credentials = {}, carrier } = record;
  return makeCall({
    id: record.eventId,
    time: record.times.called,
    operation: record.eventName,
    errorCode: record.errorCode,
    resources: record.resources,
    address: record.sourceIp,
    client: record.userAgent,
    actor: record.actor,
    context: {
      eventSource,
      ...optional("region", region),
      ...optional("account", account),
      ...optional("vpcEndpoint", vpcEndpoint),
      credentials,
      carrier,
    },
  });
}

/**
 * One call that came in two ways: counted by several rules, or known whole in one of them only. The same object as `one`
 * when the other adds nothing.
 */
export function sameCall(one: Call, other: Call): Call {
  if (one === other) return one;
  const whole = one.actor === undefined && other.actor !== undefined ? other : one;
  const rules = [...new Set([...(one.values.rules ?? []), ...(other.values.rules ?? [])])].sort();
  return rules.length === (whole.values.rules?.length ?? 0)
    ? whole
    : { ...whole, values: { ...whole.values, rules } };
}

/**
 * The call as alerts show a record. Its request is not remembered. Undefined where only the event's id is known.
 */
export function recordOfCall(call: Call, reasons: readonly string[]): AlertRecord | undefined {
  const { actor, context, values } = call;
  if (actor === undefined || context === undefined) return undefined;
  const [operation = "unknown"] = values.operations ?? [];
  const [result] = values.results ?? [];
  const errorCode = result === succeeded ? undefined : result;
  const { credentials, carrier, ...place } = context;
  return {
    eventId: call.id,
    eventTime: new Date(call.time).toISOString().replace(".000Z", "Z"),
    eventName: operation,
    ...place,
    ...optional("sourceIp", values.addresses?.[0]),
    ...optional("userAgent", values.clients?.[0]),
    ...optional("errorCode", errorCode),
    resources: values.resources ?? [],
    actor,
    credentials,
    ...optional(
      "consequence",
      consequenceOf({ eventSource: place.eventSource, eventName: operation, errorCode }),
    ),
    carrier,
    reasons,
    // When its message came is not remembered; the time of the call is a lower bound.
    times: { called: call.time, received: call.time, matched: call.time },
  };
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: string });
}

interface CallSource {
  readonly id: string;
  readonly time: number;
  readonly operation: string;
  readonly errorCode: string | undefined;
  readonly resources: readonly string[];
  readonly address: string | undefined;
  readonly client: string | undefined;
  readonly actor: Actor;
  readonly context: CallContext;
}

const succeeded = "succeeded";

function makeCall(source: CallSource): Call {
  const { id, time, actor, context, address } = source;
  const { credentials } = context;
  const resources = source.resources.slice(0, mostResources);
  const values: Record<CallFacet, readonly (string | undefined)[]> = {
    actors: [actorNameOf(actor)],
    rules: [],
    operations: [source.operation],
    results: [source.errorCode ?? succeeded],
    resources,
    resourceClasses: resources.map(resourceClass),
    addresses: [address],
    networks: [address === undefined ? undefined : networkOf(address)],
    sessions: [sessionOf(actor, credentials)],
    accessKeys: [credentials.accessKeyId],
    sourceIdentities: [credentials.sourceIdentity],
    clients: [source.client],
    mfa: [actor.mfa],
  };
  const kept = Object.entries(values)
    .map(([facet, given]) => [facet, distinct(given)] as const)
    .filter(([, given]) => given.length > 0);
  return {
    id,
    time,
    values: Object.fromEntries(kept),
    actor: boundedTexts(actor),
    context: { ...boundedTexts(context), credentials: boundedTexts(credentials) },
  };
}

/**
 * One text for one actor. The label of a role's session names the session, which its bearer chose and which a fleet of
 * machines has by the dozen.
 */
function actorNameOf({ id, label, person }: Actor): string {
  return person === undefined || label === id ? id : `${label} (${id})`;
}

function sessionOf({ session }: Actor, { sessionStarted }: CredentialFacts): string | undefined {
  const parts = [session, sessionStarted && `since ${sessionStarted}`].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" ");
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined).map(bounded))];
}

function boundedTexts<T extends object>(value: T): T {
  const entries = Object.entries(value).map(([key, member]) => [
    key,
    typeof member === "string" ? bounded(member) : member,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Two texts that the cut would make one stay apart by a digest of the whole. */
function bounded(text: string): string {
  const safe = redactText(text.slice(0, longestValue + windowBeyondCut));
  return safe.length <= longestValue && text.length <= longestValue + windowBeyondCut
    ? safe
    : `${safe.slice(0, longestValue - 13)}~${shortDigest(text, 12)}`;
}

/** What kind of resource an ARN names: `channel` of `arn:aws:ivs:us-east-1:111122223333:channel/abc`. */
function resourceClass(arn: string): string {
  const [, , service = "", , , ...rest] = arn.split(":");
  const name = rest.join(":");
  const type = /^([A-Za-z][A-Za-z0-9-]*)[/:]/.exec(name)?.[1];
  return type === undefined
    ? service
    : service === "ivs" || service === "ivschat"
      ? type
      : `${service} ${type}`;
}

/**
 * The network of an address: /24 of IPv4, /48 of IPv6, which is what a provider gives one customer. A change inside it
 * (a phone that reconnects, a NAT gateway with several addresses) is no news. A service's name is its own network.
 */
export function networkOf(address: string): string {
  const four = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (four !== null) return `${four[1]}.0/24`;
  if (!address.includes(":") || !/^[0-9a-fA-F:.]{2,45}$/.test(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const behind = tail === undefined ? [] : tail.split(":").filter((group) => group !== "");
  // What `::` leaves out are zeros; only the first three groups matter.
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length);
  const first = [...groups, ...Array.from({ length: zeros }, () => "0"), ...behind].slice(0, 3);
  return `${first.map((group) => group.toLowerCase().replace(/^0+(?=.)/, "")).join(":")}::/48`;
}
