import { buildApp } from "fauxqs";
import { jsonResponse, type ServiceBackend } from "../http/service-request.ts";
import { hideAstral, revealAstral } from "./astral-text.ts";

/** fauxqs owns this account and puts it into every ARN and URL. */
export const accountId = "000000000000";

export interface SqsBackend {
  readonly handle: ServiceBackend;
  close(): Promise<void>;
}

/**
 * SQS by fauxqs. It is called in process and listens on no port: its own start function binds every interface, and its
 * queue URLs carry a host name that needs DNS. Queue URLs in answers are rewritten to the address the client used.
 */
export async function startSqsBackend(region: string): Promise<SqsBackend> {
  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  return {
    handle: async (request) => {
      const target = request.headers["x-amz-target"];
      if (request.method !== "POST" || target === undefined) {
        return jsonResponse(
          400,
          {
            __type: "com.amazonaws.sqs#InvalidAction",
            message:
              "This SQS speaks the JSON protocol (x-amz-target) only; use a current AWS SDK or AWS CLI.",
          },
          "1.0",
        );
      }
      const hidden = isSend(target) ? hideAstral(request.body) : undefined;
      const answer = await app.inject({
        method: "POST",
        url: "/",
        headers: {
          // fauxqs routes by content type and reads the region from the signature; nothing else matters to it.
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": target,
          authorization: request.headers.authorization ?? "",
          host: "localhost",
        },
        payload: hidden?.body ?? (request.body === "" ? "{}" : request.body),
      });
      const headers: Record<string, string> = { "content-type": "application/x-amz-json-1.0" };
      const queryError = answer.headers["x-amzn-query-error"];
      if (typeof queryError === "string") headers["x-amzn-query-error"] = queryErrorCode(queryError);
      if (answer.statusCode === 400 && !answer.body.includes("__type")) {
        // What fauxqs's parser refuses is answered in the parser's own shape, which SDKs cannot read.
        return jsonResponse(
          400,
          {
            __type: "com.amazon.coral.service#SerializationException",
            message: "The request is not valid JSON.",
          },
          "1.0",
        );
      }
      const revealed = target === "AmazonSQS.ReceiveMessage" ? revealAstral(answer.body) : answer.body;
      const corrected =
        answer.statusCode === 200 && hidden !== undefined ? hidden.correct(revealed) : revealed;
      const body = withQueueUrls(target, corrected, request.host);
      return { status: answer.statusCode, headers, body };
    },
    close: () => app.close(),
  };
}

/** Codes that the SQS model gives this prefix. fauxqs gives it to all, which changes the names that SDKs throw. */
const prefixed =
  /^AWS\.SimpleQueueService\.(?!NonExistentQueue|UnsupportedOperation|MessageNotInflight|PurgeQueueInProgress|QueueDeletedRecently|\w*Batch)/;
const queryErrorCode = (header: string): string => header.replace(prefixed, "");

const isSend = (target: string): boolean =>
  target === "AmazonSQS.SendMessage" || target === "AmazonSQS.SendMessageBatch";

const urlOperations = new Set(["AmazonSQS.CreateQueue", "AmazonSQS.GetQueueUrl", "AmazonSQS.ListQueues"]);

function withQueueUrls(target: string, body: string, host: string): string {
  if (!urlOperations.has(target)) return body;
  return body.replaceAll(/"http:\/\/[^/"]+\/(\d{12}\/[^"/]+)"/g, `"http://${host}/$1"`);
}
