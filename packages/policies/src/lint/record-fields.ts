import { type Actor, type FieldShape, type IvsFacts, recordShape } from "@streamwarden/cloudtrail";
import { misspelled, nearest } from "@streamwarden/sigma";

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
 * The part of a field's name that no record has. CloudTrail adds fields at the top of the record now and then, so that an
 * unknown one counts only where it is `strict` or near a known one; the objects below it have documented members.
 */
export function unknownField(field: string, strict: boolean): UnknownName | undefined {
  const [root = "", second, ...rest] = field.split(".");
  const own = Object.hasOwn(derived, root) ? derived[root] : undefined;
  if (own !== undefined) {
    if (second !== undefined && rest.length === 0 && own.includes(second)) return undefined;
    const meant = nearest(second ?? "", own);
    const names = own.map((name) => `${root}.${name}`).join(", ");
    return {
      name: field,
      hint: meant === undefined ? `There are ${names}.` : didYouMean(`${root}.${meant}`),
    };
  }
  if (Object.hasOwn(recordShape, root)) return unknownMember(field);
  const meant = misspelled(root, [...Object.keys(recordShape), ...Object.keys(derived)]);
  if (meant === undefined && !strict) return undefined;
  return {
    name: root,
    hint:
      meant === undefined
        ? undefined
        : didYouMean([meant, second, ...rest].filter((part) => part !== undefined).join(".")),
  };
}

/** The first member on the way to a field that its object does not have. */
function unknownMember(field: string): UnknownName | undefined {
  const segments = field.split(".");
  let shape: FieldShape = recordShape;
  for (const [index, segment] of segments.entries()) {
    if (shape === "open") return undefined;
    const name = segments.slice(0, index + 1).join(".");
    const parent = segments.slice(0, index).join(".");
    if (shape === "value") return { name, hint: `\`${parent}\` is a single value, without members.` };
    const member: FieldShape | undefined = Object.hasOwn(shape, segment) ? shape[segment] : undefined;
    if (member === undefined) {
      const meant = nearest(segment, Object.keys(shape));
      const all = `\`${parent}\` has ${Object.keys(shape).join(", ")}.`;
      const whole = [parent, meant, ...segments.slice(index + 1)].join(".");
      return { name, hint: meant === undefined ? all : didYouMean(whole) };
    }
    shape = member;
  }
  return undefined;
}

/** The members of the object that a field is; undefined for a single value, or where the record's shape is open. */
export function membersOf(field: string): readonly string[] | undefined {
  let shape: FieldShape | undefined = recordShape;
  for (const segment of field.split(".")) {
    if (shape === undefined || typeof shape === "string") return undefined;
    shape = Object.hasOwn(shape, segment) ? shape[segment] : undefined;
  }
  return shape === undefined || typeof shape === "string" ? undefined : Object.keys(shape);
}

/** A value that a derived field never has. `folded` values are in lower case. */
export function unknownValue(field: string, values: Iterable<string>): UnknownName | undefined {
  const known = Object.hasOwn(derivedValues, field) ? derivedValues[field] : undefined;
  if (known === undefined) return undefined;
  for (const name of values) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    return { name, hint: meant === undefined ? `There are ${known.join(", ")}.` : didYouMean(meant) };
  }
  return undefined;
}

export function didYouMean(name: string): string {
  return `Did you mean \`${name}\`?`;
}
