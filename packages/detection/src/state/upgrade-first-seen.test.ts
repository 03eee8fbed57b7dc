import type { Alert } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { expect, test } from "vitest";
import { createDetector } from "../pipeline/detector.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import * as released from "../testing/released/aaf93c6.js";
import { timerBody } from "../timer/timer.ts";
import { MemoryStateStore } from "./memory-state-store.ts";

const text = `title: New person
name: new-person
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }, condition: call }
level: medium
custom_attributes:
  streamwarden.first_seen: { of: [actor.id], within: 30d, learn: 7d }
`;
const files = [{ path: "policies.yml", text }];
const config = "policies: { pack: false }";
const day = 86_400_000;
const start = Date.parse("2026-01-01T00:00:00Z");

const permissionSet = "AWSReservedSSO_Video_0123456789abcdef";
const identities = {
  "single sign-on": (person: string) => ({
    type: "AssumedRole",
    arn: `arn:aws:sts::111122223333:assumed-role/${permissionSet}/${person}`,
    accountId: "111122223333",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        arn: `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/${permissionSet}`,
        userName: permissionSet,
      },
    },
  }),
  "federation tokens": (name: string) => ({
    type: "FederatedUser",
    arn: `arn:aws:sts::111122223333:federated-user/${name}`,
    accountId: "111122223333",
    sessionContext: { sessionIssuer: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/broker" } },
  }),
} as const;

/** A store that two releases share, first one and then the other, and what is reported on the way. */
function world() {
  let now = start;
  let count = 0;
  const clock = { now: () => now };
  const memory = new MemoryStateStore({ clock });
  const alerts: Alert[] = [];
  let timers: { readonly body: string; readonly at: number }[] = [];
  const parse = (stored: string | undefined) => (stored === undefined ? undefined : JSON.parse(stored));
  const shared = {
    // Nothing but JSON passes from one release to the other.
    store: {
      read: async (key: string) => parse(await memory.read<string>(key)),
      update: async <T>(key: string, ttlSeconds: number, change: (current: T | undefined) => T) =>
        parse(
          await memory.update<string | undefined>(key, ttlSeconds, (stored) => {
            const current = parse(stored);
            const next = change(current);
            return next === current ? stored : JSON.stringify(next);
          }),
        ),
    },
    clock,
    publisher: {
      publish: async (alert: Alert) => void alerts.push(alert),
      publishDigest: async () => undefined,
    },
    quarantine: () => Promise.reject(new Error("everything here can be read")),
  };
  const releases = {
    old: released.createPipeline({
      ...shared,
      detector: released.createDetector(
        released.loadPolicies({ config: released.parseConfig(config, "streamwarden.yml"), files }),
      ),
      scheduleWakeUp: async (wakeUp) =>
        void timers.push({ body: JSON.stringify({ streamwardenWakeUp: wakeUp }), at: wakeUp.at }),
    }),
    new: createPipeline({
      ...shared,
      detector: createDetector(loadPolicies({ files }, parseConfig(config, "streamwarden.yml"))),
      scheduleTimer: async (timer) => void timers.push({ body: timerBody(timer), at: timer.at }),
    }),
  };
  /** One call on a day, and all timers until two hours later. The names of those who were reported. */
  async function call(
    release: keyof typeof releases,
    onDay: number,
    userIdentity: object,
  ): Promise<readonly string[]> {
    alerts.length = 0;
    now = start + onDay * day;
    const record = {
      eventVersion: "1.11",
      eventID: `event-${count++}`,
      eventTime: new Date(now).toISOString(),
      eventSource: "ivs.amazonaws.com",
      eventName: "CreateChannel",
      recipientAccountId: "111122223333",
      userIdentity,
    };
    let bodies = [JSON.stringify(record)];
    for (const later of [0, 1, 2]) {
      now = start + onDay * day + later * 3_600_000;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      bodies.push(...due.map(({ body }) => body));
      const batch = bodies.map((body) => ({ id: `m${count++}`, body, receivedAt: now }));
      bodies = [];
      const { outcomes } = await releases[release].process(batch);
      expect(outcomes.every(({ outcome }) => outcome === "processed")).toBe(true);
    }
    return alerts
      .filter(({ kind }) => kind === "new")
      .map(({ record }) => record.actor.session ?? "somebody");
  }
  return { call };
}

test("an upgrade makes nobody of a known permission set new, and a later colleague is new", async () => {
  const identity = identities["single sign-on"];
  const { call } = world();
  // The released engine learns that the permission set is usual, and takes all its people for one.
  for (const onDay of [0, 10, 20]) expect(await call("old", onDay, identity("alice"))).toEqual([]);
  expect(await call("new", 21, identity("alice"))).toEqual([]);
  expect(await call("new", 25, identity("bob"))).toEqual([]);
  expect(await call("new", 26, identity("bob"))).toEqual([]);
  expect(await call("new", 40, identity("carol"))).toEqual(["carol"]);
  expect(await call("new", 41, identity("carol"))).toEqual([]);
  // The time that counts is the person's own now.
  expect(await call("new", 45, identity("alice"))).toEqual([]);
});

test("an upgrade makes nobody new who used federation tokens, and no renaming makes anybody new", async () => {
  const identity = identities["federation tokens"];
  const { call } = world();
  for (const onDay of [0, 10, 20]) expect(await call("old", onDay, identity("one"))).toEqual([]);
  expect(await call("new", 21, identity("one"))).toEqual([]);
  expect(await call("new", 40, identity("renamed"))).toEqual([]);
});
