/** SQS's own maximum: what waits in a queue survives a long outage of everything behind it. */
const retentionSeconds = 14 * 24 * 60 * 60;

export interface QueueOptions {
  readonly visibilityTimeoutSeconds?: number;
  /** Where SST's own name could be shortened. */
  readonly physicalName?: string;
  readonly deadLetters?: { readonly queue: sst.aws.Queue; readonly maxReceiveCount: number };
}

/**
 * A queue of this product: encrypted with keys that SQS manages (EventBridge cannot use the AWS-managed KMS key),
 * long polling, 14 days of retention.
 */
export function createQueue(name: string, options: QueueOptions = {}): sst.aws.Queue {
  const { visibilityTimeoutSeconds = 30, physicalName, deadLetters } = options;
  return new sst.aws.Queue(name, {
    visibilityTimeout: `${visibilityTimeoutSeconds} seconds`,
    ...(deadLetters && { dlq: { queue: deadLetters.queue.arn, retry: deadLetters.maxReceiveCount } }),
    transform: {
      queue: (queue) => {
        if (physicalName !== undefined) queue.name = physicalName;
        queue.sqsManagedSseEnabled = true;
        queue.messageRetentionSeconds = retentionSeconds;
        queue.receiveWaitTimeSeconds = 20;
        return undefined;
      },
    },
  });
}
