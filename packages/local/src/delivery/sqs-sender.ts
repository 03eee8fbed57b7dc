import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
} from "@aws-sdk/client-sqs";
import { errorMessage } from "@streamwarden/base";
import { deliveryUserAgent } from "../faults/faulty-service.ts";
import type { Attempt } from "./retry-queue.ts";

export interface QueueMessage {
  readonly body: string;
  readonly attributes?: Record<string, MessageAttributeValue>;
}

interface Waiting {
  readonly message: QueueMessage;
  readonly settle: (attempt: Attempt) => void;
}

const maximumBatch = 10;
const maximumBatchCharacters = 250_000;
const requestTimeoutMilliseconds = 3_000;
const parallelBatches = 4;

/**
 * Sends deliveries to SQS through the local endpoint, as AWS's own services do: faults of SQS hit these calls too.
 * Messages for one queue that arrive together share a batch.
 */
export class SqsSender {
  readonly #client: SQSClient;
  readonly #endpoint: string;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #active = new Map<string, number>();

  constructor(endpoint: string, region: string) {
    this.#endpoint = endpoint;
    this.#client = new SQSClient({
      endpoint,
      region,
      credentials: { accessKeyId: "local-delivery", secretAccessKey: "local-delivery" },
      customUserAgent: deliveryUserAgent,
      // The retry queue retries, with the pauses and the limits of the service that delivers.
      maxAttempts: 1,
      requestHandler: { requestTimeout: requestTimeoutMilliseconds, throwOnRequestTimeout: true },
    });
  }

  /** One attempt to put a message on the queue with this ARN. Never rejects. */
  send(queueArn: string, message: QueueMessage): Promise<Attempt> {
    const queueName = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:(\d{12}:[\w-]{1,80})$/.exec(queueArn)?.[1];
    if (queueName === undefined) {
      return Promise.resolve(
        failure("INVALID_PARAMETER", `${queueArn} is not the ARN of an SQS queue`, false),
      );
    }
    const url = `${this.#endpoint}/${queueName.replace(":", "/")}`;
    return new Promise((settle) => {
      const list = this.#waiting.get(url);
      if (list === undefined) this.#waiting.set(url, [{ message, settle }]);
      else list.push({ message, settle });
      // After the current turn, so that deliveries which begin together can share a batch.
      setImmediate(() => this.#drain(url));
    });
  }

  close(): void {
    this.#client.destroy();
  }

  #drain(url: string): void {
    const list = this.#waiting.get(url) ?? [];
    while (list.length > 0 && (this.#active.get(url) ?? 0) < parallelBatches) {
      const batch = takeBatch(list);
      this.#active.set(url, (this.#active.get(url) ?? 0) + 1);
      void this.#sendBatch(url, batch).finally(() => {
        this.#active.set(url, (this.#active.get(url) ?? 1) - 1);
        this.#drain(url);
      });
    }
    if (list.length === 0) this.#waiting.delete(url);
  }

  async #sendBatch(url: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) {
        await this.#client.send(new SendMessageCommand({ QueueUrl: url, ...entry(only.message) }));
        only.settle({ outcome: "delivered" });
        return;
      }
      const answer = await this.#client.send(
        new SendMessageBatchCommand({
          QueueUrl: url,
          Entries: batch.map(({ message }, index) => ({ Id: String(index), ...entry(message) })),
        }),
      );
      const failed = new Map((answer.Failed ?? []).map((item) => [item.Id, item]));
      for (const [index, { settle }] of batch.entries()) {
        const reason = failed.get(String(index));
        settle(
          reason === undefined
            ? { outcome: "delivered" }
            : failure(reason.Code ?? "SDK_CLIENT_ERROR", reason.Message ?? "", reason.SenderFault !== true),
        );
      }
    } catch (error) {
      const attempt = failureOf(error);
      for (const { settle } of batch) settle(attempt);
    }
  }
}

function takeBatch(list: Waiting[]): readonly Waiting[] {
  let characters = 0;
  let count = 0;
  for (const { message } of list) {
    characters += message.body.length;
    if (count > 0 && (count >= maximumBatch || characters > maximumBatchCharacters)) break;
    count += 1;
  }
  return list.splice(0, count);
}

function entry({ body, attributes }: QueueMessage) {
  return {
    MessageBody: body,
    ...(attributes === undefined ? {} : { MessageAttributes: attributes }),
  };
}

function failure(code: string, message: string, retry: boolean): Attempt {
  return {
    outcome: "failed",
    code,
    message,
    retry,
  };
}

/** AWS does not retry a queue that is gone or forbidden; everything else is worth another attempt. */
function failureOf(error: unknown): Attempt {
  if (!(error instanceof SQSServiceException)) {
    return failure("SDK_CLIENT_ERROR", errorMessage(error), true);
  }
  const gone = error.name === "QueueDoesNotExist" || error.name.startsWith("AccessDenied");
  const code = gone ? "NO_PERMISSIONS" : error.name;
  const sender = error.$fault === "client" && !/throttl/i.test(error.name);
  return failure(code, error.message, !gone && !sender);
}
