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
  refusePlainText(topic);
  for (const address of settings.email) subscribe(topic, address);
  return { topic, key };
}

/**
 * Alerts name people, addresses and resources, so the topic has a key of its own. The AWS-managed `alias/aws/sns`
 * would not do: its policy cannot be changed, so it lets every principal of the account that may use SNS use it, and
 * no AWS service (a CloudWatch alarm on the pipeline itself, say) could ever publish to the topic. With this key the
 * account's administrators manage it, and only the consumer's role is given its use (in `detection.ts`).
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

/**
 * The topic's own policy grants nothing: who may publish or subscribe is decided by IAM in this account alone.
 * (The policy that SNS writes by default would let any principal of the account in.)
 */
function refusePlainText(topic: sst.aws.SnsTopic): void {
  new aws.sns.TopicPolicy("AlertsPolicy", {
    arn: topic.arn,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RefusePlainText",
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
function subscribe(topic: sst.aws.SnsTopic, address: string): void {
  const id = createHash("sha256").update(address.toLowerCase()).digest("hex").slice(0, 10);
  new aws.sns.TopicSubscription(`AlertsEmail${id}`, {
    topic: topic.arn,
    protocol: "email",
    endpoint: address,
    filterPolicyScope: "MessageAttributes",
    // Alerts marked "digest" are held back during a storm, so that SNS does not suspend the subscription.
    filterPolicy: JSON.stringify({ delivery: ["direct"] }),
  });
}
