import { levels } from "@streamwarden/sigma";
import { describe, expect, test } from "vitest";
import { alertTestAmazonQ } from "./amazon-q/alert-test-amazon-q.ts";
import { alertTestEmail } from "./email/alert-test-email.ts";
import { type AlertTest, alertTestText } from "./model/alert-test.ts";
import { alertFromFinding } from "./ocsf/alert-from-finding.ts";
import { alertTestFinding } from "./ocsf/alert-test-finding.ts";
import { alertTestSlack } from "./slack/alert-test-slack.ts";
import { alertTestAttributes } from "./sns/alert-test-attributes.ts";
import { slackProblems } from "./testing/check-slack.ts";
import { ocsfProblems } from "./testing/ocsf-class.ts";
import { visibleJson } from "./wording/text.ts";

const createdAt = Date.parse("2026-01-31T08:00:00Z");

describe.each(levels)("a test of the delivery sent as %s", (severity) => {
  const given: AlertTest = {
    id: "streamwarden-alert-test.1",
    severity,
    destinations: ["on-call"],
    createdAt,
  };

  test("says in every medium that it is one, and that nobody needs to act", () => {
    const { subject, body } = alertTestEmail(given);
    expect(subject).toMatch(/^\[[A-Z]+\] TEST of [\x20-\x7e]{1,80}$/);
    const texts = [
      body.replaceAll("\n", " "),
      JSON.stringify(alertTestSlack(given)),
      JSON.stringify(alertTestAmazonQ(given)),
      JSON.stringify(alertTestFinding(given)),
    ];
    for (const text of texts) expect(text).toContain(alertTestText);
    for (const text of texts.slice(1)) expect(text).toContain("TEST");
  });

  test("is a valid Slack message and a valid finding with OCSF's verdict Test, which is no alert", () => {
    expect(slackProblems(alertTestSlack(given))).toEqual([]);
    expect(ocsfProblems(alertTestFinding(given))).toEqual([]);
    expect(alertTestFinding(given)).toMatchObject({
      verdict_id: 6,
      is_alert: false,
      metadata: { profiles: ["cloud", "incident"] },
    });
  });

  test("is read back as it was, in a format that the release before leaves in its queue", () => {
    const finding = alertTestFinding(given);
    expect(alertFromFinding(visibleJson(finding))).toEqual({ type: "test", test: given });
    expect(finding).toMatchObject({ unmapped: { streamwarden: { format: 3 } } });
  });

  test("carries what every route asks for, and is no digest's", () => {
    expect(
      alertTestAttributes(given, { severity: [severity, "high"], policy: ["ivs-"], account: ["1"] }),
    ).toEqual(
      Object.fromEntries(
        Object.entries({
          severity: [...new Set([severity, "high"])],
          policy: ["streamwarden-alert-test", "ivs-"],
          kind: ["new"],
          delivery: ["direct"],
          account: ["1"],
        }).map(([name, values]) => [name, { DataType: "String.Array", StringValue: JSON.stringify(values) }]),
      ),
    );
  });
});
