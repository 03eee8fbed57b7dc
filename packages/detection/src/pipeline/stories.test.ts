import type { Alert, CallFacet } from "@streamwarden/alerting";
import { email, slack } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { describe, expect, test } from "vitest";
import { sharePipelines } from "../testing/shared-pipelines.ts";
import {
  arnOf,
  federationToken,
  iamUser,
  identityCenterUser,
  permissionSet,
  roleSession,
  root,
  type StoryCall,
  storyRecord,
  storyStart,
} from "../testing/story-records.ts";
import { createDetector } from "./detector.ts";

/** What happens, from records to alerts, with the shipped policies and nothing configured. */
const detector = createDetector(loadPolicies("configured", parseConfig("", "streamwarden.yml")));

interface Told {
  readonly alerts: readonly Alert[];
  /** Of one policy, in the order in which they were published. */
  of(policy: string): readonly Alert[];
}

/** Sends the calls in the order given, in batches of `batchSize`, and lets all timers come. */
async function tell(calls: readonly StoryCall[], { batchSize = 1, timerCopies = 1 } = {}): Promise<Told> {
  const world = sharePipelines({ detector, now: storyStart + 3600_000 });
  const sent = calls.map((call) => ({
    body: storyRecord(call),
    sentAt: storyStart + call.at * 1000 + 2000,
  }));
  const batches = [];
  for (let start = 0; start < sent.length; start += batchSize)
    batches.push(sent.slice(start, start + batchSize));
  await world.send(batches);
  await world.finish(timerCopies);
  expect(world.quarantined).toEqual([]);
  const alerts = world.published;
  return { alerts, of: (policy) => alerts.filter((alert) => alert.policy.name === policy) };
}

function nameOf({ id }: Alert): string {
  return id.slice(id.indexOf(".") + 1).replace(/^news-.*/, "news");
}

function values({ incident }: Alert, facet: CallFacet): readonly string[] {
  return incident.calls?.[facet]?.values.map(({ value }) => value) ?? [];
}

function incidentsOf(alerts: readonly Alert[]): number {
  return new Set(alerts.map(({ incident }) => incident.id)).size;
}

/** What a reader gets, as one text. */
function textOf(alert: Alert): string {
  return JSON.stringify([email(alert), slack(alert)]);
}

const bothOrders = [
  ["as they were made", <T>(calls: readonly T[]) => calls],
  ["the other way round", <T>(calls: readonly T[]) => calls.toReversed()],
] as const;

function deletions(count: number, by: (index: number) => object, from?: (index: number) => string) {
  return Array.from(
    { length: count },
    (_, index): StoryCall => ({
      id: `deletion-${index}`,
      at: 60 + index,
      by: by(index),
      operation: "DeleteChannel",
      request: { arn: arnOf("channel", `lane-${index}`) },
      ...(from === undefined ? {} : { from: from(index) }),
    }),
  );
}

const bulk = "ivs-resources-deleted-in-bulk";
const keyRead = "ivs-stream-key-read-by-person";

describe.each(bothOrders)("two people, whose records come %s,", (_, order) => {
  test.each([
    [
      "of one permission set",
      permissionSet("Studio", "mira"),
      permissionSet("Studio", "noah"),
      "mira",
      "noah",
    ],
    [
      "of Identity Center",
      identityCenterUser("user-0001"),
      identityCenterUser("user-0002"),
      "user-0001",
      "user-0002",
    ],
    ["who are IAM users", iamUser("olga"), iamUser("pete"), "olga", "pete"],
  ])(
    "%s have an incident each, with their own name and address",
    async (_kind, one, other, first, second) => {
      const { of } = await tell(
        order([
          {
            id: "r1",
            at: 10,
            by: one,
            operation: "GetStreamKey",
            request: { arn: arnOf("stream-key", "k1") },
            from: "192.0.2.17",
          },
          {
            id: "r2",
            at: 900,
            by: other,
            operation: "GetStreamKey",
            request: { arn: arnOf("stream-key", "k2") },
            from: "198.51.100.23",
          },
        ]),
      );
      const alerts = of(keyRead).toSorted((a, b) => a.record.times.called - b.record.times.called);
      expect(alerts.map(nameOf)).toEqual(["new", "new"]);
      expect(incidentsOf(alerts)).toBe(2);
      const [mine = "", theirs = ""] = alerts.map(textOf);
      for (const own of [first, "192.0.2.17"]) {
        expect(mine).toContain(own);
        expect(theirs).not.toContain(own);
      }
      for (const own of [second, "198.51.100.23"]) {
        expect(theirs).toContain(own);
        expect(mine).not.toContain(own);
      }
    },
  );

  test("are never said to have done what the other did", async () => {
    const { alerts } = await tell(
      order([
        {
          id: "u",
          at: 10,
          by: permissionSet("Studio", "mira"),
          operation: "UpdateChannel",
          request: { arn: arnOf("channel", "c"), authorized: false },
        },
        {
          id: "i",
          at: 600,
          by: permissionSet("Studio", "noah"),
          operation: "ImportPlaybackKeyPair",
          request: { name: "k" },
        },
        {
          id: "d",
          at: 700,
          by: permissionSet("Studio", "noah"),
          operation: "DeletePlaybackKeyPair",
          request: { arn: arnOf("playback-key", "p") },
        },
      ]),
    );
    const related = new Map(
      alerts.map(({ policy, incident }) => [policy.name, incident.related?.map((one) => one.policy) ?? []]),
    );
    expect(related.get("ivs-playback-authorisation-disabled")).toEqual([]);
    const ofNoah = [...related].filter(([name]) => name !== "ivs-playback-authorisation-disabled");
    expect(ofNoah.flatMap(([, titles]) => titles)).not.toEqual([]);
    const [, titleOfMira] = alerts.flatMap(({ policy }) =>
      policy.name === "ivs-playback-authorisation-disabled" ? ["", policy.title] : [],
    );
    for (const [, titles] of ofNoah) expect(titles).not.toContain(titleOfMira);
  });
});

test("a stream key that is replaced is told in the same words in both orders", async () => {
  const calls: readonly StoryCall[] = [
    {
      id: "del",
      at: 10,
      by: permissionSet("Studio", "mira"),
      operation: "DeleteStreamKey",
      request: { arn: arnOf("stream-key", "old") },
    },
    {
      id: "new",
      at: 70,
      by: permissionSet("Studio", "mira"),
      operation: "CreateStreamKey",
      request: { channelArn: arnOf("channel", "main") },
      change: {
        responseElements: {
          streamKey: { arn: arnOf("stream-key", "fresh"), channelArn: arnOf("channel", "main") },
        },
      },
    },
  ];
  const texts = [];
  for (const [, order] of bothOrders) {
    const { of } = await tell(order(calls));
    const alerts = of("ivs-stream-key-replaced");
    expect(alerts.map(nameOf)).toEqual(["new"]);
    expect(alerts[0]?.incident).toMatchObject({
      count: 2,
      firstTime: storyStart + 10_000,
      lastTime: storyStart + 70_000,
    });
    texts.push(alerts.map(textOf));
  }
  expect(texts[0]).toEqual(texts[1]);
});

describe("six deletions, five of which fire,", () => {
  const calls = deletions(
    6,
    () => iamUser("carla"),
    (index) => (index < 3 ? "192.0.2.9" : "198.51.100.5"),
  );

  test.each([1, 2, 6])("are six calls in one summary, in batches of %i", async (batchSize) => {
    const { of } = await tell(calls, { batchSize, timerCopies: 2 });
    const told = of(bulk);
    expect(told.map(nameOf)).toEqual(["new", "summary"]);
    expect(incidentsOf(told)).toBe(1);
    const [, summary] = told;
    if (summary === undefined) throw new Error("There is no summary.");
    expect(summary.incident).toMatchObject({
      count: 6,
      countIsEstimate: false,
      firstTime: storyStart + 60_000,
      lastTime: storyStart + 65_000,
      fired: { at: storyStart + 64_000, when: "5 or more calls within 10 minutes" },
    });
    expect(summary.incident.calls?.operations?.values).toMatchObject([{ value: "DeleteChannel", count: 6 }]);
    expect(summary.incident.calls?.addresses?.values).toMatchObject([
      { value: "192.0.2.9", count: 3 },
      { value: "198.51.100.5", count: 3 },
    ]);
    expect(values(summary, "resources")).toEqual(calls.map((_, index) => arnOf("channel", `lane-${index}`)));
    expect(textOf(summary)).toContain("6 calls");
  });

  test.each([2, 3, 7])("have one summary when its timer comes %i times in one batch", async (timerCopies) => {
    const { alerts } = await tell(calls, { timerCopies });
    const summaries = alerts.filter((alert) => nameOf(alert) === "summary").map(({ id }) => id);
    expect(new Set(summaries).size).toBe(summaries.length);
    expect(summaries.length).toBeGreaterThan(0);
  });
});

test("root's deletion speaks after root's listing", async () => {
  const { of } = await tell([
    { id: "l", at: 10, by: root, operation: "ListChannels" },
    { id: "d", at: 40, by: root, operation: "DeleteChannel", request: { arn: arnOf("channel", "main") } },
  ]);
  const told = of("ivs-called-by-root");
  expect(told.map(nameOf)).toEqual(["new", "news", "summary"]);
  expect(told[1]?.record).toMatchObject({ eventId: "d", eventName: "DeleteChannel" });
  expect(told[1]?.news).toContainEqual({ facet: "operations", value: "DeleteChannel" });
});

describe("who renames himself does not split a count:", () => {
  test.each([
    ["20 names of federation tokens", (index: number) => federationToken("carla", `name-${index % 20}`)],
    ["40 session names of a role", (index: number) => roleSession("Uploader", `run-${index}`)],
    [
      "40 source identities",
      (index: number) => roleSession("Uploader", "run", { sourceIdentity: `id-${index}` }),
    ],
    [
      "a role that only bears a permission set's name",
      (index: number) => roleSession("AWSReservedSSO_Studio_0011223344556677", `p-${index}`),
    ],
  ])("%s, 40 deletions, one incident", async (_, by) => {
    const { of } = await tell(deletions(40, by), { batchSize: 10 });
    expect(incidentsOf(of(bulk))).toBe(1);
    expect(of(bulk).at(-1)).toMatchObject({ kind: "summary", incident: { count: 40 } });
  });
});
