import {
  PublishCommand,
  type PublishCommandInput,
  type SNSClient,
  type SNSClientConfig,
} from "@aws-sdk/client-sns";
import { amazonQ } from "../amazon-q/amazon-q.ts";
import { amazonQDigest } from "../amazon-q/amazon-q-digest.ts";
import type { AlertPublisher } from "../model/alert.ts";
import { type RetryOptions, retrying } from "../retry.ts";
import { visibleJson } from "../wording/text.ts";
import { withAsciiSubject } from "./ascii-subject.ts";
import { snsError } from "./sns-errors.ts";
import { alertMessage, digestMessage } from "./sns-message.ts";

export interface SnsPublisherOptions extends RetryOptions {
  /** Give it `snsClientDefaults`, so that retries and timeouts are counted once. */
  readonly client: SNSClient;
  readonly topicArn: string;
  /** How long one attempt may take. Default 3000, so that three attempts stay below 11 seconds. */
  readonly attemptTimeoutMilliseconds?: number;
  /** Called for each alert that SNS took with an ASCII subject only, after it rejected one in another script. */
  readonly onAsciiSubject?: () => void;
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
export function createSnsPublisher(options: SnsPublisherOptions): AlertPublisher {
  const send = withAsciiSubject(sender(options), options.onAsciiSubject ?? (() => undefined));
  return {
    publish: (alert) => send(alertMessage(alert, options.topicArn)),
    publishDigest: (digest) => send(digestMessage(digest, options.topicArn)),
  };
}

/**
 * Publishes alerts for Amazon Q Developer in chat applications. Its topic must carry nothing else, because Amazon Q
 * shows only bodies that are exactly its notification.
 *
 * @throws PublishError
 */
export function createAmazonQPublisher(options: SnsPublisherOptions): AlertPublisher {
  const send = sender(options);
  return {
    publish: (alert) => send({ TopicArn: options.topicArn, Message: visibleJson(amazonQ(alert)) }),
    publishDigest: (digest) =>
      send({ TopicArn: options.topicArn, Message: visibleJson(amazonQDigest(digest)) }),
  };
}

function sender(options: SnsPublisherOptions): (input: PublishCommandInput) => Promise<void> {
  const { client, topicArn, attemptTimeoutMilliseconds = defaultAttemptTimeoutMilliseconds } = options;
  return (input) =>
    retrying(async () => {
      // Also bounds clients that were made without our defaults.
      const abortSignal = AbortSignal.timeout(attemptTimeoutMilliseconds);
      try {
        await client.send(new PublishCommand(input), { abortSignal });
      } catch (error) {
        throw snsError(error, topicArn, abortSignal.aborted);
      }
    }, options);
}
