import { describe, expect, test } from "vitest";
import { amazonQ } from "./amazon-q/amazon-q.ts";
import { amazonQDigest } from "./amazon-q/amazon-q-digest.ts";
import { digestEmail } from "./email/digest-email.ts";
import { email } from "./email/email.ts";
import { digestFinding } from "./ocsf/digest-finding.ts";
import { ocsf } from "./ocsf/ocsf.ts";
import { digestSlack } from "./slack/digest-slack.ts";
import { slack } from "./slack/slack.ts";
import { slackPreview } from "./slack/slack-preview.ts";
import { slackProblems } from "./testing/check-slack.ts";
import { ocsfProblems } from "./testing/ocsf-class.ts";
import { newAlert, sampleAlerts } from "./testing/sample-alerts.ts";
import { sampleDigest } from "./testing/sample-digest.ts";

/** The snapshots are plain files under __snapshots__: read them as the person who gets them. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
function mail({ subject, body }: { subject: string; body: string }): string {
  return `Subject: ${subject}\n\n${body}`;
}

describe.each(Object.entries(sampleAlerts))("the %s alert", (name, alert) => {
  test("as email", async () => {
    await expect(mail(email(alert))).toMatchFileSnapshot(`__snapshots__/${name}.email.txt`);
  });

  test("as Slack message", async () => {
    expect(slackProblems(slack(alert))).toEqual([]);
    await expect(json(slack(alert))).toMatchFileSnapshot(`__snapshots__/${name}.slack.json.snap`);
  });

  test("as Amazon Q notification", async () => {
    await expect(json(amazonQ(alert))).toMatchFileSnapshot(`__snapshots__/${name}.amazon-q.json.snap`);
  });

  test("as OCSF finding that is valid", async () => {
    expect(ocsfProblems(ocsf(alert))).toEqual([]);
    await expect(json(ocsf(alert))).toMatchFileSnapshot(`__snapshots__/${name}.ocsf.json.snap`);
  });

  test("answers what, who, from where, when and what to do now in this order, then why", () => {
    const headings = email(alert)
      .body.split("\n")
      .filter((line) => /^(?:WHAT|WHO|FROM|WHEN|WHY)/.test(line));
    expect(headings.map((line) => line.replace(/,.*/, ""))).toEqual([
      "WHAT WAS DONE",
      "WHO DID IT",
      "FROM WHERE",
      "WHEN",
      "WHAT TO DO NOW",
      "WHY THIS ALERT",
    ]);
  });

  test("keeps email lines within 78 columns, except addresses", () => {
    const long = email(alert)
      .body.split("\n")
      .filter((line) => line.length > 78 && !/https:\/\/|arn:aws/.test(line));
    expect(long).toEqual([]);
  });
});

describe("the digest", () => {
  test("as email", async () => {
    await expect(mail(digestEmail(sampleDigest))).toMatchFileSnapshot("__snapshots__/digest.email.txt");
  });

  test("as Slack message", async () => {
    expect(slackProblems(digestSlack(sampleDigest))).toEqual([]);
    await expect(json(digestSlack(sampleDigest))).toMatchFileSnapshot("__snapshots__/digest.slack.json.snap");
  });

  test("as Amazon Q notification", async () => {
    await expect(json(amazonQDigest(sampleDigest))).toMatchFileSnapshot(
      "__snapshots__/digest.amazon-q.json.snap",
    );
  });

  test("as OCSF finding that is valid and no alert of its own", async () => {
    expect(ocsfProblems(digestFinding(sampleDigest))).toEqual([]);
    expect(digestFinding(sampleDigest)).toMatchObject({ is_alert: false });
    await expect(json(digestFinding(sampleDigest))).toMatchFileSnapshot(
      "__snapshots__/digest.ocsf.json.snap",
    );
  });
});

describe("an update because the severity rose", () => {
  const alert = { ...newAlert, kind: "update", severity: "critical", id: "abc.severity-critical" } as const;

  test("says so first", () => {
    expect(email(alert).subject).toMatch(/^\[CRITICAL\] Admin\/1234567890123456789: severity rose: /);
    expect(email(alert).body).toContain("Update: the severity rose to CRITICAL");
    expect(JSON.stringify(slack(alert))).toContain("the severity rose to CRITICAL");
  });
});

describe("the facts", () => {
  const alertWith = (record: Partial<typeof newAlert.record>) => ({
    ...newAlert,
    record: { ...newAlert.record, ...record },
  });

  test.each([
    ["present", "MFA: yes"],
    ["absent", "MFA: NO (AWS saw no second factor for this session)"],
    ["unknown", "MFA: UNKNOWN (the record cannot prove it either way)"],
    ["not-applicable", "MFA: does not apply to machines and services"],
  ] as const)("tell MFA that is %s apart", (mfa, line) => {
    expect(email(alertWith({ actor: { ...newAlert.record.actor, mfa } })).body).toContain(line);
  });

  test("say that parameters are missing, which is not the same as empty", () => {
    const { request: _, ...withoutRequest } = newAlert.record;
    expect(email({ ...newAlert, record: withoutRequest }).body).toContain(
      "Request: the record carries no parameters",
    );
    expect(email(alertWith({ request: {} })).body).toContain("Request: {}");
  });

  test("say when the record's clock is ahead of ours", () => {
    const ahead = { ...newAlert, createdAt: newAlert.record.times.called - 90_000 };
    expect(email(ahead).body).toContain("in the future by our clock (90 seconds)");
  });

  test("offer the event history where no console link can be made", () => {
    const { body } = email(alertWith({ region: "nowhere", eventId: "a/../b" }));
    expect(body).toContain("Look up event a/../b in the CloudTrail event history");
  });
});

test("a Slack message with more facts than fit leaves whole lines out and says so", () => {
  const long = "x".repeat(1000);
  const request = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`key${index}`, long]));
  const resources = Array.from({ length: 5 }, () => long);
  const message = slack({
    ...newAlert,
    record: { ...newAlert.record, request, resources, reasons: Array(40).fill(long) },
  });
  expect(slackProblems(message)).toEqual([]);
  const [what] = message.attachments[0]?.blocks ?? [];
  expect(JSON.stringify(what).length).toBeLessThan(2200);
  expect(JSON.stringify(what)).toMatch(/`\\n…"/);
  expect(JSON.stringify(message)).toMatch(/and 3\d more/);
});

describe("the Slack preview", () => {
  test("is a page without scripts that shows the facts", async () => {
    const page = slackPreview(slack(newAlert));
    expect(page).toContain("default-src 'none'");
    await expect(page).toMatchFileSnapshot("__snapshots__/new.slack.html.snap");
  });

  test("marks what Slack would act on, should it ever get through", () => {
    const message = slack(newAlert);
    const forged = {
      ...message,
      blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!channel>", verbatim: true } }],
    } as const;
    expect(slackPreview(forged)).toContain("<mark>!channel</mark>");
  });
});
