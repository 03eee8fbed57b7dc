import { FaultError } from "../errors.ts";
import { type ServiceName, services } from "../http/service-request.ts";

/**
 * What goes wrong:
 * - `throttle`, `error-500`, `access-denied`, `not-found`: the service's own error, without the effect.
 * - `conflict`: DynamoDB's ConditionalCheckFailedException, without the effect.
 * - `timeout`: no effect and no answer; the connection stays open until the client gives up.
 * - `accept-then-timeout`: the effect happens, the answer never comes.
 * - `connection-reset`: no effect, the connection is cut.
 * - `delay`: everything works, `delayMilliseconds` late.
 * - `duplicate-delivery`: what is delivered once is delivered twice. SQS ReceiveMessage hands the same messages out
 *   again at once; SQS SendMessage, SNS Publish and EventBridge PutEvents take effect twice.
 * - `ascii-subjects`: SNS Publish rejects a subject beyond ASCII as an invalid parameter, as its documentation once said
 *   and some report; it takes every other message.
 * - `reorder`: SQS ReceiveMessage shuffles its answer; SQS SendMessage holds messages back for up to `spreadSeconds`.
 */
export const faultKinds = [
  "throttle",
  "error-500",
  "access-denied",
  "not-found",
  "conflict",
  "timeout",
  "accept-then-timeout",
  "connection-reset",
  "delay",
  "duplicate-delivery",
  "ascii-subjects",
  "reorder",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly service: ServiceName;
  /** Operation names such as `Publish`; without it the fault applies to every operation where its kind makes sense. */
  readonly operation?: string | readonly string[];
  readonly kind: FaultKind;
  /** Stop after this many hits. Without it the fault stays until removed. */
  readonly times?: number;
  /** Let this many matching calls pass first. */
  readonly after?: number;
  /** Share of the matching calls that are hit, from 0 to 1, drawn from the plan's seeded generator. Default 1. */
  readonly probability?: number;
  /** Whose calls: those of clients, or those by which SNS and EventBridge deliver to SQS. Default both. */
  readonly from?: "clients" | "deliveries";
  /** For `delay`. Default 100. */
  readonly delayMilliseconds?: number;
  /** For `reorder`: the longest time a message is held back, 0 to 900. Default 2. */
  readonly spreadSeconds?: number;
}

export interface FaultStatus {
  readonly id: string;
  readonly fault: Fault;
  /** Calls that matched service, operation and origin. */
  readonly seen: number;
  /** Calls that were hit. */
  readonly hits: number;
}

/** Operations a kind can apply to; kinds that are not listed apply to all of a service. */
const applicable: Partial<Record<FaultKind, Partial<Record<ServiceName, readonly string[]>>>> = {
  conflict: { dynamodb: ["PutItem", "UpdateItem", "DeleteItem"] },
  "duplicate-delivery": {
    sqs: ["ReceiveMessage", "SendMessage", "SendMessageBatch"],
    sns: ["Publish", "PublishBatch"],
    eventbridge: ["PutEvents"],
  },
  "ascii-subjects": { sns: ["Publish"] },
  reorder: { sqs: ["ReceiveMessage", "SendMessage", "SendMessageBatch"] },
};

export function appliesTo(fault: Fault, service: ServiceName, operation: string): boolean {
  if (fault.service !== service) return false;
  const named = typeof fault.operation === "string" ? [fault.operation] : fault.operation;
  if (named !== undefined && !named.includes(operation)) return false;
  const limited = applicable[fault.kind];
  return limited === undefined || (limited[service]?.includes(operation) ?? false);
}

const numberRules = {
  times: { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, whole: true },
  after: { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, whole: true },
  probability: { minimum: 0, maximum: 1, whole: false },
  delayMilliseconds: { minimum: 0, maximum: 600_000, whole: true },
  spreadSeconds: { minimum: 0, maximum: 900, whole: true },
} as const;
const knownKeys = new Set(["service", "operation", "kind", "from", ...Object.keys(numberRules)]);

/** Checks a fault that came from outside. @throws FaultError with the first thing wrong. */
export function parseFault(value: unknown): Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FaultError("A fault must be an object such as {service, kind}.");
  }
  const fault = value as Record<string, unknown>;
  const unknown = Object.keys(fault).find((key) => !knownKeys.has(key));
  if (unknown !== undefined) {
    throw new FaultError(`A fault has no "${unknown}"; known are ${[...knownKeys].join(", ")}.`);
  }
  oneOf(fault.service, services, "service");
  oneOf(fault.kind, faultKinds, "kind");
  if (fault.from !== undefined) oneOf(fault.from, ["clients", "deliveries"], "from");
  const operations = fault.operation === undefined ? [] : [fault.operation].flat();
  if (!operations.every((operation) => typeof operation === "string" && /^[A-Z][A-Za-z]+$/.test(operation))) {
    throw new FaultError('A fault\'s operation must be a name such as "Publish", or a list of names.');
  }
  for (const [name, rule] of Object.entries(numberRules)) {
    const number = fault[name];
    if (number === undefined) continue;
    const fits = typeof number === "number" && number >= rule.minimum && number <= rule.maximum;
    if (!fits || (rule.whole && !Number.isInteger(number))) {
      const kind = rule.whole ? "a whole number" : "a number";
      throw new FaultError(`A fault's ${name} must be ${kind} from ${rule.minimum} to ${rule.maximum}.`);
    }
  }
  const checked = { ...fault } as unknown as Fault;
  const limited = applicable[checked.kind];
  if (limited !== undefined) {
    const possible = limited[checked.service];
    const impossible = (operations as string[]).find((operation) => !possible?.includes(operation));
    if (possible === undefined || impossible !== undefined) {
      const where = Object.entries(limited).map(([service, names]) => `${service} ${names.join(", ")}`);
      throw new FaultError(`A ${checked.kind} fault applies to ${where.join("; ")} only.`);
    }
  }
  return checked;
}

function oneOf(value: unknown, allowed: readonly string[], name: string): void {
  if (typeof value !== "string" || !allowed.includes(value)) {
    throw new FaultError(`A fault's ${name} must be one of ${allowed.join(", ")}.`);
  }
}
