import { describe, expect, test } from "vitest";
import { email } from "../email/email.ts";
import type { Alert, AlertRecord } from "../model/alert.ts";
import {
  accountAlert,
  crossAccountAlert,
  deletionsAlert,
  newAlert,
  newsAlert,
} from "../testing/sample-alerts.ts";

/** Lines joined again where they were wrapped. */
function body(alert: Alert): string {
  return email(alert).body.replace(/\n {2}(?! )/g, " ");
}
function withRecord(change: Partial<AlertRecord>): Alert {
  return { ...newAlert, record: { ...newAlert.record, ...change } };
}
const { actor } = newAlert.record;

describe("who did it", () => {
  test.each<[string, Partial<AlertRecord>, string]>([
    [
      "a session whose bearer named it",
      { actor },
      "Session: 1234567890123456789 (its bearer chose this name)",
    ],
    [
      "a machine's session",
      { actor: { ...actor, kind: "machine" } },
      "Session: 1234567890123456789 (its bearer could choose this name)",
    ],
    ["a person", { actor: { ...actor, person: "alice", session: "alice" } }, "Person: alice\n"],
    ["the principal", {}, "Principal: arn:aws:iam::123456789012:role/Admin"],
    [
      "a long-term key",
      { credentials: { accessKeyId: "AKIAX" } },
      "Access key: AKIAX (long-term: deactivate it in IAM)",
    ],
    [
      "a session's key",
      { credentials: { accessKeyId: "ASIAX" } },
      "Access key: ASIAX (temporary: it ends with its session)",
    ],
    [
      "when the session began",
      { credentials: { sessionStarted: "2020-04-02T20:31:02Z" } },
      "Session began: 2020-04-02 20:31:02 UTC (26 minutes before the call)",
    ],
    ["a time that cannot be read", { credentials: { sessionStarted: "noon" } }, "Session began: noon"],
    [
      "a source identity",
      { credentials: { sourceIdentity: "alice" } },
      "Source identity (chosen by the caller): alice",
    ],
    [
      "the service that carried the call",
      { credentials: { invokedBy: "cloudformation.amazonaws.com" } },
      "Through the service: cloudformation.amazonaws.com",
    ],
    ["a VPC endpoint", { vpcEndpoint: "vpce-0a1b" }, "VPC endpoint: vpce-0a1b"],
    [
      "no second factor, for a key",
      { actor: { ...actor, credential: "long-term-key" } },
      "MFA: NO (a long-term key: no second factor)",
    ],
    [
      "what an update asks for",
      { facts: [{ label: "Requested changes", value: "authorized = no" }] },
      "Details: Requested changes: authorized = no",
    ],
    ["what the call means", { consequence: "The channel is gone." }, "What this means: The channel is gone."],
  ])("shows %s", (_, change, line) => {
    expect(`${body(withRecord(change))}\n`).toContain(line);
  });

  test("names every actor of an incident that counts for the whole account", () => {
    const text = body(accountAlert);
    expect(text).toContain(
      "Actors: carol ×4, person@example.com as VideoAdmin ×1, Deploy/i-0123456789abcdef0 ×1",
    );
    expect(text).toContain("Actor of this call: carol");
  });

  test("tells actors of one label apart by their ids", () => {
    const values = ["1", "2"].map((account) => ({ value: `bob (arn:${account})`, count: 1, first: 0 }));
    const actors = { values, more: 0, isEstimate: false };
    const incident = { ...accountAlert.incident, calls: { actors } };
    expect(body({ ...accountAlert, incident })).toContain("Actors: bob (arn:1) ×1, bob (arn:2) ×1");
  });

  test("lists all sessions, keys and addresses where there are several", () => {
    const text = body(newsAlert);
    for (const line of [
      "Access keys:",
      "Sessions:",
      "Addresses:",
      "The call that brought the news: key-read-0003",
    ])
      expect(text).toContain(line);
    expect(body(newAlert)).not.toMatch(/Access keys:|Sessions:|Addresses:/);
  });

  test("a user of Identity Center is a person", () => {
    const id = "arn:aws:identitystore::111111111111:identitystore/d-1234567890/user/u-alice";
    const user = { ...actor, kind: "federated", id, principal: id, person: id, label: "u-alice" } as const;
    expect(body(withRecord({ actor: user }))).toContain(`Person: ${id}`);
  });

  test("groups what else the actor did by policy, the gravest first", () => {
    expect(body(crossAccountAlert)).toContain(
      [
        "Also by this actor:",
        "- critical: IVS playback key pair imported (since 2020-04-02 20:41:05 UTC)",
        "- high: IVS stream key read, 2 incidents (the latest since 2020-04-02 20:32:40 UTC)",
      ].join("\n"),
    );
  });
});

describe("the call that is shown", () => {
  const { fired, ...incident } = deletionsAlert.incident;
  const completing = { ...deletionsAlert.record.times, called: fired?.at ?? 0 };
  const { request: _, ...withoutRequest } = deletionsAlert.record;

  test.each<[string, Alert, string]>([
    ["brought the news", newsAlert, "The call that brought the news: key-read-0003"],
    [
      "completed a correlation",
      { ...deletionsAlert, record: { ...deletionsAlert.record, times: completing } },
      "The call that completed it: bulk-0000",
    ],
    ["is one of several", { ...deletionsAlert, incident }, "One of the calls: bulk-0000"],
    [
      "is known by the incident only, whose request is not said to be missing",
      { ...deletionsAlert, record: withoutRequest },
      "Request: not kept with the incident: see the event in CloudTrail",
    ],
  ])("%s", (_name, alert, line) => {
    expect(body(alert)).toContain(line);
  });
});

test("only the rules that matched are named", () => {
  expect(body(deletionsAlert)).toContain("Rules that matched:\n- IVS channel deleted ×6");
  expect(body(newAlert)).not.toContain("Rules that matched");
});

test("no text claims to know the first or all calls of an open incident", () => {
  for (const alert of [newAlert, newsAlert, deletionsAlert, accountAlert])
    expect(body(alert)).not.toMatch(/\bfirst (?:events?|calls?)\b|\ball (?:events|calls)\b/i);
});
