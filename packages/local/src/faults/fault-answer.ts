import { queryErrorResponse } from "../http/query-answer.ts";
import { jsonResponse, type ServiceName, type ServiceResponse } from "../http/service-request.ts";
import { sqsErrorResponse } from "../sqs/sqs-error.ts";
import type { FaultKind } from "./fault.ts";

type ErrorKind = Extract<FaultKind, "throttle" | "error-500" | "access-denied" | "not-found" | "conflict">;

/** [name, status, message] of each service's own error. */
const answers: Record<
  ServiceName,
  Partial<Record<ErrorKind, readonly [code: string, status: number, message: string]>>
> = {
  sqs: {
    throttle: ["RequestThrottled", 400, "Request is throttled."],
    "error-500": ["InternalFailure", 500, "We encountered an internal error. Please try again."],
    "access-denied": ["AccessDenied", 403, "Access to the resource is denied."],
    "not-found": ["QueueDoesNotExist", 400, "The specified queue does not exist."],
  },
  sns: {
    throttle: ["Throttled", 429, "Rate exceeded"],
    "error-500": ["InternalError", 500, "Internal error"],
    "access-denied": ["AuthorizationError", 403, "User is not authorized to perform this operation"],
    "not-found": ["NotFound", 404, "Topic does not exist"],
  },
  dynamodb: {
    throttle: [
      "ProvisionedThroughputExceededException",
      400,
      "The level of configured provisioned throughput was exceeded.",
    ],
    "error-500": ["InternalServerError", 500, "Internal server error"],
    "access-denied": ["AccessDeniedException", 400, "User is not authorized to perform this operation"],
    "not-found": ["ResourceNotFoundException", 400, "Requested resource not found"],
    conflict: ["ConditionalCheckFailedException", 400, "The conditional request failed"],
  },
  eventbridge: {
    throttle: ["ThrottlingException", 400, "Rate exceeded"],
    "error-500": ["InternalException", 500, "Internal error"],
    "access-denied": ["AccessDeniedException", 400, "User is not authorized to perform this operation"],
    "not-found": ["ResourceNotFoundException", 400, "The resource does not exist."],
  },
};

const namespaces = {
  dynamodb: "com.amazonaws.dynamodb.v20120810",
  eventbridge: "com.amazonaws.events",
};

/** What SNS answers to a subject that it does not take. */
export const subjectRejection = queryErrorResponse(
  "sns",
  "InvalidParameter",
  "Invalid parameter: Subject",
  400,
);

/** The service's own error for a kind, in its wire format; undefined when the kind is no error answer. */
export function faultAnswer(service: ServiceName, kind: FaultKind): ServiceResponse | undefined {
  const [code, status, message] = answers[service][kind as ErrorKind] ?? [];
  if (code === undefined || status === undefined || message === undefined) return undefined;
  if (service === "sns") return queryErrorResponse("sns", code, message, status);
  if (service === "sqs") return sqsErrorResponse(code, message, status);
  return jsonResponse(
    status,
    { __type: `${namespaces[service]}#${code}`, message },
    service === "eventbridge" ? "1.1" : "1.0",
  );
}
