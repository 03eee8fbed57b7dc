import { describe, expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";

const complete = {
  STREAMWARDEN_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/records",
  STREAMWARDEN_DEAD_LETTER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
  STREAMWARDEN_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
  STREAMWARDEN_STATE_TABLE: "state",
  AWS_REGION: "us-east-1",
};

test("the rest has defaults", () => {
  expect(readEnvironment(complete)).toEqual({
    queueUrl: complete.STREAMWARDEN_QUEUE_URL,
    deadLetterQueueUrl: complete.STREAMWARDEN_DEAD_LETTER_QUEUE_URL,
    topicArn: complete.STREAMWARDEN_TOPIC_ARN,
    stateTable: "state",
    region: "us-east-1",
    configPath: "streamwarden.yml",
    httpPort: 8787,
    receivers: 2,
    logLevel: "info",
  });
});

describe("a missing or malformed variable is one sentence that names it", () => {
  test.each(Object.keys(complete))("%s missing", (name) => {
    for (const value of [undefined, "", "  "])
      expect(() => readEnvironment({ ...complete, [name]: value })).toThrow(
        expect.objectContaining({
          code: "consumer-environment",
          message: expect.stringMatching(new RegExp(`^${name} is missing: set it to [^\\n]+\\.$`)),
        }),
      );
  });

  test.each([
    ["STREAMWARDEN_QUEUE_URL", "records"],
    ["STREAMWARDEN_QUEUE_URL", "file:///etc/passwd"],
    ["STREAMWARDEN_TOPIC_ARN", "alerts"],
    ["STREAMWARDEN_HTTP_PORT", "70000"],
    ["STREAMWARDEN_RECEIVERS", "0"],
    ["STREAMWARDEN_RECEIVERS", "two"],
    ["STREAMWARDEN_LOG_LEVEL", "loud"],
  ])("%s = %s", (name, value) => {
    expect(() => readEnvironment({ ...complete, [name]: value })).toThrow(
      expect.objectContaining({ code: "consumer-environment", message: expect.stringContaining(name) }),
    );
  });
});
