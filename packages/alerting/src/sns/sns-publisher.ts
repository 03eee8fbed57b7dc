import {
  PublishCommand,
  type PublishCommandInput,
  type SNSClient,
  type SNSClientConfig,
} from "@aws-sdk/client-sns";
import { alertTestAmazonQ } from "../amazon-q/alert-test-amazon-q.ts";
import { type AmazonQNotification, amazonQ } from "../amazon-q/amazon-q.ts";
import { amazonQDigest } from "../amazon-q/amazon-q-digest.ts";
import type { AlertPublisher } from "../model/alert.ts";
import type { AlertTest } from "../model/alert-test.ts";
import { type RetryOptions, retrying } from "../retry.ts";
import { visibleJson } from "../wording/text.ts";
import type { alertTestAttributes } from "./alert-test-attributes.ts";
import { withAsciiSubject } from "./ascii-subject.ts";
import { snsError } from "./sns-errors.ts";
import { alertMessage, alertTestMessage, digestMessage } from "./sns-message.ts";

export interface SnsPublisherOptions extends RetryOptions {
  /** Give it `snsClientDefaults`, so that retries and timeouts are counted once. */
  readonly client: SNSClient;
  readonly topicArn: string;
  /** How long one attempt may take. Default 3000, so that three attempts stay below 11 seconds. */
  readonly attemptTimeoutMilliseconds?: number;
  /** Called for each alert that SNS took with an ASCII subject only, after it rejected one in another script. */
  readonly onAsciiSubject?: () => void;
}

export interface SnsPublisher extends AlertPublisher {
  /**
   * Publishes a test of the delivery.
   *
   * @param also values that routes ask for, beside those of every test.
   * @returns SNS's message id.
   * @throws PublishError
   */
  publishTest(test: AlertTest, also?: Parameters<typeof alertTestAttributes>[1]): Promise<string>;
}

/**
 * Retries belong to the publisher, not to the SDK: with both, three attempts would become nine, and only ours can
 * be tested without waiting. The timeouts keep a server that accepts and never answers from holding a socket.
 */
export const snsClientDefaults: Pick<SNSClientConfig, "maxAttempts" | "requestHandler"> = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

const defaultAttemptTimeoutMilliseconds = 3000;

/**
 * Publishes alerts to one SNS topic. Resolves when SNS has taken the alert. After a timeout SNS may have taken it
 * and get it again; subscribers recognise the repeat by the alert's id.
 *
 * @throws PublishError with a stable code, whether waiting can help, and what to do.
 */
export function createSnsPublisher(options: SnsPublisherOptions): SnsPublisher {
  const send = withAsciiSubject(sender(options), options.onAsciiSubject ?? (() => undefined));
  return {
    async publish(alert, call) {
      await send(alertMessage(alert, options.topicArn), call?.signal);
    },
    async publishDigest(digest, call) {
      await send(digestMessage(digest, options.topicArn), call?.signal);
    },
    publishTest: (test, also) => send(alertTestMessage(test, options.topicArn, also)),
  };
}

/**
 * Publishes alerts for Amazon Q Developer in chat applications. Its topic must carry nothing else, because Amazon Q
 * shows only bodies that are exactly its notification.
 *
 * @throws PublishError
 */
export function createAmazonQPublisher(options: SnsPublisherOptions): SnsPublisher {
  const send = sender(options);
  const notify = (notification: AmazonQNotification): Promise<string> =>
    send({ TopicArn: options.topicArn, Message: visibleJson(notification) });
  return {
    async publish(alert) {
      await notify(amazonQ(alert));
    },
    async publishDigest(digest) {
      await notify(amazonQDigest(digest));
    },
    publishTest: (test) => notify(alertTestAmazonQ(test)),
  };
}

function sender(
  options: SnsPublisherOptions,
): (input: PublishCommandInput, signal?: AbortSignal) => Promise<string> {
  const { client, topicArn, attemptTimeoutMilliseconds = defaultAttemptTimeoutMilliseconds } = options;
  return (input, signal) =>
    retrying(async () => {
      // Also bounds clients that were made without our defaults.
      const timeout = AbortSignal.timeout(attemptTimeoutMilliseconds);
      const abortSignal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      try {
        const { MessageId = "" } = await client.send(new PublishCommand(input), { abortSignal });
        return MessageId;
      } catch (error) {
        throw snsError(error, topicArn, abortSignal.aborted);
      }
    }, options);
}
