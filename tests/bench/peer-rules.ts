import { isObject, type JsonObject } from "@streamwarden/cloudtrail";
import type { SourceFile } from "@streamwarden/sigma";

type Comparison = "is" | "is-not" | "one-of" | "starts-with" | "contains" | "present" | "absent";

interface Test {
  /** Names joined by dots. */
  readonly field: string;
  readonly comparison: Comparison;
  /** One for most comparisons, several for `one-of`, none for `present` and `absent`. */
  readonly values: readonly (string | boolean)[];
}

/** A rule that every engine can say: all its tests must hold. */
export interface PeerRule {
  readonly name: string;
  readonly tests: readonly Test[];
}

function test(field: string, comparison: Comparison, ...values: readonly (string | boolean)[]): Test {
  return {
    field,
    comparison,
    values,
  };
}
function call(...names: readonly string[]): Test[] {
  return [test("eventSource", "is", "ivs.amazonaws.com"), test("eventName", "one-of", ...names)];
}
const succeeded = test("errorCode", "absent");
const byPerson = test("userIdentity.type", "is", "IAMUser");
const withoutMfa = test("userIdentity.sessionContext.attributes.mfaAuthenticated", "is", "false");

/** About what the shipped policies ask, without what only they can: actors, MFA states, correlations. */
export const peerRules: readonly PeerRule[] = [
  {
    name: "insecure-ingest",
    tests: [
      ...call("CreateChannel", "UpdateChannel"),
      test("requestParameters.insecureIngest", "is", true),
      succeeded,
    ],
  },
  {
    name: "authorisation-off",
    tests: [
      ...call("CreateChannel", "UpdateChannel"),
      test("requestParameters.authorized", "is", false),
      succeeded,
    ],
  },
  { name: "key-read-by-person", tests: [...call("GetStreamKey", "BatchGetStreamKey"), byPerson, succeeded] },
  { name: "key-replaced", tests: [...call("CreateStreamKey", "DeleteStreamKey"), succeeded] },
  { name: "key-pair-imported", tests: [...call("ImportPlaybackKeyPair"), succeeded] },
  {
    name: "key-pair-deleted",
    tests: [
      ...call("DeletePlaybackKeyPair"),
      test("requestParameters.arn", "starts-with", "arn:aws:ivs:"),
      succeeded,
    ],
  },
  { name: "recording-deleted", tests: [...call("DeleteRecordingConfiguration"), withoutMfa] },
  {
    name: "recording-created",
    tests: [...call("CreateRecordingConfiguration"), test("requestParameters.name", "is-not", "channel-1")],
  },
  { name: "channel-deleted-by-person", tests: [...call("DeleteChannel"), byPerson] },
  {
    name: "stream-stopped",
    tests: [...call("StopStream"), test("userIdentity.arn", "contains", "/backend-7/")],
  },
  {
    name: "restriction-loosened",
    tests: [...call("UpdatePlaybackRestrictionPolicy", "DeletePlaybackRestrictionPolicy"), succeeded],
  },
  { name: "stage-key-imported", tests: [...call("ImportPublicKey", "DeletePublicKey"), succeeded] },
  {
    name: "participant-token",
    tests: [...call("CreateParticipantToken"), test("requestParameters.duration", "absent"), byPerson],
  },
  {
    name: "participant-disconnected",
    tests: [...call("DisconnectParticipant"), test("requestParameters.arn", "contains", "channel/")],
  },
  { name: "tags-removed", tests: [...call("UntagResource"), withoutMfa] },
  {
    name: "access-denied",
    tests: [
      test("eventSource", "one-of", "ivs.amazonaws.com", "ivschat.amazonaws.com"),
      test("errorCode", "is", "AccessDenied"),
    ],
  },
  {
    name: "root",
    tests: [test("userIdentity.type", "is", "Root"), test("eventType", "is-not", "AwsServiceEvent")],
  },
  {
    name: "chat-token",
    tests: [
      test("eventSource", "is", "ivschat.amazonaws.com"),
      test("eventName", "is", "CreateChatToken"),
      test("requestParameters.capabilities", "present"),
    ],
  },
  {
    name: "chat-logging",
    tests: [
      test("eventSource", "is", "ivschat.amazonaws.com"),
      test("eventName", "one-of", "DeleteLoggingConfiguration", "UpdateLoggingConfiguration"),
      succeeded,
    ],
  },
  {
    name: "attack-tool",
    tests: [
      test("eventSource", "one-of", "ivs.amazonaws.com", "ivschat.amazonaws.com"),
      test("userAgent", "contains", "stratus-red-team"),
    ],
  },
];

function read(record: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), record);
}

/** The rules as plain functions: what a program without an engine does, and the referee of all counts. */
export function asFunctions(): ((record: JsonObject) => boolean)[] {
  return peerRules.map(({ tests }) => {
    const checks = tests.map(({ field, comparison, values }) => {
      const path = field.split(".");
      const [expected] = values;
      const text = `${expected}`;
      return (record: JsonObject): boolean => {
        const value = read(record, path);
        switch (comparison) {
          case "is":
            return value === expected;
          case "is-not":
            return value !== expected;
          case "one-of":
            return values.includes(value as string);
          case "starts-with":
            return typeof value === "string" && value.startsWith(text);
          case "contains":
            return typeof value === "string" && value.includes(text);
          case "present":
            return value !== undefined;
          case "absent":
            return value === undefined;
        }
      };
    });
    return (record) => checks.every((check) => check(record));
  });
}

const sigmaSuffix: Record<Comparison, string> = {
  is: "",
  "is-not": "",
  "one-of": "",
  "starts-with": "|startswith",
  contains: "|contains",
  present: "|exists",
  absent: "|exists",
};

/** Comparison without regard to case is Sigma's default, and no record here differs by case alone. */
export function asSigma(): SourceFile[] {
  const item = ({ field, comparison, values }: Test): string => {
    const value =
      comparison === "present"
        ? "true"
        : comparison === "absent"
          ? "false"
          : JSON.stringify(values.length === 1 ? values[0] : values);
    return `    ${field}${sigmaSuffix[comparison]}: ${value}`;
  };
  return peerRules.map(({ name, tests }) => {
    const filters = tests.filter(({ comparison }) => comparison === "is-not");
    const selection = tests.filter(({ comparison }) => comparison !== "is-not").map(item);
    const filter = filters.length === 0 ? "" : `  filter:\n${filters.map(item).join("\n")}\n`;
    const condition = filters.length === 0 ? "selection" : "selection and not filter";
    return {
      path: `${name}.yml`,
      text: `title: ${name}\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  selection:\n${selection.join("\n")}\n${filter}  condition: ${condition}\n`,
    };
  });
}

/** CEL fails on a field of nothing, so that every step of a path is asked for first. */
export function asCel(): string[] {
  const one = ({ field, comparison, values }: Test): string => {
    const names = field.split(".");
    const path = `record.${field}`;
    const steps = names.map((_, index) => `record.${names.slice(0, index + 1).join(".")}`);
    const guards = steps.flatMap((step, index) => [
      ...(index === 0 ? [] : [`${steps[index - 1]} != null`]),
      `has(${step})`,
    ]);
    const literals = values.map((value) => JSON.stringify(value));
    const exists = guards.join(" && ");
    switch (comparison) {
      case "is":
        return `${exists} && ${path} == ${literals[0]}`;
      case "is-not":
        return `!(${exists} && ${path} == ${literals[0]})`;
      case "one-of":
        return `${exists} && ${path} in [${literals.join(", ")}]`;
      case "starts-with":
        return `${exists} && ${path}.startsWith(${literals[0]})`;
      case "contains":
        return `${exists} && ${path}.contains(${literals[0]})`;
      case "present":
        return exists;
      case "absent":
        return `!(${exists})`;
    }
  };
  return peerRules.map(({ tests }) => tests.map(one).join(" && "));
}

/** One rule as json-rules-engine reads it; it looks into the fact `record` with JSONPath. */
export interface JsonRule {
  readonly conditions: { readonly all: readonly JsonObject[] };
  readonly event: { readonly type: string };
}

export function asJsonRules(): JsonRule[] {
  const one = ({ field, comparison, values }: Test): JsonObject => {
    const at = { fact: "record", path: `$.${field}` };
    switch (comparison) {
      case "is":
        return { ...at, operator: "equal", value: values[0] };
      case "is-not":
        return { ...at, operator: "notEqual", value: values[0] };
      case "one-of":
        return { ...at, operator: "in", value: values };
      case "starts-with":
        return { ...at, operator: "textStartsWith", value: values[0] };
      case "contains":
        return { ...at, operator: "textContains", value: values[0] };
      case "present":
        return { ...at, operator: "isPresent", value: true };
      case "absent":
        return { ...at, operator: "isPresent", value: false };
    }
  };
  return peerRules.map(({ name, tests }) => ({ conditions: { all: tests.map(one) }, event: { type: name } }));
}
