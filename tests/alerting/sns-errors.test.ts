import { createServer } from "node:http";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  createSnsPublisher,
  PublishError,
  type PublishErrorCode,
  snsClientDefaults,
} from "@streamwarden/alerting";
import { afterEach, describe, expect, test } from "vitest";
import { newAlert } from "../../packages/alerting/src/testing/sample-alerts.ts";

/** The real SDK against a server that answers as SNS does, error by error. */

const topicArn = "arn:aws:sns:us-west-2:123456789012:alerts";
const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly instead?: "hang" | "drop";
}

const taken = `<PublishResponse xmlns="${namespace}"><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>`;
function failed(code: string): string {
  return `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>said so</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function publishAgainst(answers: readonly Answer[], attemptTimeoutMilliseconds = 3000) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    bodies.push(Buffer.concat(chunks).toString());
    const answer = answers[Math.min(bodies.length, answers.length) - 1];
    if (answer?.instead === "hang") return;
    if (answer?.instead === "drop") {
      request.socket.destroy();
      return;
    }
    const status = answer?.status ?? 200;
    response.writeHead(status, { "content-type": "text/xml" });
    response.end(status === 200 ? taken : failed(answer?.code ?? ""));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = new SNSClient({
    ...snsClientDefaults,
    region: "us-west-2",
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  closers.push(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  const sleeps: number[] = [];
  const publisher = createSnsPublisher({
    client,
    topicArn,
    attemptTimeoutMilliseconds,
    random: () => 0.5,
    clock: {
      now: () => 0,
      sleep: async (milliseconds) => {
        sleeps.push(milliseconds);
      },
    },
  });
  const error: unknown = await publisher.publish(newAlert).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined && !(error instanceof PublishError)) throw error;
  return { error, bodies, sleeps };
}

describe("publishing to SNS", () => {
  test("sends one Publish with structure, subject and attributes", async () => {
    const { error, bodies } = await publishAgainst([{ status: 200, code: "" }]);
    expect(error).toBeUndefined();
    expect(bodies).toHaveLength(1);
    const form = new URLSearchParams(bodies[0]);
    expect(form.get("Action")).toBe("Publish");
    expect(form.get("MessageStructure")).toBe("json");
    expect(form.get("Subject")).toMatch(/^\[HIGH\] \S+: IVS channel created without MFA/);
    const message = JSON.parse(form.get("Message") ?? "");
    expect(JSON.parse(message.default)).toMatchObject({ class_uid: 2004, metadata: { uid: newAlert.id } });
    expect(message.email).toContain("WHO DID IT");
  });

  test.each<[Answer, PublishErrorCode, string]>([
    [{ status: 404, code: "NotFound" }, "publish-target-not-found", "STREAMWARDEN_TOPIC_ARN"],
    [{ status: 403, code: "AuthorizationError" }, "publish-not-authorized", "Allow sns:Publish"],
    [{ status: 403, code: "AccessDenied" }, "publish-not-authorized", "Allow sns:Publish"],
    [{ status: 403, code: "InvalidClientTokenId" }, "publish-not-authorized", "renew them"],
    [{ status: 403, code: "ExpiredToken" }, "publish-not-authorized", "renew them"],
    [{ status: 403, code: "SignatureDoesNotMatch" }, "publish-not-authorized", "renew them"],
    [{ status: 400, code: "KMSAccessDenied" }, "publish-encryption-key", "kms:GenerateDataKey"],
    [{ status: 400, code: "KMSDisabled" }, "publish-encryption-key", "kms:GenerateDataKey"],
    [{ status: 400, code: "InvalidParameter" }, "publish-message-refused", "please report"],
    [{ status: 400, code: "InvalidParameterValue" }, "publish-message-refused", "please report"],
  ])("does not repeat %j", async (answer, code, advice) => {
    const { error, bodies } = await publishAgainst([answer]);
    expect(error).toMatchObject({ code, retryable: false });
    expect(error?.message).toContain(topicArn);
    expect(error?.message).toContain(advice);
    expect(bodies).toHaveLength(1);
  });

  test.each<[Answer, PublishErrorCode]>([
    [{ status: 429, code: "Throttled" }, "publish-throttled"],
    [{ status: 400, code: "Throttling" }, "publish-throttled"],
    [{ status: 400, code: "KMSThrottling" }, "publish-throttled"],
    [{ status: 500, code: "InternalError" }, "publish-unavailable"],
    [{ status: 503, code: "ServiceUnavailable" }, "publish-unavailable"],
    [{ status: 0, code: "", instead: "drop" }, "publish-unreachable"],
  ])("tries three times against %j, with growing waits", async (answer, code) => {
    const { error, bodies, sleeps } = await publishAgainst([answer]);
    expect(error).toMatchObject({ code, retryable: true });
    expect(bodies).toHaveLength(3);
    expect(sleeps).toEqual([100, 200]);
  });

  test("gives up on a server that never answers", async () => {
    const { error, bodies } = await publishAgainst([{ status: 0, code: "", instead: "hang" }], 100);
    expect(error).toMatchObject({ code: "publish-timeout", retryable: true });
    expect(bodies).toHaveLength(3);
  });

  test("recovers when the fault passes", async () => {
    const { error, bodies } = await publishAgainst([
      { status: 500, code: "InternalError" },
      { status: 200, code: "" },
    ]);
    expect(error).toBeUndefined();
    expect(bodies).toHaveLength(2);
  });
});
