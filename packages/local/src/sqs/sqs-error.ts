import { jsonResponse, type ServiceResponse } from "../http/service-request.ts";

/**
 * Codes of the query protocol that differ from the JSON protocol's names. SDKs read the header `x-amzn-query-error`
 * first, so that programs written for the older protocol find the codes they compare with.
 */
const queryCodes: Readonly<Record<string, string>> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
};

/** An error of SQS as its JSON protocol writes it. */
export function sqsErrorResponse(code: string, message: string, status = 400): ServiceResponse {
  const { headers, ...response } = jsonResponse(
    status,
    { __type: `com.amazonaws.sqs#${code}`, message },
    "1.0",
  );
  const fault = status >= 500 ? "Receiver" : "Sender";
  return {
    ...response,
    headers: { ...headers, "x-amzn-query-error": `${queryCodes[code] ?? code};${fault}` },
  };
}
