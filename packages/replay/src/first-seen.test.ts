import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@streamwarden/config";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfiguredPolicies, loadPolicyPaths, type PolicySet } from "./policy-set.ts";
import { learnFirstSeen, replay } from "./replay.ts";
import type { PolicyMatch, ReplayResult } from "./replay-result.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-first-seen-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string): string => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
};

const policyText = (firstSeen: string, name = "new"): string => `title: ${name}
name: ${name}
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventName: CreateChannel }
  condition: call
level: low
custom_attributes:
  streamwarden.first_seen: ${firstSeen}
`;
const load = (name: string, firstSeen: string): PolicySet =>
  loadPolicyPaths([write(`${name}.yml`, policyText(firstSeen))], undefined);

const hour = 3_600_000;
const start = Date.parse("2026-01-01T00:00:00Z");

interface Call {
  readonly id: string;
  /** Hours after the start. */
  readonly at: number;
  readonly user: string;
  readonly account?: string;
  readonly name?: string;
}
const recordOf = ({ id, at, user, account = "1", name = "CreateChannel" }: Call): object => ({
  eventVersion: "1.08",
  eventID: id,
  eventTime: new Date(start + at * hour).toISOString(),
  eventSource: "ivs.amazonaws.com",
  eventName: name,
  recipientAccountId: account,
  userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${account}:user/${user}` },
});

interface Ran {
  readonly result: ReplayResult;
  readonly matches: readonly PolicyMatch[];
}
async function run(policies: PolicySet, files: readonly (readonly Call[])[], jobs = 1): Promise<Ran> {
  const trail = join(folder, "trail");
  rmSync(trail, { recursive: true, force: true });
  mkdirSync(trail);
  for (const [index, calls] of files.entries())
    write(`trail/${index}.json`, JSON.stringify({ Records: calls.map(recordOf) }));
  const matches: PolicyMatch[] = [];
  const result = await replay({
    paths: [trail],
    policies,
    jobs,
    onMatches: (found) => {
      matches.push(...found);
    },
  });
  return { result, matches };
}
const told = ({ matches }: Ran): string[] =>
  matches.flatMap((match) => (match.kind === "first-seen" ? match.eventIDs : [])).sort();

const usual = "{ of: [actor.id], within: 100h, learn: 50h }";

describe("a first-seen policy in a replay", () => {
  it("counts what was new, and beside it the records of which its rule is true", async () => {
    const ran = await run(load("counts", usual), [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "learning", at: 49, user: "bob" },
        { id: "new", at: 60, user: "carol" },
        { id: "new", at: 60, user: "carol" },
        { id: "again", at: 70, user: "carol" },
        { id: "other", at: 80, user: "dave", name: "GetChannel" },
        { id: "account", at: 90, user: "alice", account: "2" },
        { id: "pause", at: 171, user: "carol" },
      ],
    ]);
    expect(ran.result.policies).toMatchObject([{ kind: "first-seen", matches: 2, seen: 7 }]);
    expect(ran.matches).toMatchObject([
      {
        name: "new",
        eventID: "new",
        eventTime: "2026-01-03T12:00:00.000Z",
        eventName: "CreateChannel",
        record: 3,
        of: { "actor.id": "arn:aws:iam::1:user/carol" },
        by: { recipientAccountId: "1" },
        eventIDs: ["new"],
      },
      { eventID: "pause", eventIDs: ["pause"] },
    ]);
  });

  it("several records of one second with the same values are one", async () => {
    const ran = await run(load("second", usual), [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "n2", at: 60, user: "mallory" },
        { id: "n1", at: 60, user: "mallory" },
      ],
    ]);
    expect(ran.result.policies[0]?.matches).toBe(1);
    expect(ran.matches).toMatchObject([{ eventID: "n1", record: 3, eventIDs: ["n1", "n2"] }]);
  });

  it("nothing is too old to be told", async () => {
    const years = 24 * 365;
    const ran = await run(load("old", usual), [
      [
        { id: "a", at: -20 * years, user: "alice" },
        { id: "b", at: -19 * years, user: "bob" },
      ],
    ]);
    expect(told(ran)).toEqual(["b"]);
  });

  it("the values are redacted, and a field that is absent is null", async () => {
    const policies = load("values", "{ of: [userIdentity.arn, nothing], within: 1h, learn: 1h }");
    const ran = await run(policies, [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "b", at: 9, user: `sk_us-west-2_${"x".repeat(40)}` },
      ],
    ]);
    expect(ran.matches).toMatchObject([
      { of: { "userIdentity.arn": "arn:aws:iam::1:user/[redacted]", nothing: null } },
    ]);
  });

  it("those of the configuration count the same way, and one that is switched off does not", async () => {
    const path = write("own.yml", policyText(usual, "own"));
    const off = write("off.yml", policyText(usual, "off"));
    const config = parseConfig(
      `policies:\n  pack: false\n  paths: [${path}, ${off}]\n  disabled: [{policy: off, owner: me, reason: test}]\n`,
      join(folder, "streamwarden.yml"),
    );
    const calls: Call[] = [
      { id: "a", at: 0, user: "alice" },
      { id: "b", at: 60, user: "bob" },
    ];
    for (const jobs of [1, 2]) {
      const ran = await run(
        loadConfiguredPolicies(config),
        calls.map((call) => [call]),
        jobs,
      );
      expect(ran.result.policies).toMatchObject([{ name: "own", kind: "first-seen", matches: 1, seen: 2 }]);
      expect(ran.matches.map(({ name }) => name)).toEqual(["own"]);
    }
  });
});

describe("a policy file with an attribute that cannot work is refused", () => {
  it.each([
    ["{ within: 30d }", 9, "invalid-attribute-value", "first_seen.of"],
    ["{ of: [actor.id], learn: 1y }", 9, "invalid-attribute-value", "first_seen.learn"],
    ["soon", 9, "invalid-attribute-value", "must be a map"],
    [`${usual}\n  streamwarden.first_sen: x`, 10, "unknown-attribute", "first_sen"],
  ])("%s", (firstSeen, line, code, message) => {
    const { refused, ruleset } = load("malformed", firstSeen);
    expect(refused).toMatchObject([{ path: join(folder, "malformed.yml"), line, code }]);
    expect(refused[0]?.message).toContain(message);
    expect(ruleset.rules).toEqual([]);
  });

  it("and so it is in every thread, with a filter among the files", async () => {
    const filter =
      "---\ntitle: f\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [good]\n  x: {eventName: Nothing}\n  condition: not x\n";
    const path = write("mixed.yml", `${policyText("{}", "bad")}---\n${policyText(usual, "good")}${filter}`);
    const policies = loadPolicyPaths([path], undefined);
    expect(policies.refused.map(({ code }) => code)).toEqual(["invalid-attribute-value"]);
    const { result } = await run(policies, [[{ id: "a", at: 0, user: "u" }], []], 2);
    expect(result.policies).toMatchObject([{ name: "good", matches: 0, seen: 1 }]);
  });

  it("a correlation that counts one", () => {
    const counting = `---\ntitle: many\ncorrelation: {type: event_count, rules: [new], timespan: 1h, condition: {gte: 2}}\n`;
    const path = write("counted.yml", policyText(usual) + counting);
    expect(loadPolicyPaths([path], undefined).refused.map(({ code }) => code)).toContain(
      "first-seen-counted",
    );
  });

  it("in the configuration its matches are not reported either", async () => {
    const path = write("bad.yml", policyText("{}", "bad"));
    const config = parseConfig(`policies: {pack: false, paths: [${path}]}`, join(folder, "streamwarden.yml"));
    const policies = loadConfiguredPolicies(config);
    expect(policies.refused.map(({ code }) => code)).toEqual(["invalid-attribute-value"]);
    expect((await run(policies, [[{ id: "a", at: 0, user: "u" }]])).matches).toEqual([]);
  });
});

/** What the definition says, over all records at once. */
function byDefinition(calls: readonly Call[], within: number, learn: number): string[] {
  const earliest = new Map<string, number>();
  for (const { account = "1", at } of calls)
    earliest.set(account, Math.min(earliest.get(account) ?? Number.POSITIVE_INFINITY, at));
  const isNew = ({ account, user, at }: Call): boolean =>
    at >= (earliest.get(account ?? "1") ?? 0) + learn &&
    !calls.some(
      (other) => other.account === account && other.user === user && other.at < at && other.at >= at - within,
    );
  return [...new Set(calls.filter(isNew).map(({ id }) => id))].sort();
}

const calls = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 400 }),
      user: fc.constantFrom("u", "v"),
      account: fc.constantFrom("1", "2"),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) => all.map((call, index): Call => ({ ...call, id: `e${index}` })));

describe("law", () => {
  const policies = load("law", "{ of: [actor.id], within: 20h, learn: 30h }");

  it("order, repetition and the split into files tell what the definition says", async () => {
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.array(fc.nat(), { maxLength: 60 }),
        fc.array(fc.nat(3), { minLength: 120, maxLength: 120 }),
        async (all, again, places) => {
          const repeated = again.map((index) => all[index % all.length]).filter((call) => call !== undefined);
          const files: Call[][] = [[], [], [], []];
          for (const [index, call] of [...repeated, ...all].entries()) files[places[index] ?? 0]?.push(call);
          expect(told(await run(policies, files))).toEqual(byDefinition(all, 20, 30));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("so do several threads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(calls, calls, calls), async (parts) => {
        const all = parts.flat().map((call, index): Call => ({ ...call, id: `e${index}` }));
        const files = [0, 1, 2].map((place) => all.filter((_call, index) => index % 3 === place));
        const several = await run(policies, files, 3);
        expect(told(several)).toEqual(byDefinition(all, 20, 30));
        const one = await run(policies, files);
        expect({ ...several.result, seconds: 0 }).toEqual({ ...one.result, seconds: 0 });
        expect(several.matches).toEqual(one.matches);
      }),
      { numRuns: 3 },
    );
  });
});

it("holds runs of sightings and not sightings, however many there are", async () => {
  const many = Array.from(
    { length: 5000 },
    (_unused, index): Call => ({ id: `e${index}`, at: index / 100, user: "u" }),
  );
  await run(load("bounded", usual), [many]);
  const { histories, result } = await learnFirstSeen({
    paths: [join(folder, "trail")],
    policies: load("bounded", usual),
  });
  const [part] = [...histories.values()].map((history) => history.part());
  expect(part?.terms.map(({ document, details }) => [document.runs.length, details.length])).toEqual([
    [1, 0],
  ]);
  expect(result.policies).toMatchObject([{ seen: 5000, matches: 0 }]);
});
