import { describe, expect, test } from "vitest";
import { email } from "../email/email.ts";
import { boundAlert, boundsLadder } from "../model/bounds.ts";
import { slack } from "../slack/slack.ts";
import { ocsfProblems } from "../testing/ocsf-class.ts";
import { newAlert, sampleAlerts, summaryAlert, updateAlert } from "../testing/sample-alerts.ts";
import { sampleDigest } from "../testing/sample-digest.ts";
import { visibleJson } from "../wording/text.ts";
import { alertFromFinding } from "./alert-from-finding.ts";
import { digestFinding } from "./digest-finding.ts";
import { ocsf } from "./ocsf.ts";

describe("the finding", () => {
  test.each([
    [newAlert, 200401, true],
    [updateAlert, 200402, true],
    [summaryAlert, 200402, false],
  ])("is created once per incident and then updated", (alert, type, isAlert) => {
    expect(ocsf(alert)).toMatchObject({ type_uid: type, is_alert: isAlert });
    expect(ocsf(alert).finding_info.uid).toBe(alert.incident.id);
  });

  test("names tactics and techniques, also by names of earlier ATT&CK versions", () => {
    const tags = [
      "attack.defense-evasion",
      "attack.initial_access",
      "attack.t1552",
      "attack.t1078.004",
      "cve.2020-1",
    ];
    const { attacks } = ocsf({ ...newAlert, policy: { ...newAlert.policy, tags } }).finding_info;
    expect(attacks).toEqual([
      { version: "19", tactic: { uid: "TA0005", name: "Stealth" } },
      { version: "19", tactic: { uid: "TA0001", name: "Initial Access" } },
      { version: "19", technique: { uid: "T1552" } },
      { version: "19", technique: { uid: "T1078" }, sub_technique: { uid: "T1078.004" } },
    ]);
  });

  test.each([
    ["an IPv4 address", "10.10.10.10", { ip: "10.10.10.10" }],
    ["an IPv6 address", "2001:db8::1", { ip: "2001:db8::1" }],
    ["a service", "cloudformation.amazonaws.com", { svc_name: "cloudformation.amazonaws.com" }],
  ])("puts %s where it belongs", (_, sourceIp, endpoint) => {
    const alert = { ...newAlert, record: { ...newAlert.record, sourceIp } };
    expect(ocsf(alert)).toMatchObject({ evidences: [{ src_endpoint: endpoint }] });
  });

  test("says nothing about MFA where the record proves nothing", () => {
    const actor = { ...newAlert.record.actor, mfa: "unknown" as const };
    expect(JSON.stringify(ocsf({ ...newAlert, record: { ...newAlert.record, actor } }))).not.toContain(
      "is_mfa",
    );
  });

  test.each(boundsLadder.map((bounds, index) => [index, bounds] as const))(
    "is valid at bound %i",
    (_, bounds) => {
      for (const alert of Object.values(sampleAlerts)) expect(ocsfProblems(ocsf(alert, bounds))).toEqual([]);
    },
  );

  test("is judged by a validator that can say no", () => {
    expect(ocsfProblems({ ...ocsf(newAlert), severity_id: 7, finding_info: {}, colour: "red" })).toEqual([
      "finding.severity_id is not of its enum",
      "finding.finding_info.uid is required",
      "finding.colour is not an attribute of detection_finding",
    ]);
  });
});

describe("alertFromFinding", () => {
  test.each(Object.entries(sampleAlerts))(
    "gives the %s alert back, so that it renders the same",
    (_, alert) => {
      const published = alertFromFinding(visibleJson(ocsf(alert)));
      if (published.type !== "alert") throw new Error("expected an alert");
      expect(published.alert).toEqual(alert);
      expect(email(published.alert)).toEqual(email(alert));
      expect(slack(published.alert)).toEqual(slack(alert));
    },
  );

  test("gives the digest back", () => {
    expect(alertFromFinding(visibleJson(digestFinding(sampleDigest)))).toEqual({
      type: "digest",
      digest: sampleDigest,
    });
  });

  const alert = JSON.parse(visibleJson(newAlert));
  const finding = (own: unknown): string => JSON.stringify({ unmapped: { streamwarden: own } });
  test.each([
    ["text", "hello", "not JSON"],
    ["another finding", "{}", "no unmapped.streamwarden"],
    ["another version", finding({ version: 2, alert }), "another version"],
    ["no alert", finding({ version: 1 }), "no alert and no digest"],
    [
      "a missing field",
      finding({ version: 1, alert: { ...alert, record: {} } }),
      "alert.record.eventId is not a text",
    ],
    [
      "an unknown severity",
      finding({ version: 1, alert: { ...alert, severity: "__proto__" } }),
      "alert.severity is not a known value",
    ],
    ["a number for a text", finding({ version: 1, alert: { ...alert, id: 1 } }), "alert.id is not a text"],
  ])("refuses %s", (_, text, reason) => {
    expect(() => alertFromFinding(text)).toThrow(reason);
  });
});

describe("boundAlert", () => {
  const large = "x".repeat(1_000_000);
  const alert = {
    ...newAlert,
    record: {
      ...newAlert.record,
      userAgent: large,
      request: {
        name: large,
        list: Array.from({ length: 5000 }, () => large),
        deep: { a: { b: [{ c: 1 }] } },
      },
    },
  };

  test("gets smaller with each step, down to a few kilobytes", () => {
    const sizes = boundsLadder.map((bounds) => JSON.stringify(boundAlert(alert, bounds)).length);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes.at(-1)).toBeLessThan(10_000);
  });

  test("changes nothing that fits", () => {
    expect(boundAlert(newAlert, boundsLadder[0])).toEqual(newAlert);
  });

  test.each([
    ["objects", (value: unknown) => ({ a: value })],
    ["lists", (value: unknown) => [value]],
  ])("ends %s that are nested without end", (_, wrap) => {
    let request: unknown = "bottom";
    for (let level = 0; level < 5000; level += 1) request = wrap(request);
    const bounded = JSON.stringify(
      boundAlert({ ...newAlert, record: { ...newAlert.record, request } }, boundsLadder[0]),
    );
    expect(bounded).toContain("(nested too deep)");
    expect(bounded.length).toBeLessThan(5000);
  });

  test("says what it left out of a request, and keeps keys that look like prototypes", () => {
    const request = JSON.parse('{"__proto__":{"a":1},"items":[1,2,3,4]}');
    const bounded = boundAlert(
      { ...newAlert, record: { ...newAlert.record, request } },
      { ...boundsLadder[0], requestNodes: 6 },
    );
    expect(JSON.stringify(bounded.record.request)).toBe('{"__proto__":{"a":1},"items":[1,2,"(2 more)"]}');
    expect(Object.getPrototypeOf(bounded.record.request)).toBe(Object.prototype);
  });
});
