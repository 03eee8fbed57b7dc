import type { CallFacet } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import {
  type Actor,
  type ActorKind,
  type CloudTrailRecord,
  credentialFactsOf,
  eventTimeOf,
  nonEmptyString,
  redactText,
  resourcesOf,
} from "@streamwarden/cloudtrail";

/**
 * What is remembered of one call: its values by facet, redacted and bounded. A record takes kilobytes and a call a few
 * hundred bytes, so incidents and windows can keep what every alert lists of the calls behind it.
 */
export interface Call {
  /** The eventID as incidents store it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: ActorKind;
  readonly values: { readonly [facet in CallFacet]?: readonly string[] };
}

const longestValue = 200;
const mostResources = 10;
const windowBeyondCut = 4096;

/** @param id the eventID as incidents store it. */
export function callOf(record: CloudTrailRecord, id: string, actor: Actor): Call {
  const { accessKeyId, sessionStarted, sourceIdentity } = credentialFactsOf(record);
  const address = nonEmptyString(record.sourceIPAddress);
  const resources = resourcesOf(record).slice(0, mostResources);
  const session = [actor.session, sessionStarted && `since ${sessionStarted}`].filter(
    (part) => part !== undefined,
  );
  const values: Record<CallFacet, readonly (string | undefined)[]> = {
    actors: [actor.label === actor.id ? actor.id : `${actor.label} (${actor.id})`],
    rules: [],
    operations: [record.eventName],
    results: [nonEmptyString(record.errorCode) ?? "succeeded"],
    resources,
    resourceClasses: resources.map(resourceClass),
    addresses: [address],
    networks: [address === undefined ? undefined : networkOf(address)],
    sessions: [session.length === 0 ? undefined : session.join(" ")],
    accessKeys: [accessKeyId],
    sourceIdentities: [sourceIdentity],
    clients: [nonEmptyString(record.userAgent)],
    mfa: [actor.mfa],
  };
  const kept = Object.entries(values)
    .map(([facet, given]) => [facet, distinct(given)] as const)
    .filter(([, given]) => given.length > 0);
  return { id, time: eventTimeOf(record), kind: actor.kind, values: Object.fromEntries(kept) };
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined).map(bounded))];
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
