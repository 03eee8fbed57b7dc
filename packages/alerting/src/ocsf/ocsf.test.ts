import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { email } from "../email/email.ts";
import { FindingError } from "../errors.ts";
import { boundAlert, boundsLadder } from "../model/bounds.ts";
import { slack } from "../slack/slack.ts";
import { slackProblems } from "../testing/check-slack.ts";
import formatOne from "../testing/messages-of-format-1.json" with { type: "json" };
import { ocsfProblems } from "../testing/ocsf-class.ts";
import {
  deletionsAlert,
  newAlert,
  newsAlert,
  sampleAlerts,
  summaryAlert,
  updateAlert,
} from "../testing/sample-alerts.ts";
import { sampleDigest } from "../testing/sample-digest.ts";
import { visibleJson } from "../wording/text.ts";
import { alertFromFinding } from "./alert-from-finding.ts";
import { digestFinding } from "./digest-finding.ts";
import { ocsf } from "./ocsf.ts";
import { formats, type Published } from "./own-message.ts";

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

  test("names credentials, session and person where the schema has a place for them", () => {
    expect(ocsf(newsAlert)).toMatchObject({
      evidences: [
        {
          actor: {
            user: {
              uid: newsAlert.record.actor.id,
              uid_alt: newsAlert.record.actor.principal,
              name: "person@example.com",
              credential_uid: "ASIAI44QH8DHBEXAMPLE",
            },
            session: {
              uid: "person@example.com",
              created_time: Date.parse("2026-11-28T03:20:00Z"),
              issuer: newsAlert.record.actor.principal,
            },
          },
          api: { operation: "GetStreamKey", request: { data: newsAlert.record.request } },
          data: { source_identity: "person@example.com", consequence: newsAlert.record.consequence },
        },
      ],
      finding_info: {
        first_seen_time: newsAlert.incident.firstTime,
        last_seen_time: newsAlert.incident.lastTime,
      },
      count: 3,
    });
  });

  test("names every resource, address, network and key of the incident once", () => {
    const { resources, observables } = ocsf(deletionsAlert) as unknown as {
      readonly resources: readonly { readonly uid: string }[];
      readonly observables: readonly { readonly type: string; readonly value: string }[];
    };
    expect(resources).toHaveLength(6);
    expect(observables.filter(({ type }) => type !== "Resource UID").map(({ value }) => value)).toEqual([
      "192.0.2.10",
      "carol",
      "AKIAIOSFODNN7EXAMPLE",
      "198.51.100.7",
      "192.0.2.0/24",
      "198.51.100.0/24",
    ]);
  });

  test("law: says nothing of how or when a copy of the record came", () => {
    const { record } = newAlert;
    for (const [matched, publishedAt] of [
      [1, 2],
      [newAlert.createdAt + 5, newAlert.createdAt + 9000],
    ] as const) {
      const other = { ...newAlert, publishedAt, record: { ...record, times: { ...record.times, matched } } };
      expect(ocsf(other)).toEqual(ocsf(newAlert));
      expect(email(other)).toEqual(email(newAlert));
      expect(slack(other)).toEqual(slack(newAlert));
    }
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
      // When a consumer matched the record is no part of the message.
      const times = { ...alert.record.times, matched: alert.createdAt };
      expect(published.alert).toEqual({ ...alert, record: { ...alert.record, times } });
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
  const digest = JSON.parse(visibleJson(sampleDigest));
  const finding = (own: unknown): string => JSON.stringify({ unmapped: { streamwarden: own } });
  const problemOf = (text: string): string => {
    try {
      alertFromFinding(text);
    } catch (error) {
      if (error instanceof FindingError) return error.message;
      throw error;
    }
    return "none";
  };
  /** An alert with a value at a path such as `record.actor.kind`; undefined takes the field away. */
  const alertWith = (path: string, value: unknown): unknown => {
    const changed = structuredClone(alert);
    const names = path.split(".");
    const last = names.pop() ?? "";
    names.reduce((inner, name) => inner[name], changed)[last] = value;
    return changed;
  };

  test.each([
    ["text", "hello", "not JSON"],
    ["a list", "[]", "no unmapped.streamwarden"],
    ["another finding", "{}", "no unmapped.streamwarden"],
    ["no format", finding({ type: "alert", alert }), "names no format"],
    ["a format that is no number", finding({ format: "2", type: "alert", alert }), "names no format"],
    ["format 0", finding({ format: 0, alert }), "names no format"],
    ["format 1 without an alert", finding({ version: 1 }), "expected object"],
    ["format 2 of an unknown type", finding({ format: 2, type: "joke", alert }), "type"],
    [
      "format 2 whose type is another's",
      finding({ format: 2, type: "digest", alert }),
      "digest: expected object",
    ],
  ])("rejects %s", (_, text, reason) => {
    expect(() => alertFromFinding(text)).toThrow(
      expect.objectContaining({ code: "finding-invalid", message: expect.stringContaining(reason) }),
    );
  });

  test.each([
    ["id", 1],
    ["severity", "__proto__"],
    ["severity", "HIGH"],
    ["kind", "digest"],
    ["createdAt", null],
    ["record.eventId", undefined],
    ["record.actor.kind", "robot"],
    ["record.actor.mfa", true],
    ["record.carrier", "pigeon"],
    ["record.resources", "arn"],
    ["record.userAgent", {}],
    ["policy.tags", [1]],
    ["incident.group", [{ field: "a" }]],
    ["incident.related", [{ id: "x", policy: "p", severity: "worst", since: 0 }]],
  ])(
    "rejects an alert in either format whose %s is %j, and names the place but not the value",
    (path, value) => {
      for (const own of [{ version: 1 }, { format: 2, version: 1, type: "alert" }]) {
        const text = finding({ ...own, alert: alertWith(path, value) });
        const message = problemOf(text);
        expect(message).toContain(`alert.${path}`);
        if (typeof value === "string") expect(message).not.toContain(`: ${value}`);
      }
    },
  );

  test("rejects a digest whose severity is unknown", () => {
    const policies = [{ ...digest.policies[0], severity: "worst" }];
    const text = finding({ format: 2, type: "digest", digest: { ...digest, policies } });
    expect(() => alertFromFinding(text)).toThrow("digest.policies.0.severity");
  });

  test("tells what a later release wrote from what can never be read", () => {
    expect(() => alertFromFinding(finding({ format: 4, version: 1, news: true }))).toThrow(
      expect.objectContaining({ code: "finding-format-newer", message: expect.stringContaining("format 4") }),
    );
  });

  test("drops what it does not know: anybody who may publish can add to a message", () => {
    const text = finding({
      format: 2,
      type: "alert",
      alert: alertWith("record.actor.isAdmin", true),
      more: 1,
    });
    expect(alertFromFinding(text)).toEqual({ type: "alert", alert: newAlert });
  });

  test("law: never gives back what is not an alert, whatever one field holds", () => {
    const paths = leafPaths(alert);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const text = finding({ format: 2, type: "alert", alert: alertWith(path, value) });
        let read: Published | undefined;
        try {
          read = alertFromFinding(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FindingError);
        }
        if (read?.type === "alert") {
          email(read.alert);
          slack(read.alert);
          expect(alertFromFinding(visibleJson(ocsf(read.alert))).type).toBe("alert");
        }
      }),
    );
  });
});

/** `record.actor.kind` ...: every place of an object that holds no object. */
function leafPaths(value: object): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leafPaths(inner).map((path) => `${name}.${path}`)
      : [name],
  );
}

describe("formats", () => {
  const { digest, ...alerts } = formatOne;

  test.each(Object.entries(alerts))("reads the %s alert that the release before wrote", (_, own) => {
    const read = alertFromFinding(JSON.stringify({ unmapped: { streamwarden: own } }));
    const { record } = own.alert;
    // It knew no persons and no principals.
    const actor = { ...record.actor, principal: record.actor.id };
    expect(read).toEqual({ type: "alert", alert: { ...own.alert, record: { ...record, actor } } });
  });

  test.each(Object.entries(alerts))("renders the %s alert that the release before wrote", (_, own) => {
    const read = alertFromFinding(JSON.stringify({ unmapped: { streamwarden: own } }));
    if (read.type !== "alert") throw new Error("expected an alert");
    expect(email(read.alert).body).toContain(`Operation: ${own.alert.record.eventName}`);
    expect(slackProblems(slack(read.alert))).toEqual([]);
    expect(ocsfProblems(ocsf(read.alert))).toEqual([]);
  });

  test("reads the digest that the release before wrote", () => {
    const read = alertFromFinding(JSON.stringify({ unmapped: { streamwarden: digest } }));
    expect(read).toEqual({ type: "digest", digest: sampleDigest });
  });

  test("keeps what the readers of the release before look for", () => {
    // They check every field that they know and drop the others.
    for (const alert of Object.values(sampleAlerts)) {
      expect(formats.get(1)?.safeParse(ocsf(alert).unmapped.streamwarden)).toMatchObject({ success: true });
    }
    expect(digestFinding(sampleDigest)).toMatchObject({ unmapped: { streamwarden: digest } });
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
