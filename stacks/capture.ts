import { captureRules } from "@streamwarden/capture";
import { createQueue } from "./queue.ts";
import { queuePolicy } from "./queue-policy.ts";

export interface Capture {
  readonly deadLetterQueue: sst.aws.Queue;
}

/**
 * What we ask EventBridge for: every rule of `@streamwarden/capture` on the default bus (the only one that CloudTrail
 * reaches), with the queue as target. The rules are raw resources because SST's `Bus` can neither watch the default bus
 * nor set the state in which read-only calls arrive.
 */
export function capture(target: { readonly queue: sst.aws.Queue }): Capture {
  const { queue } = target;
  const rules = captureRules.map((rule) => ({
    logicalName: pascalCase(rule.name),
    resource: new aws.cloudwatch.EventRule(pascalCase(rule.name), {
      name: `${rule.name}-${$app.stage}`,
      description: rule.description,
      eventBusName: "default",
      eventPattern: JSON.stringify(rule.pattern),
      state: rule.state,
    }),
  }));
  const sender = {
    service: "events.amazonaws.com",
    sourceArns: rules.map((rule) => rule.resource.arn),
    namesAccount: true,
  };

  // What EventBridge could not put into the queue. It keeps the event and the reason (attributes of the message).
  const deadLetterQueue = createQueue("CaptureDeadLetters");
  const permissions = [
    queuePolicy("EventsPolicy", queue, sender),
    queuePolicy("CaptureDeadLettersPolicy", deadLetterQueue, sender),
  ];

  for (const rule of rules) {
    new aws.cloudwatch.EventTarget(
      `${rule.logicalName}Target`,
      {
        rule: rule.resource.name,
        eventBusName: "default",
        targetId: "queue",
        arn: queue.arn,
        // The longest that EventBridge allows, written out because losing an event is the one thing we must not do.
        retryPolicy: { maximumEventAgeInSeconds: 24 * 60 * 60, maximumRetryAttempts: 185 },
        deadLetterConfig: { arn: deadLetterQueue.arn },
      },
      // A rejected delivery is not retried: it goes straight to the dead letters. So permission first.
      { dependsOn: permissions },
    );
  }
  return { deadLetterQueue };
}

function pascalCase(kebabCase: string): string {
  return kebabCase
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
