import { describe, expect, test } from "vitest";
import { digestEmail } from "../email/digest-email.ts";
import { email } from "../email/email.ts";
import type { Alert } from "../model/alert.ts";
import { callFacets } from "../model/alert-calls.ts";
import { alertFromFinding } from "../ocsf/alert-from-finding.ts";
import { newAlert } from "../testing/sample-alerts.ts";
import { sampleDigest } from "../testing/sample-digest.ts";
import { alertMessage, digestMessage, maximumMessageBytes, messageBytes } from "./sns-message.ts";

const topicArn = "arn:aws:sns:us-west-2:123456789012:alerts";
const snsLimit = 256 * 1024;

function publishedIn(message: string | undefined): Alert {
  const published = alertFromFinding(JSON.parse(message ?? "").default);
  if (published.type !== "alert") throw new Error("expected an alert");
  return published.alert;
}

/** Every string as large as it comes, of the characters that grow most when they are escaped. */
function worstAlert(character: string): Alert {
  const text = character.repeat(1_000_000);
  const many = Array.from({ length: 300 }, () => text);
  return {
    ...newAlert,
    id: text,
    policy: {
      id: text,
      name: text,
      title: text,
      description: text,
      tags: many,
      references: many,
      falsePositives: many,
      runbook: Array.from({ length: 500 }, () => character.repeat(200)).join("\n"),
    },
    incident: {
      ...newAlert.incident,
      id: text,
      group: many.map((value) => ({ field: value, value })),
      eventIds: many,
      calls: Object.fromEntries(
        callFacets.map((facet) => [
          facet,
          {
            values: many.map((value) => ({ value, count: Number.MAX_SAFE_INTEGER, first: 1 })),
            more: 300,
            isEstimate: true,
          },
        ]),
      ),
      fired: { at: 1, when: text },
      newsRaised: 8,
      related: many.map((id) => ({ id, policy: id, severity: "critical", since: 1 })),
    },
    news: callFacets.map((facet) => ({ facet, value: text })),
    record: {
      ...newAlert.record,
      eventId: text,
      eventTime: text,
      eventSource: text,
      eventName: text,
      region: text,
      account: text,
      sourceIp: text,
      userAgent: text,
      errorCode: text,
      errorMessage: text,
      request: { [text]: many, more: many },
      resources: many,
      credentials: {
        accessKeyId: text,
        sessionStarted: text,
        sourceIdentity: text,
        credentialId: text,
        invokedBy: text,
      },
      vpcEndpoint: text,
      facts: many.map((value) => ({ label: value, value })),
      consequence: text,
      reasons: many,
      actor: {
        ...newAlert.record.actor,
        id: text,
        principal: text,
        person: text,
        session: text,
        label: text,
        account: text,
        crossAccount: true,
      },
    },
  };
}

describe("an alert's SNS message", () => {
  test("gives people the text, machines the finding, and phones the subject", () => {
    const input = alertMessage(newAlert, topicArn);
    const { subject, body } = email(newAlert);
    const bodies = JSON.parse(input.Message ?? "");
    expect(input).toMatchObject({ TopicArn: topicArn, Subject: subject, MessageStructure: "json" });
    expect(bodies).toMatchObject({ email: body, sms: subject });
    expect(publishedIn(input.Message)).toEqual(newAlert);
  });

  test.each([
    ["escaped twice", "\u200b"],
    ["quotes", '"'],
    ["backslashes", "\\"],
    ["three bytes each", "漢"],
    ["four bytes each", "😀"],
    ["nothing special", "x"],
  ])("fits SNS when every string is a megabyte of %s", (_, character) => {
    const input = alertMessage(worstAlert(character), topicArn);
    expect(messageBytes(input)).toBeLessThanOrEqual(maximumMessageBytes);
    expect(maximumMessageBytes).toBeLessThan(snsLimit);
    expect(publishedIn(input.Message).kind).toBe("new");
  });

  test("leaves out as little as it must: eventIDs and long requests first, reasons last", () => {
    const request = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [`key${index}`, "x".repeat(1000)]),
    );
    const alert = publishedIn(
      alertMessage({ ...newAlert, record: { ...newAlert.record, request } }, topicArn).Message,
    );
    expect(Object.keys(alert.record.request as object)).toHaveLength(100);
    expect(alert.record.request).toMatchObject({ "…": "(801 more)" });
    expect(alert.record.reasons).toEqual(newAlert.record.reasons);
    expect(alert.policy).toEqual(newAlert.policy);
  });
});

describe("a digest's SNS message", () => {
  test("gives people the text and machines the finding", () => {
    const input = digestMessage(sampleDigest, topicArn);
    const bodies = JSON.parse(input.Message ?? "");
    expect(bodies.email).toBe(digestEmail(sampleDigest).body);
    expect(alertFromFinding(bodies.default)).toEqual({ type: "digest", digest: sampleDigest });
  });

  test("fits SNS when every name is a megabyte", () => {
    const text = "\u200b漢".repeat(300_000);
    const many = Array.from({ length: 300 }, () => text);
    const [policy] = sampleDigest.policies;
    if (policy === undefined) throw new Error("expected a policy");
    const digest = {
      ...sampleDigest,
      policies: many.map((name) => ({ ...policy, name, title: name })),
      actors: many,
      accounts: many,
      regions: many,
      tactics: many,
    };
    expect(messageBytes(digestMessage(digest, topicArn))).toBeLessThanOrEqual(maximumMessageBytes);
  });
});
