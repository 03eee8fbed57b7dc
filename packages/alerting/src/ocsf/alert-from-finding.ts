import { isObject, type JsonObject } from "@streamwarden/cloudtrail";
import { FindingError } from "../errors.ts";
import type { Alert, AlertDigest } from "../model/alert.ts";
import { severities } from "../model/alert.ts";

export type Published =
  | { readonly type: "alert"; readonly alert: Alert }
  | { readonly type: "digest"; readonly digest: AlertDigest };

/**
 * Reads back what `ocsf` and the digest's finding carry under `unmapped.streamwarden`, so that a subscriber can
 * render it for its own medium. Checks every field that a rendering uses: whoever may publish to the topic can
 * send anything.
 *
 * @param text the body of the SNS message (the finding's JSON), not the SNS envelope.
 * @throws FindingError
 */
export function alertFromFinding(text: string): Published {
  const own = ownPart(text);
  if (own.alert !== undefined) {
    const problem = shapeProblem(own.alert, alertShape, "alert");
    if (problem !== undefined) throw new FindingError(`The message's alert is not ours: ${problem}.`);
    return { type: "alert", alert: own.alert as Alert };
  }
  const problem = shapeProblem(own.digest, digestShape, "digest");
  if (problem !== undefined)
    throw new FindingError(`The message carries no alert and no digest of ours: ${problem}.`);
  return { type: "digest", digest: own.digest as AlertDigest };
}

function ownPart(text: string): JsonObject {
  let finding: unknown;
  try {
    finding = JSON.parse(text);
  } catch (error) {
    throw new FindingError("The message is not JSON, so it is not one of our findings.", { cause: error });
  }
  const unmapped = isObject(finding) ? finding.unmapped : undefined;
  const own = isObject(unmapped) ? unmapped.streamwarden : undefined;
  if (!isObject(own))
    throw new FindingError("The message has no unmapped.streamwarden, so it is not one of our findings.");
  if (own.version !== 1) {
    throw new FindingError(
      "The message is of another version: deploy the notifier and the consumer together.",
    );
  }
  return own;
}

type Shape =
  | "text"
  | "number"
  | "boolean"
  | "any"
  | { readonly oneOf: readonly string[] }
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly optional?: Readonly<Record<string, Shape>> };

const texts: Shape = { list: "text" };

const recordShape: Shape = {
  fields: {
    eventId: "text",
    eventTime: "text",
    eventSource: "text",
    eventName: "text",
    resources: texts,
    actor: {
      fields: {
        id: "text",
        kind: {
          oneOf: ["root", "user", "role-session", "federated", "machine", "service", "account", "unknown"],
        },
        label: "text",
        crossAccount: "boolean",
        mfa: { oneOf: ["present", "absent", "unknown", "not-applicable"] },
        credential: { oneOf: ["console", "long-term-key", "session", "service", "unknown"] },
      },
      optional: { session: "text", account: "text" },
    },
    carrier: { oneOf: ["eventbridge", "sns", "trail-file", "lookup", "bare"] },
    reasons: texts,
    times: { fields: { called: "number", received: "number", matched: "number" } },
  },
  optional: {
    region: "text",
    account: "text",
    sourceIp: "text",
    userAgent: "text",
    errorCode: "text",
    errorMessage: "text",
    request: "any",
  },
};

const alertShape: Shape = {
  fields: {
    id: "text",
    kind: { oneOf: ["new", "update", "summary"] },
    delivery: { oneOf: ["direct", "digest"] },
    severity: { oneOf: severities },
    policy: {
      fields: {
        id: "text",
        name: "text",
        title: "text",
        tags: texts,
        references: texts,
        falsePositives: texts,
      },
      optional: { description: "text", runbook: "text" },
    },
    incident: {
      fields: {
        id: "text",
        count: "number",
        countIsEstimate: "boolean",
        firstTime: "number",
        lastTime: "number",
        windowStart: "number",
        windowEnd: "number",
        group: { list: { fields: { field: "text", value: "text" } } },
        eventIds: texts,
      },
      optional: {
        related: {
          list: { fields: { id: "text", policy: "text", severity: { oneOf: severities }, since: "number" } },
        },
      },
    },
    record: recordShape,
    createdAt: "number",
  },
  optional: { publishedAt: "number" },
};

const digestShape: Shape = {
  fields: {
    id: "text",
    minuteStart: "number",
    direct: "number",
    held: "number",
    heldIsEstimate: "boolean",
    policies: {
      list: { fields: { name: "text", title: "text", severity: { oneOf: severities }, count: "number" } },
    },
    actors: texts,
    accounts: texts,
    regions: texts,
    tactics: texts,
    createdAt: "number",
  },
};

/** The first place where the value is not of the shape, in words; undefined when it is. */
function shapeProblem(value: unknown, shape: Shape, path: string): string | undefined {
  if (shape === "any") return undefined;
  if (shape === "text") return typeof value === "string" ? undefined : `${path} is not a text`;
  if (shape === "number") return typeof value === "number" ? undefined : `${path} is not a number`;
  if (shape === "boolean") return typeof value === "boolean" ? undefined : `${path} is not true or false`;
  if ("oneOf" in shape) {
    return typeof value === "string" && shape.oneOf.includes(value)
      ? undefined
      : `${path} is not a known value`;
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) return `${path} is not a list`;
    for (const [index, item] of value.entries()) {
      const problem = shapeProblem(item, shape.list, `${path}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!isObject(value)) return `${path} is missing`;
  for (const [name, inner] of Object.entries(shape.fields)) {
    const problem = shapeProblem(value[name], inner, `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  for (const [name, inner] of Object.entries(shape.optional ?? {})) {
    const problem =
      value[name] === undefined ? undefined : shapeProblem(value[name], inner, `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
