/** An AWS service that may send to a queue, on behalf of the named resources of this account only. */
export interface QueueSender {
  readonly service: string;
  readonly sourceArns: readonly $util.Input<string>[];
  /**
   * Whether the service names the account it acts for. SNS does not say that it does when it delivers to a queue, and
   * a condition on what is not there would reject every message; the topic's ARN holds the account all the same.
   */
  readonly namesAccount: boolean;
}

/**
 * The one resource policy of a queue. SST's own `subscribeQueue` helpers write a policy that lets EventBridge, SNS and S3
 * of every account send; this one names the service, the resources and the account, and denies plain text.
 * Without a sender nothing is granted: then only IAM roles of this account can use the queue.
 */
export function queuePolicy(name: string, queue: sst.aws.Queue, sender?: QueueSender): aws.sqs.QueuePolicy {
  const accountId = aws.getCallerIdentityOutput({}).accountId;
  const denyPlainText = {
    Sid: "DenyPlainText",
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: queue.arn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  const allowSender = sender && {
    Sid: "AllowSender",
    Effect: "Allow",
    Principal: { Service: sender.service },
    Action: "sqs:SendMessage",
    Resource: queue.arn,
    Condition: {
      ArnEquals: { "aws:SourceArn": sender.sourceArns },
      ...(sender.namesAccount && { StringEquals: { "aws:SourceAccount": accountId } }),
    },
  };
  return new aws.sqs.QueuePolicy(name, {
    queueUrl: queue.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: allowSender ? [allowSender, denyPlainText] : [denyPlainText],
    }),
  });
}
