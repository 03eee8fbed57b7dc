import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { rejectedOf } from "./result/policy-findings.ts";
import type { ReplayResult } from "./result/replay-result.ts";
import { policiesAt } from "./testing/policies.ts";
import { file, folder, lines, record, rule, run, useFolder, write } from "./testing/trail-folder.ts";

useFolder();

function countsOf({ policies }: ReplayResult): Record<string, number> {
  return Object.fromEntries(policies.map(({ name, matches }) => [name, matches]));
}
function problemsOf({ problems }: ReplayResult): unknown[] {
  return problems.map(({ path, outcome, reason, count, records }) => [
    relative(join(folder, "trail"), path),
    outcome,
    reason,
    count,
    records,
  ]);
}

describe("records are found in every shape", () => {
  const create = (): unknown => record("CreateChannel");
  const envelope = (): unknown => ({
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ivs",
    detail: create(),
  });
  test.each<[string, () => string | Uint8Array, number]>([
    ["a trail file", () => file(create(), create()), 2],
    ["a trail file of many lines", () => JSON.stringify({ Records: [create(), create()] }, null, 2), 2],
    ["a packed trail file", () => gzipSync(file(create(), create())), 2],
    ["a bare record", () => JSON.stringify(create(), null, 2), 1],
    ["a list", () => JSON.stringify([create(), create()]), 2],
    ["a record a line", () => lines(create(), create()), 2],
    ["an envelope a line", () => lines(envelope(), envelope()), 2],
    ["a trail file a line", () => lines({ Records: [create(), create()] }, { Records: [create()] }), 3],
    ["a mixture of lines, packed", () => gzipSync(lines(create(), envelope(), { Records: [create()] })), 3],
    [
      "a page of LookupEvents",
      () =>
        JSON.stringify({
          NextToken: "n",
          Events: [{ EventId: "1", CloudTrailEvent: JSON.stringify(create()) }],
        }),
      1,
    ],
    ["a byte order mark", () => `\ufeff${file(create())}`, 1],
    ["an empty trail file", () => file(), 0],
  ])("%s", async (_, content, count) => {
    write("trail/a.json", content());
    const { result, matches } = await run();
    expect({ records: result.records, quarantined: result.quarantined, problems: result.problems }).toEqual({
      records: count,
      quarantined: 0,
      problems: [],
    });
    expect([countsOf(result).create, matches.length]).toEqual([count, count]);
    expect(result.files.read).toBe(1);
  });

  test("an interruption ends the wait for standard input", async () => {
    const stream = new PassThrough();
    const interruption = new AbortController();
    stream.write(lines(record("CreateChannel"), record("GetChannel")));
    const { result } = await run({
      paths: ["-"],
      standardInput: stream,
      signal: interruption.signal,
      onMatches: () => interruption.abort(),
      onStart: (progress) => {
        const wait = (): void => void (progress.records < 2 ? setImmediate(wait) : interruption.abort());
        wait();
      },
    });
    expect(result).toMatchObject({ interrupted: true, records: 2, files: { interrupted: 1 } });
  });

  test("standard input", async () => {
    const stream = new PassThrough();
    stream.end(gzipSync(lines(create(), create())));
    const { result, matches } = await run({ paths: ["-"], standardInput: stream });
    expect(result.records).toBe(2);
    expect(matches.map((match) => match.kind === "rule" && [match.file, match.record])).toEqual([
      ["-", 1],
      ["-", 2],
    ]);
  });

  test("the S3 layout, whose digests and Insights are named and left out", async () => {
    const key = (kind: string, part: string): string =>
      `trail/AWSLogs/o-1/111122223333/${kind}/us-east-1/2026/01/02/111122223333_${kind}_us-east-1_${part}.json.gz`;
    write(key("CloudTrail", "20260102T0305Z_a"), gzipSync(file(create())));
    write(key("CloudTrail-Digest", "20260102T0400Z"), gzipSync("{}"));
    write(key("CloudTrail-Insight", "20260102T0305Z_b"), gzipSync("{}"));
    write("trail/by-content.json", JSON.stringify({ digestS3Object: "x", logFiles: [] }));
    write("trail/insights.json", file({ eventCategory: "Insight", eventType: "AwsCloudTrailInsight" }));
    const { result } = await run();
    expect([result.records, result.quarantined, result.otherEvents]).toEqual([1, 0, 2]);
    expect(result.problems.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["skipped", "digest-file"],
      ["skipped", "insight-file"],
      ["skipped", "digest-file"],
      ["skipped", "insight-event"],
    ]);
    expect(result.files).toEqual({ read: 1, damaged: 0, skipped: 4, unreadable: 0, interrupted: 0 });
  });
});

describe("nothing is left out in silence", () => {
  test("damaged and foreign files are named, and what they hold is read", async () => {
    const packed = gzipSync(lines(...Array.from({ length: 500 }, () => record("CreateChannel"))));
    write("trail/a-cut.json", file(record("CreateChannel"), record("CreateChannel")).slice(0, -20));
    write("trail/b-cut.json.gz", packed.subarray(0, packed.length - 20));
    write("trail/c-line.ndjson", `${lines(record("CreateChannel"))}oops\n${lines(record("CreateChannel"))}`);
    write("trail/d-html.json", "<html>\n<body>\n403\n");
    write("trail/e-empty.json", "");
    write("trail/f-blank.json", " \n");
    write("trail/g-other.json", JSON.stringify({ name: "package" }));
    write("trail/notes.md", "# notes");
    write("trail/z.json", file(record("CreateChannel")));
    const { result } = await run();
    expect(problemsOf(result)).toEqual([
      ["a-cut.json", "damaged", "cut-off", 1, [2]],
      ["b-cut.json.gz", "damaged", "damaged-gzip", 1, []],
      ["c-line.ndjson", "damaged", "not-json", 1, [2]],
      ["d-html.json", "damaged", "not-json", 1, []],
      ["e-empty.json", "skipped", "empty", 1, []],
      ["f-blank.json", "skipped", "empty", 1, []],
      ["g-other.json", "quarantined", "no-record", 1, [1]],
      ["notes.md", "skipped", "foreign-file", 1, []],
    ]);
    expect(result.files).toEqual({ read: 1, damaged: 5, skipped: 3, unreadable: 0, interrupted: 0 });
    expect(result.quarantined).toBe(5);
    expect(result.records).toBeGreaterThan(1 + 400 + 2);
    expect(countsOf(result).create).toBe(result.records);
  });

  test("records that cannot be decoded are counted with their numbers; other events are not records", async () => {
    write(
      "trail/a.ndjson",
      lines(
        record("CreateChannel"),
        record("CreateChannel", { eventTime: "yesterday" }),
        [record("CreateChannel")],
        7,
        { "detail-type": "IVS Stream State Change", source: "aws.ivs", detail: {} },
        record("CreateChannel", { eventTime: "tomorrow" }),
        [[record("CreateChannel")]],
      ),
    );
    const { result } = await run();
    expect([result.records, result.quarantined, result.otherEvents]).toEqual([3, 3, 1]);
    expect(problemsOf(result)).toEqual([
      ["a.ndjson", "quarantined", "bad-event-time", 2, [2, 6]],
      ["a.ndjson", "quarantined", "not-an-object", 1, [4]],
      ["a.ndjson", "skipped", "service-event", 1, [5]],
    ]);
    expect(result.files.read).toBe(1);
  });

  test("links that lead in circles or nowhere, files twice, and files without rights", async () => {
    const one = write("trail/a/one.json", file(record("CreateChannel")));
    symlinkSync(join(folder, "trail"), join(folder, "trail/a/up"));
    symlinkSync("self", join(folder, "trail/self"));
    symlinkSync("missing", join(folder, "trail/void"));
    symlinkSync(one, join(folder, "trail/two.json"));
    mkdirSync(join(folder, "nothing"));
    const paths = ["trail", "trail/a/one.json", "nowhere", "nothing"].map((path) => join(folder, path));
    const { result } = await run({ paths });
    expect(result.records).toBe(1);
    expect(problemsOf(result)).toEqual([
      ["a/up", "skipped", "symlink-loop", 1, []],
      ["self", "unreadable", "symlink-loop", 1, []],
      ["two.json", "skipped", "already-read", 1, []],
      ["void", "unreadable", "not-found", 1, []],
      ["a/one.json", "skipped", "already-read", 1, []],
      ["../nowhere", "unreadable", "not-found", 1, []],
      ["../nothing", "unreadable", "no-files", 1, []],
    ]);
  });

  test("a path that the system does not give", async () => {
    const below = join(write("trail/a.json", file()), "inside");
    expect((await run({ paths: [below] })).result.problems).toMatchObject([
      {
        path: below,
        outcome: "unreadable",
        reason: "unreadable",
        message: expect.stringContaining("ENOTDIR"),
      },
    ]);
  });

  test("rejected, inactive and foreign policies are kept apart", async () => {
    write("other/broken.yml", rule("Broken", "eventName|nosuch: x"));
    write("other/list.yml", rule("Needs a list", "eventName|expand: '%Names%'"));
    write(
      "other/windows.yml",
      rule("Windows", "a: b").replace("product: aws, service: cloudtrail", "product: windows"),
    );
    write("other/fine.yml", rule("Fine", "eventName: X"));
    write("other/fine.test.yml", "no: policy");
    const policies = policiesAt(join(folder, "other"), join(folder, "absent.yml"));
    expect(rejectedOf(policies).map(({ code }) => code)).toEqual([
      "unreadable-path",
      "unknown-modifier",
      "unknown-placeholder",
    ]);
    expect([policies.ruleset.elsewhere.length, policies.ruleset.rules.length]).toEqual([1, 1]);
  });
});

describe("policies", () => {
  test("are sorted by matches and then by title, those without any at the end", async () => {
    write("policies/another.yml", rule("A never", "eventName: Never"));
    write("trail/a.json", file(record("DeleteChannel"), record("DeleteChannel"), record("CreateChannel")));
    const { result } = await run();
    expect(result.policies.map(({ title, matches, kind }) => [title, matches, kind])).toEqual([
      ["Channel deleted", 2, "rule"],
      ["Channel created", 1, "rule"],
      ["A never", 0, "rule"],
    ]);
  });

  test("filters narrow them, as long as an exception is in force", async () => {
    const filter = (title: string, user: string, attributes: string): string =>
      `title: ${title}\n${attributes}\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [create]\n  who:\n    userIdentity.arn|endswith: ${user}\n  condition: not who\n`;
    write("policies/filter.yml", filter("plain", "/alice", ""));
    write(
      "policies/expired.yml",
      filter(
        "expired",
        "/bob",
        "custom_attributes: {streamwarden.owner: o, streamwarden.reason: r, streamwarden.expires: 2025-12-31}",
      ),
    );
    write(
      "policies/current.yml",
      filter(
        "current",
        "/carol",
        "custom_attributes: {streamwarden.owner: o, streamwarden.reason: r, streamwarden.expires: 2026-01-02}",
      ),
    );
    const by = (user: string): unknown =>
      record("CreateChannel", { userIdentity: { arn: `arn:aws:iam::1:user/${user}` } });
    write("trail/a.json", file(by("alice"), by("bob"), by("carol")));
    expect(countsOf((await run()).result).create).toBe(1);
    expect(countsOf((await run({ jobs: 2 })).result).create).toBe(1);
  });

  test("correlations fire by the times of the events, whatever files they are in; repeated events count once", async () => {
    write(
      "policies/many.yml",
      `title: Many deleted\nname: many\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [delete]\n  group-by: [userIdentity.arn]\n  timespan: 10m\n  condition: {gte: 3}\n`,
    );
    write(
      "policies/few.yml",
      `title: Few deleted\nname: few\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [delete]\n  group-by: [userIdentity.arn]\n  timespan: 10m\n  condition: {lt: 2}\n`,
    );
    const at = (minute: string, id = `m${minute}`): unknown =>
      record("DeleteChannel", { eventTime: `2026-01-02T03:${minute}:00Z`, eventID: id });
    write("trail/a.json", file(at("09"), at("30"), at("01")));
    write("trail/b.json", file(at("05"), at("05"), at("50")));
    const { result, matches } = await run();
    expect(countsOf(result)).toEqual({ create: 0, delete: 6, many: 1, few: 3 });
    expect(result.policies.filter(({ silenced }) => silenced).map(({ name }) => name)).toEqual(["delete"]);
    const fired = matches.flatMap((match) => (match.kind === "correlation" ? [match] : []));
    expect(fired.map(({ name, eventID, value }) => [name, eventID, value])).toEqual([
      ["few", "m09", 1],
      ["few", "m30", 1],
      ["few", "m50", 1],
      ["many", "m09", 3],
    ]);
    expect(fired.at(-1)).toMatchObject({
      eventTime: "2026-01-02T03:09:00Z",
      group: { "userIdentity.arn": "arn:aws:iam::111122223333:user/alice" },
      eventIDs: ["m01", "m05", "m09"],
    });
  });
});

test("texts of a match are redacted and cut", async () => {
  write(
    "trail/a.json",
    file(
      record("CreateChannel", {
        sourceIPAddress: `sk_us-west-2_${"x".repeat(40)}`,
        eventID: undefined,
        userIdentity: { arn: "y".repeat(5000) },
      }),
    ),
  );
  const [match] = (await run()).matches;
  expect(match).toMatchObject({ sourceIPAddress: "[redacted]", eventID: expect.stringMatching(/^sha256-/) });
  expect(match?.kind === "rule" && match.actor.length).toBeLessThanOrEqual(512);
});
