import { FaultError } from "./errors.ts";
import type { FaultPlan } from "./faults/fault-plan.ts";
import type { Handler } from "./http/exchange.ts";
import {
  jsonResponse,
  type ServiceName,
  type ServiceRequest,
  type ServiceResponse,
  serviceOf,
} from "./http/service-request.ts";
import type { MemoryMailbox } from "./mailbox.ts";
import { accountId } from "./sqs/sqs-backend.ts";

export interface GatewayOptions {
  readonly handlers: Readonly<Record<ServiceName, Handler>>;
  readonly faults: FaultPlan;
  readonly mailbox: MemoryMailbox;
  readonly environment: () => Readonly<Record<string, string>>;
}

/** Paths below this are ours: faults, mailbox and environment for other processes. */
const controlPath = "/_streamwarden/";

/** One endpoint for all services, so that any AWS client works with a single AWS_ENDPOINT_URL. */
export function gateway({ handlers, faults, mailbox, environment }: GatewayOptions): Handler {
  return async (exchange) => {
    const { request } = exchange;
    if (request.url.startsWith(controlPath)) {
      try {
        return control(request, { faults, mailbox, environment });
      } catch (error) {
        if (error instanceof FaultError) return plainJson(400, { code: error.code, message: error.message });
        throw error;
      }
    }
    const service = serviceOf(request);
    if (service === "sts") return callerIdentity();
    if (service !== undefined) return handlers[service](exchange);
    return jsonResponse(400, {
      __type: "UnknownServiceException",
      message: "The local AWS has SQS, SNS, DynamoDB and EventBridge; this request is for none of them.",
    });
  };
}

function plainJson(status: number, value: unknown): ServiceResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: `${JSON.stringify(value)}\n`,
  };
}

function control(
  { method, url, headers, body }: ServiceRequest,
  { faults, mailbox, environment }: Omit<GatewayOptions, "handlers">,
): ServiceResponse {
  const path = (url.split("?")[0] ?? "").slice(controlPath.length);
  const [resource, id] = path.split("/");
  // A web page can post forms and text to loopback without asking; JSON it cannot.
  if (method === "POST" && !headers["content-type"]?.startsWith("application/json")) {
    return plainJson(415, { code: "NOT_JSON", message: "Send JSON with content-type: application/json." });
  }
  switch (`${method} ${resource}`) {
    case "GET health":
      return plainJson(200, { status: "ok" });
    case "GET environment":
      return plainJson(200, environment());
    case "GET faults":
      return plainJson(200, faults.list());
    case "POST faults": {
      const wanted = parseJson(body);
      const ids = (Array.isArray(wanted) ? wanted : [wanted]).map((fault) => faults.add(fault));
      return plainJson(201, { ids });
    }
    case "DELETE faults":
      if (id === undefined) {
        faults.clear();
        return plainJson(200, { removed: true });
      }
      return faults.remove(id)
        ? plainJson(200, { removed: true })
        : plainJson(404, { code: "NO_SUCH_FAULT", message: `There is no fault ${id}.` });
    case "POST seed": {
      const seed = parseJson(body);
      if (!Number.isInteger(seed)) throw new FaultError("The seed must be a whole number.");
      faults.seed(Number(seed));
      return plainJson(200, { seed });
    }
    case "GET mailbox":
      return plainJson(200, { received: mailbox.received, mails: mailbox.mails });
    case "DELETE mailbox":
      mailbox.clear();
      return plainJson(200, { cleared: true });
    default:
      return plainJson(404, { code: "NOT_FOUND", message: `There is no ${method} ${controlPath}${path}.` });
  }
}

function parseJson(body: string) {
  try {
    return JSON.parse(body);
  } catch {
    throw new FaultError("The request's body is not JSON.");
  }
}

/** `aws sts get-caller-identity` is what people try first. */
function callerIdentity(): ServiceResponse {
  const result = `<Arn>arn:aws:iam::${accountId}:root</Arn><UserId>${accountId}</UserId><Account>${accountId}</Account>`;
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  };
}
