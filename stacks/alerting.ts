import { createHash } from "node:crypto";
import type { Settings } from "./settings.ts";

export interface Alerting {
  readonly topic: sst.aws.SnsTopic;
  readonly key: aws.kms.Key;
}

/** Where alerts are published: one encrypted SNS topic, and the people of `streamwarden.yml` who get email. */
export function alerting(settings: Settings): Alerting {
  const key = alertsKey();
  const topic = new sst.aws.SnsTopic("Alerts", {
    transform: { topic: { kmsMasterKeyId: key.arn } },
  });
  denyPlainText("AlertsPolicy", topic);
  for (const subscription of settings.email) subscribe(topic, subscription);
  return { topic, key };
}

/**
 * Alerts name people, addresses and resources, so the topic has a key of its own. The AWS-managed `alias/aws/sns`
 * would not do: its policy cannot be changed, so it lets every principal of the account that may use SNS use it, and
 * no AWS service (a CloudWatch alarm on the pipeline itself, say) could ever publish to the topic. With this key the
 * account's administrators manage it, and only the consumer's role is given its use and the Amazon Q notifiers' are given its use.
 */
function alertsKey(): aws.kms.Key {
  const account = aws.getCallerIdentityOutput({});
  const partition = aws.getPartitionOutput({}).partition;
  const key = new aws.kms.Key("AlertsKey", {
    description: `Encrypts the alerts of ${$app.name} (${$app.stage})`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AccountManagesKey",
          Effect: "Allow",
          Principal: { AWS: $interpolate`arn:${partition}:iam::${account.accountId}:root` },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    }),
  });
  new aws.kms.Alias("AlertsKeyAlias", {
    name: `alias/${$app.name}-${$app.stage}-alerts`,
    targetKeyId: key.keyId,
  });
  return key;
}

/** What a role needs to publish to a topic that is encrypted with the key: its use by SNS, and no other. */
export function useOfAlertsKey(key: aws.kms.Key, region: $util.Input<string>) {
  return {
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    resources: [key.arn],
    conditions: [
      {
        test: "StringEquals",
        variable: "kms:ViaService",
        values: [$interpolate`sns.${region}.amazonaws.com`],
      },
    ],
  };
}

/**
 * The topic's own policy grants nothing: who may publish or subscribe is decided by IAM in this account alone.
 * (The policy that SNS writes by default would let any principal of the account in.)
 */
export function denyPlainText(name: string, topic: sst.aws.SnsTopic): void {
  new aws.sns.TopicPolicy(name, {
    arn: topic.arn,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "DenyPlainText",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    }),
  });
}

/**
 * The logical name is a hash of the address, not its place in the list: taking one person off the list must not make
 * everybody after them confirm their subscription again.
 */
function subscribe(topic: sst.aws.SnsTopic, { address, filterPolicy }: Settings["email"][number]): void {
  const id = createHash("sha256").update(address.toLowerCase()).digest("hex").slice(0, 10);
  new aws.sns.TopicSubscription(`AlertsEmail${id}`, {
    topic: topic.arn,
    protocol: "email",
    endpoint: address,
    filterPolicyScope: "MessageAttributes",
    // Always has delivery "direct": what a storm holds back must not make SNS suspend the subscription.
    filterPolicy: JSON.stringify(filterPolicy),
  });
}
