import { type Clock, systemClock } from "@streamwarden/base";
import { buildApp } from "fauxqs";
import { AwsServiceError } from "../errors.ts";
import {
  jsonResponse,
  type ServiceBackend,
  type ServiceRequest,
  type ServiceResponse,
} from "../http/service-request.ts";
import { hideAstral, revealAstral } from "./astral-text.ts";
import { withRequestedAttributes } from "./received-attributes.ts";
import {
  checkRequest,
  type FailedEntry,
  failedEntries,
  type Json,
  PurgeLimit,
  parseRequest,
} from "./request-checks.ts";
import { sqsErrorResponse } from "./sqs-error.ts";

/** fauxqs owns this account and puts it into every ARN and URL. */
export const accountId = "000000000000";

export interface SqsBackend {
  readonly handle: ServiceBackend;
  close(): Promise<void>;
}

/**
 * SQS by fauxqs. It is called in process and listens on no port: its own start function binds every interface, and its
 * queue URLs carry a host name that needs DNS. Queue URLs in answers are rewritten to the address the client used.
 * In front of it stand the checks of AWS that it lacks.
 */
export async function startSqsBackend(region: string, clock: Clock = systemClock): Promise<SqsBackend> {
  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  const purges = new PurgeLimit(clock);
  const call: Call = async (request, operation, body) => {
    const answer = await app.inject({
      method: "POST",
      url: "/",
      headers: {
        // fauxqs routes by content type and reads the region from the signature; nothing else matters to it.
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
        authorization: request.headers.authorization ?? "",
        host: "localhost",
      },
      payload: body,
    });
    const queryError = answer.headers["x-amzn-query-error"];
    return {
      status: answer.statusCode,
      headers: {
        "content-type": "application/x-amz-json-1.0",
        ...(typeof queryError === "string" ? { "x-amzn-query-error": queryErrorCode(queryError) } : {}),
      },
      body: answer.body,
    };
  };
  return {
    handle: async (request, operation) => {
      try {
        return await handle(call, purges, request, operation);
      } catch (error) {
        if (!(error instanceof AwsServiceError)) throw error;
        return sqsErrorResponse(error.awsCode, error.message, error.status);
      }
    },
    close: () => app.close(),
  };
}

type Call = (request: ServiceRequest, operation: string, body: string) => Promise<ServiceResponse>;

async function handle(
  call: Call,
  purges: PurgeLimit,
  request: ServiceRequest,
  operation: string,
): Promise<ServiceResponse> {
  const input = parseRequest(request.body);
  checkRequest(operation, input);
  if (operation === "PurgeQueue") purges.check(String(input.QueueUrl));
  const failed = failedEntries(operation, input);
  if (failed.length === 0) return send(call, request, operation, request.body, input);
  const failedIds = new Set(failed.map(({ Id }) => Id));
  const Entries = (input.Entries as readonly { readonly Id: string }[]).filter(
    ({ Id }) => !failedIds.has(Id),
  );
  if (Entries.length === 0) return jsonResponse(200, { Successful: [], Failed: failed }, "1.0");
  const answer = await send(call, request, operation, JSON.stringify({ ...input, Entries }), input);
  if (answer.status !== 200) return answer;
  const results = JSON.parse(answer.body) as { readonly Failed?: readonly FailedEntry[] };
  return { ...answer, body: JSON.stringify({ ...results, Failed: [...(results.Failed ?? []), ...failed] }) };
}

async function send(
  call: Call,
  request: ServiceRequest,
  operation: string,
  body: string,
  input: Json,
): Promise<ServiceResponse> {
  const isSend = operation === "SendMessage" || operation === "SendMessageBatch";
  const hidden = isSend ? hideAstral(body) : undefined;
  const answer = await call(request, operation, hidden?.body ?? body);
  if (answer.status !== 200) return answer;
  if (hidden !== undefined) return { ...answer, body: hidden.correct(answer.body) };
  if (operation === "ReceiveMessage")
    return { ...answer, body: withRequestedAttributes(revealAstral(answer.body), input) };
  return urlOperations.has(operation)
    ? { ...answer, body: withQueueUrls(answer.body, request.host) }
    : answer;
}

/** Codes that the SQS model gives this prefix. fauxqs gives it to all, which changes the names that SDKs throw. */
const prefixed =
  /^AWS\.SimpleQueueService\.(?!NonExistentQueue|UnsupportedOperation|MessageNotInflight|PurgeQueueInProgress|QueueDeletedRecently|\w*Batch)/;
function queryErrorCode(header: string): string {
  return header.replace(prefixed, "");
}

const urlOperations = new Set(["CreateQueue", "GetQueueUrl", "ListQueues"]);

function withQueueUrls(body: string, host: string): string {
  return body.replaceAll(/"http:\/\/[^/"]+\/(\d{12}\/[^"/]+)"/g, `"http://${host}/$1"`);
}
