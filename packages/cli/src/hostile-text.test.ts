import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./program.ts";
import { fakeTerminal } from "./testing/terminal.ts";

/** Escape, C1, delete, line feed, bidirectional, zero width, separator, tag and variation: what a terminal acts on or hides. */
const evil = "\u001b]0;owned\u0007\u009b31m\u007f\nNo errors.\u202e\u2066\u200b\u2028\u{e0041}\ufe0f";
const unseen = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const folder = mkdtempSync(join(tmpdir(), "streamwarden-hostile-"));
const sub = join(folder, evil);
function put(name: string, text: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof text === "string" ? text : JSON.stringify(text));
  return path;
}
/** JSON is YAML, and quotes everything. */
function rule(change: object = {}): object {
  return {
    title: `Title ${evil}`,
    name: "hostile",
    id: "11111111-1111-4111-8111-111111111111",
    description: evil,
    logsource: { product: "aws", service: "cloudtrail" },
    detection: {
      [`selection${evil}`]: { "eventName|contains": ["Create", evil], [`field${evil}`]: null },
      condition: "1 of selection*",
    },
    level: "high",
    falsepositives: [evil],
    ...change,
  };
}
function record(change: object = {}): object {
  return {
    eventVersion: "1.08",
    eventID: `id${evil}`,
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    awsRegion: evil,
    sourceIPAddress: evil,
    userAgent: evil,
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::111111111111:user/${evil}`, userName: evil },
    requestParameters: { name: evil, [evil]: evil },
    recipientAccountId: "111111111111",
    ...change,
  };
}

mkdirSync(sub);
const plain = put("plain.yml", rule());
const inSub = put(join(evil, `${evil}.yml`), rule());
const correlation = put(
  "burst.yml",
  [
    JSON.stringify(rule()),
    JSON.stringify({
      title: `Burst ${evil}`,
      name: "burst",
      correlation: {
        type: "event_count",
        rules: ["hostile"],
        "group-by": ["userAgent"],
        timespan: "10m",
        condition: { gte: 2 },
      },
      level: "high",
    }),
  ].join("\n---\n"),
);
const broken = [
  put("modifier.yml", rule({ detection: { s: { [`eventName|${evil}`]: "x" }, condition: "s" } })),
  put("condition.yml", rule({ detection: { s: { eventName: "x" }, condition: evil } })),
  put("identifier.yml", rule({ detection: { s: { eventName: "x" }, condition: `s and "${evil}"` } })),
  put("level.yml", rule({ level: evil, status: evil, id: evil })),
  put("regex.yml", rule({ detection: { s: { "eventName|re": `(${evil}` }, condition: "s" } })),
  put("cidr.yml", rule({ detection: { s: { "sourceIPAddress|cidr": evil }, condition: "s" } })),
  put("list.yml", rule({ detection: { s: { "eventName|expand": `%${evil}%` }, condition: "s" } })),
  put("key.yml", rule({ [evil]: evil, custom_attributes: { [`streamwarden.${evil}`]: evil } })),
  put("syntax.yml", `title: [${evil}\n`),
  put("alias.yml", `title: *${evil}\n`),
  inSub,
  join(folder, `absent${evil}`),
];
const records = put("records.json", {
  Records: [record(), record({ eventName: evil }), record({ eventTime: evil })],
});
const inSubRecords = put(join(evil, "records.ndjson"), `${JSON.stringify(record())}\n{"${evil}`);
const notJson = put(join(evil, "not.json"), `{"a": ${evil}}`);
const noRecord = put("no-record.json", { [evil]: evil });
function config(name: string, text: object): string {
  return put(name, JSON.stringify(text));
}
const configs = {
  good: config("good-config.yml", {
    policies: {
      pack: false,
      paths: ["plain.yml"],
      disabled: [{ policy: evil, owner: evil, reason: evil }],
    },
  }),
  disabled: config("disabled-config.yml", {
    policies: {
      pack: false,
      paths: ["plain.yml"],
      disabled: [{ policy: "hostile", owner: evil, reason: evil }],
    },
  }),
  unknownKey: config("key-config.yml", { [evil]: 1, policies: { [evil]: 2 } }),
  wrongValue: config("value-config.yml", {
    alerts: { email: [evil] },
    policies: { paths: [evil] },
    lists: evil,
  }),
  syntax: put("syntax-config.yml", `policies: [*${evil}`),
  elsewhere: join(sub, "none.yml"),
  seeded: config("seed-config.yml", { policies: { pack: false, paths: ["first-seen.yml"] } }),
  tests: config("tests-config.yml", { policies: { pack: false, paths: ["tested.yml", "tested.test.yml"] } }),
};
put(
  "first-seen.yml",
  rule({
    custom_attributes: { "streamwarden.first_seen": { of: ["userAgent"], within: "1h", learn: "1h" } },
  }),
);
put("tested.yml", rule({ name: "tested" }));
put("tested.test.yml", {
  tests: [
    {
      name: `first ${evil}`,
      extends: "documentation-create-channel",
      expect: "match",
      set: { userAgent: evil },
    },
    {
      name: `second ${evil}`,
      extends: "documentation-create-channel",
      expect: "no-match",
      set: { eventName: evil },
    },
    { name: `fourth ${evil}`, extends: "documentation-create-channel", expect: "no-match" },
  ],
});

/** An AWS whose every answer is an error that an attacker words. */
let aws: Server;
let endpoint: string;
beforeAll(async () => {
  aws = createServer((_, response) => {
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ __type: `Evil${evil}`, message: evil }));
  });
  await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
});
afterAll(() => {
  aws.close();
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], isTTY = false) {
  const { streams, written } = fakeTerminal({ isTTY });
  const env = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_ENDPOINT_URL: endpoint,
    STREAMWARDEN_STATE_TABLE: `table${evil}`,
  };
  const code = await runCli(args, streams, { env, defaultConfig: configs.good });
  return { code, ...(await written()) };
}

function formats(...args: string[]): string[][] {
  return [args, [...args, "--format", "json"]];
}
const commands: string[][] = [
  ...formats("check"),
  ...Object.values(configs).flatMap((path) => formats("check", "--config", path)),
  ...formats("check", "--policies", plain, correlation, ...broken),
  ...Object.values(configs).flatMap((path) => formats("test", "--config", path)),
  ["test", "--verbose", "--config", configs.tests],
  ...formats("explain", "hostile", records, "--policies", plain),
  ...formats("explain", "burst", records, "--policies", correlation),
  ["explain", evil, records, "--policies", plain, ...broken],
  ["explain", "hostile", records, "--policies", plain, "--event", evil],
  ["explain", "hostile", inSubRecords, "--policies", inSub],
  ["explain", "hostile", notJson, "--policies", plain],
  ["explain", "hostile", join(sub, "absent"), "--policies", plain],
  ...formats(
    "replay",
    records,
    inSubRecords,
    notJson,
    noRecord,
    sub,
    "--policies",
    plain,
    correlation,
    ...broken,
  ),
  ["replay", records, inSubRecords, "--policies", inSub, "--format", "ndjson"],
  ["replay", records, "--policies", join(sub, "absent")],
  ...formats("seed", records),
  ...formats("seed", records, "--config", configs.seeded),
  ["seed", records, "--before", evil],
  ["seed", records, "--config", configs.wrongValue],
  ["send", records, inSubRecords, notJson, noRecord, join(sub, "absent")],
  ["send", records, "--endpoint", `http://${evil}`],
  ...["email", "slack", "ocsf", "amazon-q"].map((medium) => [
    "alert",
    "preview",
    "tested",
    "--as",
    medium,
    "--config",
    configs.tests,
  ]),
  ["alert", "preview", evil],
  ["alert", "preview", "hostile", "--config", configs.syntax],
  ["up", "--port", "0", "--config", configs.unknownKey],
  ["up", "--port", evil],
  [evil],
  [`--${evil}`],
  ["replay", "--format", evil],
];

/** Outputs that quote the text, so that the test looks at something. */
let shown = 0;

describe("no text steers the terminal, hides or fakes a line", () => {
  test.each(commands.map((args, index) => [index, args] as const))("%i: %j", async (_, args) => {
    const { out, err } = await run(args);
    expect(out + err).not.toBe("");
    expect(err).not.toContain("This is a defect");
    if (`${out}${err}`.includes("\\u202e")) shown += 1;
    expect(out).not.toMatch(unseen);
    expect(err).not.toMatch(unseen);
    expect(`${out}${err}`).not.toMatch(/^No errors\.\\u202e/m);
    if (args.includes("json") && out !== "") JSON.parse(out);
  });

  test("and nearly all of these outputs quote it", () => {
    expect(shown).toBeGreaterThan(commands.length * 0.6);
  });

  test("on a terminal, where there is colour, as well", async () => {
    const { out } = await run(["check", "--policies", plain, ...broken], true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own styles
    expect(out.replaceAll(/\u001b\[\d+m/g, "")).not.toMatch(unseen);
  });
});

test("nothing but Output writes to the terminal", () => {
  const sources = globSync("**/*.ts", { cwd: import.meta.dirname }).filter(
    (path) => !/\.test\.ts$|^testing\/|^ui\/(output|terminal)\.ts$/.test(path),
  );
  expect(sources.length).toBeGreaterThan(20);
  const writers = sources.filter((path) =>
    /\bconsole\.|\b(stdout|stderr)\.|\bwriteSync\b/.test(
      readFileSync(join(import.meta.dirname, path), "utf8"),
    ),
  );
  expect(writers).toEqual([]);
});
