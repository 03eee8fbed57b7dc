/// <reference path="./.sst/platform/config.d.ts" />

/**
 * Streamwarden on AWS, deployed with SST. One file in `stacks/` for each step of the path:
 * capture (EventBridge) → detection (SQS, Lambda, DynamoDB) → alerting (SNS).
 *
 * SST forbids static imports at the top of this file, so the stacks are loaded inside `run()`.
 */
export default $config({
  async app(input) {
    const { readSettings } = await import("./stacks/settings.ts");
    const stage = input?.stage ?? "";
    // SST cuts the app's name off the front of a name that is too long, and the policies that guard this pipeline know
    // its parts by that name (`pipeline` in streamwarden.yml).
    if (stage.length > 25) throw new Error(`The stage "${stage}" is too long: use at most 25 characters.`);
    // "production", or one such stage for each region or account: "production-eu-west-1".
    const production = /^production(-|$)/.test(stage);
    return {
      name: "streamwarden",
      home: "aws",
      // The configuration decides about the region, so that a forgotten AWS_REGION cannot move the pipeline.
      providers: { aws: { region: readSettings().homeRegion } },
      // In production `sst remove` is refused (protect), and even a forced one keeps the state table (retain).
      removal: production ? "retain" : "remove",
      protect: production,
    };
  },
  async run() {
    const { readSettings } = await import("./stacks/settings.ts");
    const { alerting } = await import("./stacks/alerting.ts");
    const { detection } = await import("./stacks/detection.ts");
    const { destinations } = await import("./stacks/destinations.ts");
    const { capture } = await import("./stacks/capture.ts");

    const settings = readSettings();
    const alerts = alerting(settings);
    const detector = detection(settings, alerts);
    const captured = capture(detector);
    const delivered = destinations(settings, alerts, detector);

    return {
      topicArn: alerts.topic.arn,
      queueUrl: detector.queue.url,
      deadLetterQueueUrl: detector.deadLetterQueue.url,
      captureDeadLetterQueueUrl: captured.deadLetterQueue.url,
      stateTable: detector.table.name,
      ...(delivered.amazonQTopicArns.length > 0 && { amazonQTopicArns: delivered.amazonQTopicArns }),
    };
  },
});
