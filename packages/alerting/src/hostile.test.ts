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
import { newAlert } from "./testing/sample-alerts.ts";
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
      { numRuns: 500 },
    );
  });

  test("makes no link that the policy file has not written", () => {
    const { policy } = newAlert;
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        expect(slackProblems(slack({ ...alert, policy }), "own")).toEqual([]);
        const { content } = amazonQ({ ...alert, policy });
        expect([content.description, ...content.nextSteps].map((part) => activeMarkup(part))).toEqual(
          Array.from({ length: content.nextSteps.length + 1 }, () => undefined),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("is a valid finding and an SNS message that SNS takes", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        expect(ocsfProblems(ocsf(alert))).toEqual([]);
        checkSnsMessage(alertMessage(alert, topicArn), alert);
      }),
      { numRuns: 200 },
    );
  });
});

const sections = ["What was done", "Who did it", "From where", "When", "What to do now", "Why this alert"];
const headings = sections.map((title) => title.toUpperCase());

/** Our own bold words in a mrkdwn text, in order. Code spans hold none. */
function boldIn(text: string): readonly string[] {
  const bold = text.replace(/`[^`\n]+`/g, "").matchAll(/\*([^*\n]+)\*/g);
  return [...bold].flatMap(([, words = ""]) => (sections.includes(words) ? [words] : []));
}

function checkEmail({ subject, body }: EmailMessage): void {
  expect(subject).toMatch(/^\[[A-Z]+\] .*$/);
  expect(isVisible(subject)).toBe(true);
  expect(subject).not.toMatch(hidden);
  expect(subject.length).toBeLessThanOrEqual(99);
  expect(body.length).toBeLessThanOrEqual(24_000);
  expect(isVisible(body)).toBe(true);
  expect(body).not.toMatch(hidden);
  expect(body.split("\n").filter((line) => headings.includes(line))).toEqual(headings);
}

function checkSlack(message: SlackMessage): void {
  expect(slackProblems(message)).toEqual([]);
  expect(boldIn(slackTexts(message).join("\n"))).toEqual(sections.slice(0, 5));
  expect(JSON.stringify(message)).not.toMatch(hidden);
  const body = slackPreview(message).replace(/^[\s\S]*<body>/, "");
  const tags = [...body.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name);
  expect(
    tags.filter((name) => !/^(?:p|b|article|div|span|h1|a|br|code|body|html)$/.test(name ?? "")),
  ).toEqual([]);
  expect(
    [...body.matchAll(/href="([^"]*)"/g)].every(([, url = ""]) => /^(?:https?:\/\/|mailto:)/.test(url)),
  ).toBe(true);
}

/** Every mrkdwn text of a message, as the reader meets them. */
function slackTexts({ blocks, attachments }: SlackMessage): readonly string[] {
  return [...blocks, ...attachments.flatMap((one) => one.blocks)].flatMap((block) => {
    if (block.type === "section") return (block.fields ?? [block.text]).map(({ text }) => text);
    return block.type === "context" ? block.elements.map(({ text }) => text) : [];
  });
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
  expect(parsed.flatMap((part) => activeMarkup(part, "author") ?? [])).toEqual([]);
  const found = boldIn(content.description).filter((title) => title !== "What to do now");
  const expected = sections.filter((title) => title !== "What to do now");
  // What does not fit is left out from the end.
  expect(found).toEqual(expected.slice(0, found.length));
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
