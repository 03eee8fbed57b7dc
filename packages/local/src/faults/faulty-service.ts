import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Handler } from "../http/exchange.ts";
import {
  jsonResponse,
  operationOf,
  type ServiceBackend,
  type ServiceName,
  type ServiceRequest,
  type ServiceResponse,
} from "../http/service-request.ts";
import { shuffled } from "../random.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { faultAnswer, subjectRejection } from "./fault-answer.ts";
import type { FaultPlan } from "./fault-plan.ts";

/** Marks the calls by which SNS and EventBridge deliver, so that faults can distinguish them from clients. */
export const deliveryUserAgent = "streamwarden-local-delivery";

/** Puts the faults of a plan in front of a service. The service behind it knows nothing of them. */
export function withFaults(service: ServiceName, inner: ServiceBackend, plan: FaultPlan): Handler {
  const backend = withErrorAnswer(service, inner);
  return async (exchange) => {
    const { request } = exchange;
    const operation = operationOf(request) ?? "";
    const delivery = request.headers["user-agent"]?.includes(deliveryUserAgent) ?? false;
    const drawn = plan.draw(service, operation, delivery ? "deliveries" : "clients");
    const fault = (kind: FaultKind): Fault | undefined => drawn.find((candidate) => candidate.kind === kind);
    const delay = fault("delay");
    if (delay !== undefined) await sleep(delay.delayMilliseconds ?? 100);
    if (fault("connection-reset") !== undefined) return "cut";
    if (fault("timeout") !== undefined) return "no-answer";
    for (const { kind } of drawn) {
      const answer = faultAnswer(service, kind);
      if (answer !== undefined) return answer;
    }
    if (fault("ascii-subjects") !== undefined && hasSubjectBeyondAscii(request)) return subjectRejection;
    const answer = await act(request, operation, backend, {
      twice: fault("duplicate-delivery") !== undefined,
      reorder: fault("reorder"),
      plan,
    });
    if (fault("accept-then-timeout") !== undefined) return "no-answer";
    if (service === "sqs" && operation === "ReceiveMessage") {
      // Real SQS hides messages only once it could hand them out; a poll whose client died must not swallow any.
      // The turn lets a hang-up that is already on its way be seen before the answer goes out.
      await nextTurn();
      exchange.onUndelivered = () => makeVisible(request, answer, backend);
    }
    return answer;
  };
}

function hasSubjectBeyondAscii({ body }: ServiceRequest): boolean {
  return /[^\x20-\x7e]/.test(new URLSearchParams(body).get("Subject") ?? "");
}

/** Whatever a service stumbles over is answered as the service's own internal error. */
function withErrorAnswer(service: ServiceName, backend: ServiceBackend): ServiceBackend {
  return async (request, operation) => {
    try {
      return await backend(request, operation);
    } catch {
      return faultAnswer(service, "error-500") ?? jsonResponse(500, {});
    }
  };
}

interface Distortion {
  readonly twice: boolean;
  readonly reorder: Fault | undefined;
  readonly plan: FaultPlan;
}

async function act(
  request: ServiceRequest,
  operation: string,
  backend: ServiceBackend,
  { twice, reorder, plan }: Distortion,
): Promise<ServiceResponse> {
  if (operation === "ReceiveMessage") {
    const answer = await backend(request, operation);
    if (twice) await makeVisible(request, answer, backend);
    return reorder === undefined ? answer : shuffleMessages(answer, plan);
  }
  const sent = reorder === undefined ? request : spread(request, reorder.spreadSeconds ?? 2, plan);
  const answer = await backend(sent, operation);
  if (twice) await backend(sent, operation);
  return answer;
}

interface Messages {
  readonly Messages?: readonly { readonly ReceiptHandle: string }[];
}

async function makeVisible(
  request: ServiceRequest,
  answer: ServiceResponse,
  backend: ServiceBackend,
): Promise<void> {
  if (answer.status !== 200) return;
  const { Messages = [] } = JSON.parse(answer.body) as Messages;
  const { QueueUrl } = JSON.parse(request.body) as { QueueUrl: string };
  for (const { ReceiptHandle } of Messages) {
    const body = JSON.stringify({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    const headers = { ...request.headers, "x-amz-target": "AmazonSQS.ChangeMessageVisibility" };
    await backend({ ...request, headers, body }, "ChangeMessageVisibility");
  }
}

function shuffleMessages(answer: ServiceResponse, plan: FaultPlan): ServiceResponse {
  if (answer.status !== 200) return answer;
  const parsed = JSON.parse(answer.body) as Messages;
  if (parsed.Messages === undefined) return answer;
  return { ...answer, body: JSON.stringify({ ...parsed, Messages: shuffled(parsed.Messages, plan.random) }) };
}

/** Holds each message back for a random number of seconds, unless the sender asked for a delay of its own. */
function spread(request: ServiceRequest, spreadSeconds: number, plan: FaultPlan): ServiceRequest {
  const parsed = parseObject(request.body);
  // The service says what is wrong with it.
  if (parsed === undefined) return request;
  const hold = <T extends object>(message: T) => ({
    DelaySeconds: Math.floor(plan.random() * (spreadSeconds + 1)),
    ...message,
  });
  const body = Array.isArray(parsed.Entries)
    ? { ...parsed, Entries: parsed.Entries.map(hold) }
    : hold(parsed);
  return { ...request, body: JSON.stringify(body) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Not an object either way.
  }
  return undefined;
}
