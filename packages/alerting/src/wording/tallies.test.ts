import { describe, expect, test } from "vitest";
import type { CallTallies } from "../model/alert-calls.ts";
import { actorName, hasFailures, listed, newsWords, plural, resourceGroups } from "./tallies.ts";

function tallies(counts: Readonly<Record<string, number>>, more = 0, isEstimate = false): CallTallies {
  const values = Object.entries(counts).map(([value, count]) => ({ value, count, first: 0 }));
  return { values, more, isEstimate };
}

describe("lists", () => {
  test.each<[string, CallTallies, number, object]>([
    ["counts", tallies({ DeleteChannel: 6 }), 5, { values: ["DeleteChannel ×6"] }],
    ["estimates", tallies({ GetStage: 1200 }, 0, true), 5, { values: ["GetStage ×about 1,200"] }],
    ["what is not shown", tallies({ a: 1, b: 1, c: 1 }), 1, { values: ["a ×1"], more: "and 2 more" }],
    [
      "what was not kept",
      tallies({ a: 1, b: 1 }, 1999),
      1,
      { values: ["a ×1"], more: "and about 2,000 more" },
    ],
    ["nothing", tallies({}), 5, { values: [] }],
  ])("say %s", (_, given, maximum, expected) => {
    expect(listed(given, maximum)).toEqual(expected);
  });

  test("say that calls failed only where one did", () => {
    expect(hasFailures({ results: tallies({ succeeded: 4 }) })).toBe(false);
    expect(hasFailures({ results: tallies({ succeeded: 4, AccessDenied: 1 }) })).toBe(true);
    expect(hasFailures({})).toBe(false);
  });
});

test.each([
  ["an actor with its id", "carol (arn:aws:iam::111122223333:user/carol)", "carol"],
  ["one that is its id", "arn:aws:iam::111122223333:user/carol", "arn:aws:iam::111122223333:user/carol"],
  ["a name with brackets", "carol (admin) (arn:aws:iam::111122223333:user/c)", "carol (admin)"],
])("the name of %s", (_, value, expected) => {
  expect(actorName(value)).toBe(expected);
});

test.each([
  [{ facet: "networks", value: "198.51.100.0/24" }, "network 198.51.100.0/24"],
  [{ facet: "accessKeys", value: "AKIAX" }, "access key AKIAX"],
  [{ facet: "actors", value: "bob (arn:b)" }, "actor bob"],
  [{ facet: "mfa", value: "absent" }, "MFA state no second factor"],
  [{ facet: "mfa", value: "unknown" }, "MFA state unknown"],
] as const)("news of %j", (news, expected) => {
  const { noun, value } = newsWords(news);
  expect(`${noun} ${value}`).toBe(expected);
});

describe("resources", () => {
  const prefix = "arn:aws:ivs:us-east-1:111122223333:channel/";

  test("of one kind are a list of names", () => {
    const chat = "arn:aws:ivschat:eu-west-1:111122223333:room/";
    expect(resourceGroups([`${prefix}a`, `${chat}r`, `${prefix}b`])).toEqual([
      { noun: "channel", prefix, names: ["a", "b"] },
      { noun: "room", prefix: chat, names: ["r"] },
    ]);
  });

  test.each([
    ["of another service", "arn:aws:s3:::bucket/key"],
    ["of a kind that we do not know", "arn:aws:ivs:us-east-1:111122223333:all-is-well/x"],
    ["whose name is a sentence", `${prefix}a, b; nothing to see`],
    ["no ARN at all", "a"],
  ])("%s are shown whole", (_, arn) => {
    expect(resourceGroups([arn])).toEqual([{ noun: "resource", prefix: "", names: [arn] }]);
  });

  test.each([
    ["channel", 2, "channels"],
    ["stream key", 2, "stream keys"],
    ["playback restriction policy", 2, "playback restriction policies"],
    ["stage", 1, "stage"],
  ])("%s, %i", (noun, amount, expected) => {
    expect(plural(noun, amount)).toBe(expected);
  });
});
