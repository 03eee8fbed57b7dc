import { describe, expect, test } from "vitest";
import { email } from "../email/email.ts";
import type { Alert } from "../model/alert.ts";
import {
  accountAlert,
  deletionsAlert,
  newAlert,
  newsAlert,
  summaryAlert,
  updateAlert,
} from "../testing/sample-alerts.ts";
import { firedLine, headline, newsLine, subject } from "./headline.ts";
import { plainProse } from "./prose.ts";

function titled(alert: Alert, title: string): Alert {
  return { ...alert, policy: { ...alert.policy, title } };
}
function withActor(alert: Alert, actor: Partial<Alert["record"]["actor"]>): Alert {
  return { ...alert, record: { ...alert.record, actor: { ...alert.record.actor, ...actor } } };
}

describe("the subject", () => {
  test.each([
    [
      "a new incident",
      newAlert,
      "Admin/1234567890123456789: IVS channel created without MFA (CreateChannel in us-west-2)",
    ],
    [
      "several calls",
      deletionsAlert,
      "carol: 6 calls: IVS resources deleted in bulk (DeleteChannel in us-east-1)",
    ],
    [
      "news",
      newsAlert,
      "person@example.com as VideoAdmin: new network 198.51.100.0/24 and 2 more: IVS stream key...",
    ],
    [
      "several actors",
      accountAlert,
      "carol and 2 more: 6 calls: IVS resources deleted in bulk (DeleteChannel in us-east-1)",
    ],
    [
      "repeats",
      updateAlert,
      "Admin/1234567890123456789: 10 calls so far: IVS channel created without MFA (CreateChannel)",
    ],
    [
      "the end",
      summaryAlert,
      "Admin/1234567890123456789: closed after about 4,200 calls: IVS channel created without MFA",
    ],
  ])("of %s begins with who did it", (_, alert, expected) => {
    expect(subject(alert).replace(/^\[[A-Z]+\] /, "")).toBe(expected);
  });

  test.each([
    ["Japanese", "録画が停止しました", "録画が停止しました"],
    [
      "Hebrew with an override and lines",
      "עברית \u202eevil\u202c עربي\nSecond line\tTab",
      "עברית evil עربي ⏎ Second line Tab",
    ],
    ["Persian with joiners", "می\u200cخواهم", "میخواهم"],
    ["an emoji family", "Family 👩\u200d👩\u200d👧", "Family 👩👩👧"],
  ])("keeps a title in %s readable", (_, title, expected) => {
    const text = subject(titled(newAlert, title));
    expect(text).toContain(`: ${expected} (`);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  test.each(["録".repeat(300), "👩‍👩‍👧‍👦".repeat(60), "e\u0301".repeat(200), "x".repeat(300)])(
    "is cut below 100 characters and between graphemes: %#",
    (title) => {
      const text = subject(titled(withActor(newAlert, { label: title }), title));
      expect(text.length).toBeLessThan(100);
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/^\p{M}|[ ([:]\p{M}/u);
    },
  );

  test("tells two users of Identity Center apart", () => {
    const [alice, bob] = ["u-alice", "u-bob"].map((id) =>
      subject(withActor(newAlert, { label: `${id} (Identity Center d-1234567890)` })),
    );
    expect(alice).toContain("u-alice (Identity Center d-1234567890)");
    expect(bob).not.toBe(alice);
  });
});

describe("the sentences", () => {
  const text = (prose: ReturnType<typeof headline> | undefined) => prose && plainProse(prose, 120);

  test("count calls, and say what they were and when", () => {
    expect(text(headline(deletionsAlert))).toBe(
      "carol (no second factor seen): 6 calls from 12:25:16 to 12:25:21 UTC on 2026-11-28: DeleteChannel ×6; channels abcdEFGH0001, abcdEFGH0002, abcdEFGH0003, abcdEFGH0004, abcdEFGH0005, abcdEFGH0006; from 192.0.2.10, 198.51.100.7.",
    );
    expect(text(firedLine(deletionsAlert))).toBe(
      "What fired: 5 or more calls within 10 minutes, reached at 12:25:20 UTC.",
    );
    expect(text(headline(summaryAlert))).toContain("about 4,200 calls");
    expect(text(headline(summaryAlert))).toContain("CreateChannel ×about 4,000");
  });

  test("say first what is new", () => {
    expect(text(newsLine(newsAlert))).toBe(
      "New in this incident: network 198.51.100.0/24, access key ASIAI44QH8DHBEXAMPLE, session person@example.com since 2026-11-28T03:20:00Z.",
    );
    expect(newsLine(newAlert)).toBeUndefined();
    expect(newsLine({ ...newsAlert, news: [] })).toBeUndefined();
  });

  test("name one of the calls where an alert of the previous release knows no more", () => {
    const { calls: _, ...incident } = updateAlert.incident;
    expect(text(headline({ ...updateAlert, incident }))).toBe(
      "Admin/1234567890123456789 (no second factor seen): 10 calls from 20:57:46 to 20:59:01 UTC on 2020-04-02, one of them CreateChannel in us-west-2 from 10.10.10.10.",
    );
  });

  test("give both days where they differ", () => {
    const incident = { ...deletionsAlert.incident, lastTime: deletionsAlert.incident.firstTime + 86_400_000 };
    expect(text(headline({ ...deletionsAlert, incident }))).toContain(
      "6 calls from 2026-11-28 12:25:16 to 2026-11-29 12:25:16 UTC:",
    );
  });

  test("say that further news is not sent, once the bound is reached", () => {
    expect(email(summaryAlert).body).toMatch(/further news is listed in its alerts\s+and not sent/);
    expect(email(newsAlert).body).not.toContain("further news");
  });
});
