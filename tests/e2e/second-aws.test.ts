import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createLogger, createRuntime, readEnvironment, startService } from "@streamwarden/consumer";
import { imbalances } from "@streamwarden/detection";
import { createResources } from "@streamwarden/local";
import { expect, onTestFinished, test } from "vitest";
import { type Moto, startMoto } from "../support/moto.ts";
import { drain, eventually } from "../support/queues.ts";
import { documentedRecord } from "../support/records.ts";

/**
 * The way of a record through an AWS that we did not write: what our own local AWS and the product misunderstand alike
 * shows here. It needs Python and moto, which nobody has to have: `.ci/run` names an interpreter where it can.
 */
const python = process.env.STREAMWARDEN_MOTO_PYTHON ?? "";

test.skipIf(python === "")("a record becomes an alert on moto's AWS too", async () => {
  const moto: Moto = await startMoto(python);
  onTestFinished(() => moto.close());
  const region = "us-east-1";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = { region, credentials, endpoint: moto.endpoint };
  const { endpoint } = client;
  const resources = await createResources(
    {
      endpoints: { sqs: endpoint, sns: endpoint, dynamodb: endpoint, eventbridge: endpoint },
      region,
      credentials,
    },
    { visibilityTimeoutSeconds: 30, maximumReceives: 5 },
  );
  const [sqs, sns, events] = [new SQSClient(client), new SNSClient(client), new EventBridgeClient(client)];
  onTestFinished(() => {
    for (const each of [sqs, sns, events]) each.destroy();
  });
  const { QueueUrl: inbox = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "every-alert" }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: resources.topicArn,
      Protocol: "sqs",
      Endpoint: resources.queueArn.replace(/[^:]+$/, "every-alert"),
      Attributes: { RawMessageDelivery: "true" },
    }),
  );

  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    STREAMWARDEN_QUEUE_URL: resources.queueUrl,
    STREAMWARDEN_DEAD_LETTER_QUEUE_URL: resources.deadLetterQueueUrl,
    STREAMWARDEN_TOPIC_ARN: resources.topicArn,
    STREAMWARDEN_STATE_TABLE: resources.stateTable,
    STREAMWARDEN_HTTP_PORT: "0",
  };
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
  const runtime = await createRuntime(
    readEnvironment(variables),
    createLogger({ level: "silent", pretty: false }),
  );
  const service = await startService(runtime);
  onTestFinished(async () => void (await service.stop()));

  const entry = {
    Source: "aws.ivs",
    DetailType: "AWS API Call via CloudTrail",
    Detail: JSON.stringify(documentedRecord),
  };
  await events.send(new PutEventsCommand({ Entries: [entry, entry] }));
  const alerts: string[] = [];
  await eventually("the alert is there", async () => {
    alerts.push(...(await drain(sqs, inbox)).map(({ Body = "" }) => Body));
    return alerts.some((alert) => alert.includes("IVS channel created without MFA"));
  });
  expect(new Set(alerts).size).toBe(alerts.length);
  expect(alerts.join()).toContain("First_Streamer");
  expect(imbalances(runtime.metrics.total)).toEqual([]);
});
