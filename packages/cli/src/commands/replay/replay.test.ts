import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fakeTerminal } from "../../testing/terminal.ts";
import { progressLine } from "./progress.ts";
import { type ReplayCommandOptions, replay } from "./replay.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
function policy(title: string, selection: string): string {
  return `title: ${title}\nlogsource: {product: aws, service: cloudtrail}\nlevel: high\ndetection:\n  s:\n    ${selection}\n  condition: s\n`;
}
function record(name: string): object {
  return {
    eventVersion: "1.08",
    eventID: "e1",
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: name,
    sourceIPAddress: "\u001b[2J\u202e",
    userIdentity: { arn: "arn:aws:iam::1:user/alice" },
  };
}
const good = file("good.yml", policy('"Created \\x1b[2J"', "eventName: CreateChannel"));
const listed = file("listed.yml", policy("Listed", "eventName|expand: '%Names%'"));
const region = file("region.yml", policy("Region", "awsRegion|expand: '%ApprovedRegions%'"));
const emptyConfig = file("streamwarden.yml", "");
const trail = file(
  "trail.json",
  JSON.stringify({ Records: [record("CreateChannel"), record("GetChannel")] }),
);
const cut = file("cut.json", '{"Records":[');

async function run(
  paths: readonly string[],
  options: Partial<ReplayCommandOptions>,
  isTTY = false,
  signal?: AbortSignal,
) {
  const { terminal, written } = fakeTerminal({ isTTY });
  const code = await replay(paths, { format: "table", policies: [good], ...options }, terminal, signal);
  return { code, ...(await written()) };
}

describe("policies about other logs only", () => {
  const windows = file(
    "windows.yml",
    policy("Other", "Image: x").replace("product: aws, service: cloudtrail", "product: windows"),
  );

  test("are a result like any other: the records are read and the rules counted as elsewhere", async () => {
    const { code, out } = await run([trail], { format: "json", policies: [windows] });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ records: 2, elsewhere: 1, policies: [], rejected: [] });
    expect((await run([trail], { policies: [windows] })).out).toMatch(
      /^No policy was evaluated\.\n\nelsewhere {3}1 rule about other logs than CloudTrail's\./,
    );
  });
});

describe("formats", () => {
  test("json is one object of the promised shape", async () => {
    const { code, out, err } = await run([trail], {
      format: "json",
      policies: [good, listed],
      allowRejected: true,
    });
    expect([code, err]).toEqual([0, ""]);
    expect(out).not.toContain("\u001b");
    const { seconds, rejected, ...rest } = JSON.parse(out);
    expect(seconds).toEqual(expect.any(Number));
    expect(rest).toMatchObject({ records: 2, quarantined: 0 });
    const name = "created-2j";
    expect(rest.policies).toEqual([
      { id: name, name, title: "Created \u001b[2J", level: "high", kind: "rule", matches: 1 },
    ]);
    expect(rejected).toEqual([
      {
        path: listed,
        line: expect.any(Number),
        column: expect.any(Number),
        code: "unknown-placeholder",
        message: expect.stringContaining("%Names%"),
      },
    ]);
  });

  test("warnings about the policies that are evaluated are counted, and listed in json", async () => {
    const doubtful = file("doubtful.yml", policy("Doubtful", "userAgent|contains: ''"));
    const other = file(
      "other.yml",
      policy("Other", "a: '%x%'").replace("product: aws, service: cloudtrail", "product: windows"),
    );
    const policies = [doubtful, other];
    const { out } = await run([trail], { policies });
    expect(out).toMatch(/warned {6}1 warning about the policies: `streamwarden check` shows them/);
    const json = JSON.parse((await run([trail], { format: "json", policies })).out);
    expect(json.warnings).toMatchObject([{ path: doubtful, line: 6, code: "matches-everything" }]);
  });

  test("policies of one title are told apart by their names", async () => {
    const twins = ["one", "two"].map((name) =>
      file(`${name}.yml`, `name: ${name}\n${policy("Twin", "eventName: GetChannel")}`),
    );
    const { out } = await run([trail], { policies: twins });
    expect(out).toMatch(/ Twin {2}one\n.* Twin {2}two\n/);
  });

  test("ndjson is a line for each match, and what was left out goes to stderr", async () => {
    const { code, out, err } = await run([trail, cut], { format: "ndjson" });
    expect(out.split("\n")).toHaveLength(2);
    expect(JSON.parse(out)).toMatchObject({
      level: "high",
      kind: "rule",
      eventID: "e1",
      eventTime: "2026-01-02T03:04:05Z",
      eventSource: "ivs.amazonaws.com",
      eventName: "CreateChannel",
      actor: "arn:aws:iam::1:user/alice",
      sourceIPAddress: "\u001b[2J\u202e",
      file: trail,
      record: 1,
    });
    for (const hidden of ["\u001b", "\u202e"]) expect(out).not.toContain(hidden);
    expect(err).toContain("cut-off");
    expect(code).toBe(1);
  });

  test("the table shows matches, what was left out, and the sum; hostile titles are escaped", async () => {
    const { code, out } = await run([trail, cut], { policies: [good, listed, region], config: emptyConfig });
    expect(code).toBe(3);
    expect(out).not.toContain("\u001b");
    expect(out).toContain("      1  high   Created \\u001b[2J");
    expect(out).toMatch(/rejected {4}.*listed\.yml:\d+:\d+ .*\[unknown-placeholder\]/);
    expect(out).toMatch(/inactive {4}Region needs configuration: fill lists\.ApprovedRegions\./);
    expect(out).toMatch(/damaged {5}.*cut\.json:1:13: .*\[cut-off\]/);
    expect(out).toMatch(/2 records in 2 files, 1 match, 1 quarantined/);
  });

  test("a first-seen policy shows what was new and in how many records, and tells it in ndjson with the values", async () => {
    const first = file(
      "first.yml",
      `${policy("New names", "eventName|startswith: Create")}custom_attributes:\n  streamwarden.first_seen: {of: [eventName], within: 1h, learn: 1h}\n`,
    );
    const at = (hour: string, name: string, id: string): object => ({
      ...record(name),
      eventID: id,
      eventTime: `2026-01-02T${hour}:00:00Z`,
    });
    const hours = file(
      "hours.json",
      JSON.stringify({
        Records: [
          at("03", "CreateA", "e1"),
          at("09", "CreateB\u001b", "e2"),
          at("10", "CreateB\u001b", "e3"),
        ],
      }),
    );
    const table = await run([hours], { policies: [first] });
    expect(table.out).toContain("      1  high   New names  (new, in 3 records)");
    const none = await run([trail], { policies: [first] });
    expect(none.out).toContain("      0  high   New names  (new, in 1 record)");
    const { out } = await run([hours], { policies: [first], format: "ndjson" });
    expect(out).not.toContain("\u001b");
    expect(JSON.parse(out)).toMatchObject({
      policy: "new-names",
      kind: "first-seen",
      eventID: "e2",
      of: { eventName: "CreateB\u001b" },
      by: { recipientAccountId: null },
      eventIDs: ["e2"],
      file: hours,
      record: 2,
    });
  });

  test("a terminal gets colour and, on stderr, a bar that is gone at the end", async () => {
    const { out, err } = await run([trail], {}, true);
    expect(out).toContain("\u001b[31mhigh");
    expect(err.endsWith("\r\u001b[2K")).toBe(true);
    expect((await run([trail], { progress: false }, true)).err).toBe("");
  });
});

describe("exit codes", () => {
  test.each<[string, string[], Partial<ReplayCommandOptions>, number]>([
    ["all is well", [trail], {}, 0],
    ["a damaged file", [trail, cut], {}, 1],
    ["no such file", [join(folder, "absent")], {}, 1],
    ["a rejected policy", [trail], { policies: [good, listed] }, 3],
    ["a rejected policy that is allowed", [trail], { policies: [good, listed], allowRejected: true }, 0],
    ["policies that do not exist", [trail], { policies: [join(folder, "absent")] }, 3],
  ])("%s", async (_, paths, options, code) => {
    expect((await run(paths, options)).code).toBe(code);
  });

  test("interrupted", async () => {
    const { code, out } = await run([trail], {}, false, AbortSignal.abort());
    expect(out).toContain("Interrupted");
    expect(code).toBe(130);
  });
});

test("the shipped policies are the default", async () => {
  const { terminal, written } = fakeTerminal({});
  await replay([trail], { format: "json", config: emptyConfig, allowRejected: true }, terminal);
  const { policies } = JSON.parse((await written()).out);
  expect(policies.map(({ name }: { name: string }) => name)).toContain("ivs-channel-created-without-mfa");
});

test.each([
  [
    { files: 12, filesDone: 3, bytes: 25e6, totalBytes: 100e6, records: 1000, matches: 2 },
    2,
    "[#####               ]  25%  3/12 files  13 MB/s  500 records/s  2 matches  0:06 left",
  ],
  [
    { files: 1, filesDone: 0, bytes: 1e6, totalBytes: 0, records: 10, matches: 0 },
    1,
    "0/1 files  1 MB/s  10 records/s  0 matches",
  ],
])("progress %#", (progress, seconds, line) => {
  expect(progressLine(progress, seconds)).toBe(line);
});
