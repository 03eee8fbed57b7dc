import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alertFromFinding } from "./alert-from-finding.ts";
import { amazonQ, amazonQLimits } from "./amazon-q.ts";
import { email } from "./email.ts";
import { ocsf } from "./ocsf.ts";
import { slack } from "./slack.ts";
import { slackPreview } from "./slack-preview.ts";
import { alertMessage, maximumMessageBytes, messageBytes } from "./sns-message.ts";
import { activeMarkup, slackProblems } from "./testing/check-slack.ts";
import { hostileAlert } from "./testing/hostile.ts";
import { ocsfProblems } from "./testing/ocsf-class.ts";
import { isVisible, visibleJson } from "./text.ts";

const topicArn = "arn:aws:sns:us-west-2:123456789012:alerts";
/** The renderings of one alert are checked together, so that 1,000 alerts are 1,000 of each. */
const runs = { numRuns: 1000 };

describe("an alert whose every string is hostile", () => {
  it("gives an email with a valid subject and only visible text", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const { subject, body } = email(alert);
        expect(subject).toMatch(/^\[[A-Z]+\] [\x20-\x7e]{0,93}$/);
        expect(subject.length).toBeLessThanOrEqual(99);
        expect(body.length).toBeLessThanOrEqual(24_000);
        expect(isVisible(body)).toBe(true);
        const headings = body.split("\n").filter((line) => /^(WHAT|WHO|FROM|WHEN|WHY)\b/.test(line));
        expect(headings.filter((line) => line === "WHO DID IT")).toHaveLength(1);
      }),
      runs,
    );
  });

  it("gives a Slack message within every limit and without active markup", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        expect(slackProblems(slack(alert))).toEqual([]);
      }),
      runs,
    );
  });

  it("gives a Slack preview of our own tags only", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const body = slackPreview(slack(alert)).replace(/^[\s\S]*<body>/, "");
        const tags = [...body.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name);
        expect(
          tags.filter((name) => !/^(?:p|b|article|div|span|h1|a|br|code|body|html)$/.test(name ?? "")),
        ).toEqual([]);
        expect([...body.matchAll(/href="([^"]*)"/g)].every(([, url]) => url?.startsWith("https://"))).toBe(
          true,
        );
      }),
      { numRuns: 300 },
    );
  });

  it("gives an Amazon Q notification within its limits and without active markup", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const { content, metadata } = amazonQ(alert);
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
        expect(isVisible(visibleJson({ content, metadata }))).toBe(true);
      }),
      runs,
    );
  });

  it("gives a valid OCSF finding that can be read back and rendered the same", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const finding = ocsf(alert);
        expect(ocsfProblems(finding)).toEqual([]);
        const text = visibleJson(finding);
        expect(isVisible(text)).toBe(true);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(finding)));
      }),
      { numRuns: 300 },
    );
  });

  it("gives an SNS message that SNS takes, with a finding inside", () => {
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const input = alertMessage(alert, topicArn);
        expect(messageBytes(input)).toBeLessThanOrEqual(maximumMessageBytes);
        const bodies = JSON.parse(input.Message ?? "");
        expect(Object.keys(bodies)).toEqual(["default", "email", "sms"]);
        if (Number.isFinite(alert.createdAt) && Object.values(alert.record.times).every(Number.isFinite)) {
          expect(alertFromFinding(bodies.default).type).toBe("alert");
        }
        for (const { DataType, StringValue } of Object.values(input.MessageAttributes ?? {})) {
          expect(StringValue).not.toBe("");
          expect(isVisible(StringValue ?? "")).toBe(true);
          if (DataType === "String.Array") expect(JSON.parse(StringValue ?? "")).not.toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
