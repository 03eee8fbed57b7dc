import type { Actor, IvsFacts } from "@streamwarden/cloudtrail";
import { suggest } from "@streamwarden/config";

/** Top-level fields of CloudTrail records up to eventVersion 1.11 (CloudTrail record contents). */
const recordFields = [
  "additionalEventData",
  "addendum",
  "apiVersion",
  "awsRegion",
  "edgeDeviceDetails",
  "errorCode",
  "errorMessage",
  "eventCategory",
  "eventID",
  "eventName",
  "eventSource",
  "eventTime",
  "eventType",
  "eventVersion",
  "managementEvent",
  "readOnly",
  "recipientAccountId",
  "requestID",
  "requestParameters",
  "resources",
  "responseElements",
  "serviceEventDetails",
  "sessionCredentialFromConsole",
  "sharedEventID",
  "sourceIPAddress",
  "tlsDetails",
  "userAgent",
  "userIdentity",
  "vpcEndpointAccountId",
  "vpcEndpointId",
];

const roles = {
  id: true,
  principal: true,
  person: true,
  names: true,
  session: true,
  kind: true,
  label: true,
  account: true,
  crossAccount: true,
  mfa: true,
  credential: true,
} satisfies Record<keyof Actor | "names", true>;
const facts = {
  service: true,
  access: true,
  mutating: true,
  plane: true,
  known: true,
  unknownKeys: true,
  resources: true,
} satisfies Record<keyof IvsFacts, true>;
const derived: Readonly<Record<string, readonly string[]>> = {
  actor: Object.keys(roles),
  ivs: Object.keys(facts),
};

/** The values of derived fields that have few. */
const derivedValues: Readonly<Record<string, readonly string[]>> = {
  "actor.kind": [
    "root",
    "user",
    "role-session",
    "federated",
    "machine",
    "service",
    "account",
    "unknown",
  ] satisfies Actor["kind"][],
  "actor.mfa": ["present", "absent", "unknown", "not-applicable"] satisfies Actor["mfa"][],
  "actor.credential": [
    "console",
    "long-term-key",
    "session",
    "service",
    "unknown",
  ] satisfies Actor["credential"][],
  "ivs.service": ["low-latency", "real-time", "chat"] satisfies IvsFacts["service"][],
  "ivs.access": ["read", "list", "write", "tagging"] satisfies IvsFacts["access"][],
  "ivs.plane": ["control", "runtime"] satisfies IvsFacts["plane"][],
};

/** What is wrong with a name, and which one was probably meant. */
export interface UnknownName {
  readonly name: string;
  readonly hint: string | undefined;
}

/**
 * The part of a field's name that no record has. CloudTrail adds fields now and then, so that an unknown field of the
 * record counts only where it is `strict` or near a known one.
 */
export const unknownField = (field: string, strict: boolean): UnknownName | undefined => {
  const [root = "", second, ...rest] = field.split(".");
  const own = Object.hasOwn(derived, root) ? derived[root] : undefined;
  if (own !== undefined) {
    if (second !== undefined && rest.length === 0 && own.includes(second)) return undefined;
    const meant = suggest(second ?? "", own);
    const names = own.map((name) => `${root}.${name}`).join(", ");
    return {
      name: field,
      hint: meant === undefined ? `There are ${names}.` : didYouMean(`${root}.${meant}`),
    };
  }
  if (recordFields.includes(root)) return undefined;
  const meant = suggest(root, [...recordFields, ...Object.keys(derived)]);
  if (meant === undefined && !strict) return undefined;
  return {
    name: root,
    hint:
      meant === undefined
        ? undefined
        : didYouMean([meant, second, ...rest].filter((part) => part !== undefined).join(".")),
  };
};

/** A value that a derived field never has. `folded` values are in lower case. */
export const unknownValue = (field: string, values: Iterable<string>): UnknownName | undefined => {
  const known = Object.hasOwn(derivedValues, field) ? derivedValues[field] : undefined;
  if (known === undefined) return undefined;
  for (const name of values) {
    if (known.includes(name)) continue;
    const meant = suggest(name, known);
    return { name, hint: meant === undefined ? `There are ${known.join(", ")}.` : didYouMean(meant) };
  }
  return undefined;
};

export const didYouMean = (name: string): string => `Did you mean \`${name}\`?`;
