import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConsumerError } from "../errors.ts";
import { readEnvironment } from "./environment.ts";
import {
  amazonQTarget,
  readNotifierEnvironment,
  slackTarget,
  webhookTarget,
} from "./notifier-environment.ts";

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
    timerQueueUrl: complete.STREAMWARDEN_QUEUE_URL,
    topicArn: complete.STREAMWARDEN_TOPIC_ARN,
    stateTable: "state",
    region: "us-east-1",
    configPath: "streamwarden.yml",
    httpPort: 8787,
    receivers: 2,
    logLevel: "info",
  });
});

test("timers wait in a queue of their own where it is named", () => {
  const url = "https://sqs.us-east-1.amazonaws.com/123456789012/timers";
  expect(readEnvironment({ ...complete, STREAMWARDEN_TIMER_QUEUE_URL: url }).timerQueueUrl).toBe(url);
});

/** What the error of an environment says, line by line. */
function linesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConsumerError)) throw error;
    expect(error.code).toBe("consumer-environment");
    return error.message.split("\n");
  }
  throw new Error("expected the environment to be rejected");
}

describe("a missing or malformed variable is one sentence that names it", () => {
  test.each(Object.keys(complete))("%s missing", (name) => {
    for (const value of [undefined, "", "  "]) {
      const lines = linesOf(() => readEnvironment({ ...complete, [name]: value }));
      expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name} is missing: set it to .+\\.$`))]);
    }
  });

  test.each([
    ["STREAMWARDEN_QUEUE_URL", "records"],
    ["STREAMWARDEN_QUEUE_URL", "file:///etc/passwd"],
    ["STREAMWARDEN_QUEUE_URL", "arn:aws:sqs:us-east-1:123456789012:records"],
    ["STREAMWARDEN_DEAD_LETTER_QUEUE_URL", complete.STREAMWARDEN_QUEUE_URL],
    ["STREAMWARDEN_TIMER_QUEUE_URL", "timers"],
    ["STREAMWARDEN_TIMER_QUEUE_URL", complete.STREAMWARDEN_DEAD_LETTER_QUEUE_URL],
    ["STREAMWARDEN_TOPIC_ARN", "alerts"],
    ["STREAMWARDEN_TOPIC_ARN", "arn:aws:sqs:us-east-1:123456789012:records"],
    ["STREAMWARDEN_STATE_TABLE", "my table"],
    ["AWS_REGION", "us east 1"],
    ["AWS_REGION", "us-east-1a"],
    ["STREAMWARDEN_HTTP_PORT", "70000"],
    ["STREAMWARDEN_HTTP_PORT", "-1"],
    ["STREAMWARDEN_RECEIVERS", "0"],
    ["STREAMWARDEN_RECEIVERS", "two"],
    ["STREAMWARDEN_RECEIVERS", "0x10"],
    ["STREAMWARDEN_RECEIVERS", "1e1"],
    ["STREAMWARDEN_RECEIVERS", "2\n3"],
    ["STREAMWARDEN_LOG_LEVEL", "loud"],
  ])("%s = %s", (name, value) => {
    expect(linesOf(() => readEnvironment({ ...complete, [name]: value }))).toEqual([
      expect.stringMatching(new RegExp(`^${name} is .+: set it to .+\\.$`)),
    ]);
  });
});

/** Drops or spoils a variable by what its digit says. */
function spoiled(names: readonly string[], how: readonly ("kept" | "missing" | "malformed")[]) {
  return Object.fromEntries(
    Object.entries(complete).map(([name, value]) => {
      const state = how[names.indexOf(name)] ?? "kept";
      return [name, state === "kept" ? value : state === "missing" ? undefined : "not / right"];
    }),
  );
}

test("law: whatever is wrong together is reported together, one line each", () => {
  const names = Object.keys(complete);
  const states = fc.array(fc.constantFrom("kept" as const, "missing" as const, "malformed" as const), {
    minLength: names.length,
    maxLength: names.length,
  });
  fc.assert(
    fc.property(states, (how) => {
      const wrong = names.filter((_, index) => how[index] !== "kept");
      fc.pre(wrong.length > 1);
      // Two malformed queue URLs are the same text, which is a problem of its own.
      fc.pre(how[0] !== "malformed" || how[1] !== "malformed");
      const [opening, ...lines] = linesOf(() => readEnvironment(spoiled(names, how)));
      expect(opening).toBe(`${wrong.length} environment variables are missing or malformed:`);
      expect(lines.map((line) => line.split(" ")[0]).toSorted()).toEqual(wrong.toSorted());
    }),
  );
});

test("a notifier reports its own variables and those of its destination together", () => {
  for (const [target, own] of [
    [slackTarget, ["STREAMWARDEN_SLACK_WEBHOOK_URL"]],
    [webhookTarget, ["STREAMWARDEN_WEBHOOK_URL", "STREAMWARDEN_WEBHOOK_SECRETS"]],
    [amazonQTarget, ["STREAMWARDEN_AMAZON_Q_TOPIC_ARN"]],
  ] as const) {
    const lines = linesOf(() => readNotifierEnvironment<unknown>({}, target)).slice(1);
    expect(lines.map((line) => line.split(" ")[0]).toSorted()).toEqual(
      [
        "AWS_REGION",
        "STREAMWARDEN_DEAD_LETTER_QUEUE_URL",
        "STREAMWARDEN_DESTINATION",
        "STREAMWARDEN_QUEUE_URL",
        "STREAMWARDEN_STATE_TABLE",
        ...own,
      ].toSorted(),
    );
  }
});
