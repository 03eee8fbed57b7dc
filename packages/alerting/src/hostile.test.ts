import type { PublishCommandInput } from "@aws-sdk/client-sns";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AmazonQNotification, amazonQ, amazonQLimits } from "./amazon-q/amazon-q.ts";
import { type EmailMessage, email } from "./email/email.ts";
import type { Alert } from "./model/alert.ts";
import { alertFromFinding } from "./ocsf/alert-from-finding.ts";
import { ocsf } from "./ocsf/ocsf.ts";
import { slack } from "./slack/slack.ts";
import type { SlackMessage } from "./slack/slack-blocks.ts";
import { slackPreview } from "./slack/slack-preview.ts";
import { alertMessage, maximumMessageBytes, messageBytes } from "./sns/sns-message.ts";
import { activeMarkup, slackProblems } from "./testing/check-slack.ts";
import { hidden } from "./testing/hidden.ts";
import { hostileAlert } from "./testing/hostile.ts";
import { ocsfProblems } from "./testing/ocsf-class.ts";
import { isVisible } from "./wording/text.ts";

const topicArn = "arn:aws:sns:us-west-2:123456789012:alerts";

describe("an alert whose every string is hostile", () => {
  test("is text for people in every medium: within its limits, without active markup or hidden characters", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        checkEmail(email(alert));
        checkSlack(slack(alert));
        checkAmazonQ(amazonQ(alert));
      }),
      { numRuns: 1000 },
    );
  });

  test("is a valid finding and an SNS message that SNS takes", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        expect(ocsfProblems(ocsf(alert))).toEqual([]);
        checkSnsMessage(alertMessage(alert, topicArn), alert);
      }),
      { numRuns: 300 },
    );
  });
});

function checkEmail({ subject, body }: EmailMessage): void {
  expect(subject).toMatch(/^\[[A-Z]+\] .*$/);
  expect(isVisible(subject)).toBe(true);
  expect(subject).not.toMatch(hidden);
  expect(subject.length).toBeLessThanOrEqual(99);
  expect(body.length).toBeLessThanOrEqual(24_000);
  expect(isVisible(body)).toBe(true);
  expect(body).not.toMatch(hidden);
  expect(body.split("\n").filter((line) => line === "WHO DID IT")).toHaveLength(1);
}

function checkSlack(message: SlackMessage): void {
  expect(slackProblems(message)).toEqual([]);
  expect(JSON.stringify(message)).not.toMatch(hidden);
  const body = slackPreview(message).replace(/^[\s\S]*<body>/, "");
  const tags = [...body.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name);
  expect(
    tags.filter((name) => !/^(?:p|b|article|div|span|h1|a|br|code|body|html)$/.test(name ?? "")),
  ).toEqual([]);
  expect([...body.matchAll(/href="([^"]*)"/g)].every(([, url]) => url?.startsWith("https://"))).toBe(true);
}

function checkAmazonQ({ content, metadata }: AmazonQNotification): void {
  expect(content.title.length).toBeLessThanOrEqual(amazonQLimits.title);
  expect(content.description.length).toBeLessThanOrEqual(amazonQLimits.description);
  const parsed = [
    content.title,
    content.description,
    ...content.nextSteps,
    ...content.keywords,
    metadata.summary,
  ];
  expect(parsed.map(activeMarkup).filter((found) => found !== undefined)).toEqual([]);
  expect(JSON.stringify({ content, metadata })).not.toMatch(hidden);
}

function checkSnsMessage(input: PublishCommandInput, alert: Alert): void {
  expect(messageBytes(input)).toBeLessThanOrEqual(maximumMessageBytes);
  expect(input.Message).not.toMatch(hidden);
  const bodies = JSON.parse(input.Message ?? "");
  expect(Object.keys(bodies)).toEqual(["default", "email", "sms"]);
  expect(bodies.default).not.toMatch(hidden);
  // JSON has no NaN: an alert with impossible times is sent, but cannot be read back.
  if ([alert.createdAt, ...Object.values(alert.record.times)].every(Number.isFinite)) {
    expect(alertFromFinding(bodies.default).type).toBe("alert");
  }
  for (const { DataType, StringValue } of Object.values(input.MessageAttributes ?? {})) {
    expect(StringValue).not.toBe("");
    expect(StringValue).not.toMatch(hidden);
    if (DataType === "String.Array") expect(JSON.parse(StringValue ?? "")).not.toEqual([]);
  }
}
