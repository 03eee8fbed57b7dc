/** The services of the local world, by the names of their AWS SDK clients. */
export const services = ["sqs", "sns", "dynamodb", "eventbridge"] as const;
export type ServiceName = (typeof services)[number];

export interface ServiceRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Authority the client used, such as `127.0.0.1:4566`: links in the answer use it too. */
  readonly host: string;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A service's own behaviour, without transport and without faults. */
export type ServiceBackend = (request: ServiceRequest, operation: string) => Promise<ServiceResponse>;

const targetPrefixes: readonly (readonly [prefix: string, service: ServiceName])[] = [
  ["AmazonSQS.", "sqs"],
  ["AWSEvents.", "eventbridge"],
  ["DynamoDB_20120810.", "dynamodb"],
];

/** The service a request is for, when one endpoint serves all: by target, else by the scope it is signed for. */
export function serviceOf(request: ServiceRequest): ServiceName | "sts" | undefined {
  const target = request.headers["x-amz-target"] ?? "";
  const byTarget = targetPrefixes.find(([prefix]) => target.startsWith(prefix));
  if (byTarget !== undefined) return byTarget[1];
  const signedFor = /Credential=[^/\s]+\/\d{8}\/[^/]+\/([a-z0-9-]+)\//.exec(
    request.headers.authorization ?? "",
  )?.[1];
  if (signedFor === "events") return "eventbridge";
  if (signedFor === "sts" || signedFor === "sqs" || signedFor === "sns" || signedFor === "dynamodb")
    return signedFor;
  // Links in SNS messages (confirm, unsubscribe) are plain GETs without a signature.
  return operationOf(request) === undefined ? undefined : "sns";
}

/** The operation's name: from `x-amz-target` (JSON protocols) or from the form's `Action` (query protocol). */
export function operationOf(request: ServiceRequest): string | undefined {
  const target = request.headers["x-amz-target"];
  if (target !== undefined) return target.slice(target.indexOf(".") + 1);
  const form = request.method === "GET" ? request.url.slice(request.url.indexOf("?") + 1) : request.body;
  return /(?:^|&)Action=([A-Za-z]+)/.exec(form)?.[1];
}

export function jsonResponse(
  status: number,
  value: unknown,
  version: "1.0" | "1.1" = "1.1",
): ServiceResponse {
  return {
    status,
    headers: { "content-type": `application/x-amz-json-${version}` },
    body: JSON.stringify(value),
  };
}
