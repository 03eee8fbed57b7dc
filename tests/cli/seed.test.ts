import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { loadConfig } from "@streamwarden/config";
import {
  createDetector,
  createPipeline,
  DynamoDbStateStore,
  type Timer,
  timerBody,
} from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { loadPolicies } from "@streamwarden/policies";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, run, start } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-seed-"));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
file(
  "new.yml",
  `title: New principal
name: new-principal
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }
  condition: call
level: medium
custom_attributes:
  streamwarden.first_seen: { of: [actor.id], within: 30d, learn: 7d }
`,
);
const config = file("streamwarden.yml", "policies: { pack: false, paths: [new.yml] }\n");

const day = 86_400_000;
const now = Date.now();

/** A call so many days from now. */
function call(id: string, days: number, user: string): object {
  return {
    eventVersion: "1.11",
    eventID: id,
    eventTime: `${new Date(now + days * day).toISOString().slice(0, 19)}Z`,
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::111111111111:user/${user}` },
    recipientAccountId: "111111111111",
  };
}
function trail(name: string, ...calls: object[]): string {
  return file(name, JSON.stringify({ Records: calls }));
}
const users = Array.from({ length: 40 }, (_unused, index) => `user-${index}`);
const history = trail(
  "history.json",
  call("a1", -20, "alice"),
  call("a2", -1, "alice"),
  call("b", -2, "bob"),
  call("old", -300, "long-gone"),
  call("young", 1, "young"),
);
const crowd = trail("crowd.json", ...users.map((user, index) => call(`c${index}`, -10 - index / 100, user)));

let aws: LocalAws;
let client: DynamoDBClient;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

/** A world of its own for a test, because what is kept of a policy has one key. */
async function fresh(): Promise<void> {
  await aws?.close();
  client?.destroy();
  aws = await startLocalAws();
  client = new DynamoDBClient({
    endpoint: aws.endpoints.dynamodb,
    region: aws.region,
    credentials: aws.credentials,
  });
}
function seed(...args: string[]): Promise<Finished> {
  return run(["seed", "--config", config, ...args], { env: { ...aws.environment } });
}
function kept(prefix = "first-seen"): Promise<unknown[]> {
  return new DynamoDbStateStore({ client, tableName: aws.resources.stateTable }).list(prefix);
}

/** The production pipeline over the table, with a clock of its own. */
function pipeline() {
  const time = { now };
  const clock = { now: () => time.now };
  const told: string[] = [];
  let timers: Timer[] = [];
  const loaded = loadPolicies("configured", loadConfig(config));
  expect(loaded.problems).toEqual([]);
  const created = createPipeline({
    detector: createDetector(loaded),
    store: new DynamoDbStateStore({ client, tableName: aws.resources.stateTable, clock }),
    clock,
    publisher: {
      publish: async (alert) => void told.push(alert.record.eventId),
      publishDigest: async () => undefined,
    },
    quarantine: () => Promise.reject(new Error("nothing here is unreadable")),
    scheduleTimer: async (timer) => void timers.push(timer),
  });
  const process = async (...bodies: string[]): Promise<void> => {
    const messages = bodies.map((body, index) => ({ id: `${index}`, body, receivedAt: time.now }));
    const { outcomes } = await created.process(messages);
    expect(outcomes.filter(({ outcome }) => outcome !== "processed")).toEqual([]);
  };
  return {
    told,
    async deliver(days: number, ...calls: object[]): Promise<void> {
      time.now = now + days * day;
      await process(...calls.map((one) => JSON.stringify(one)));
    },
    async wake(days: number): Promise<void> {
      time.now = now + days * day;
      const due = timers.filter(({ at, kind }) => at <= time.now && kind === "first-seen");
      timers = timers.filter((timer) => !due.includes(timer));
      await process(...due.map(timerBody));
    },
  };
}

describe("streamwarden seed", () => {
  test("after it a known principal does not alert, and an unknown one does without any learning", async () => {
    await fresh();
    const { code, stdout, stderr } = await seed(history);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/POLICY +TERMS +GROUPS +RECORDS +EARLIEST +LEARNING\n/);
    const earliest = new Date(now - 300 * day).toISOString().slice(0, 10);
    expect(stdout).toMatch(new RegExp(`\\nnew-principal +2 +1 +5 +${earliest} +over\\n`));
    expect(stdout).toContain("1 term of long ago would be forgotten at once and is left out.");
    expect(stdout).toMatch(/1 term first seen since \S+Z is left to the consumers\./);
    expect(stdout).toContain(
      `Wrote 3 documents to ${aws.resources.stateTable} (3 new, 0 changed; 0 as they were).`,
    );
    const p = pipeline();
    await p.deliver(0.1, call("known", 0.1, "alice"), call("unknown", 0.1, "mallory"));
    await p.wake(1);
    expect(p.told).toEqual(["unknown"]);
  });

  test("without it nothing is told while the policy learns", async () => {
    await fresh();
    const p = pipeline();
    await p.deliver(0.1, call("known", 0.1, "alice"), call("unknown", 0.1, "mallory"));
    await p.wake(1);
    expect(p.told).toEqual([]);
  });

  test("a second run changes nothing, and the parts of a history may come one by one", async () => {
    await fresh();
    await seed(history, crowd);
    const whole = await kept();
    expect((await seed(history, crowd)).stdout).toMatch(
      /Wrote 0 documents .* \(0 new, 0 changed; 43 as they were\)/,
    );
    expect(await kept()).toEqual(whole);
    await fresh();
    await seed(crowd);
    const { stdout } = await seed(history);
    expect(stdout).toContain("(2 new, 1 changed; 0 as they were)");
    expect(await kept()).toEqual(whole);
  });

  test("--dry-run says what would be written and writes nothing", async () => {
    await fresh();
    const { code, stdout } = await seed(history, "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("Dry run: would write 3 documents");
    expect(await kept("")).toEqual([]);
  });

  test("what waits to be told by running consumers is still told, unless history has an earlier record", async () => {
    await fresh();
    const p = pipeline();
    const waits = call("waits", -0.02, "mallory");
    const known = call("known", -0.02, "alice");
    await p.deliver(-0.02, waits, known);
    const { code } = await seed(history, trail("same.json", waits, known));
    expect(code).toBe(0);
    await p.wake(0);
    expect(p.told).toEqual(["waits"]);
  });

  test("--before leaves later records to the consumers", async () => {
    await fresh();
    const before = `${new Date(now - 1.5 * day).toISOString().slice(0, 19)}Z`;
    const backlog = trail("backlog.json", call("queued", -1, "mallory"), call("a3", -1, "alice"));
    await seed(history, backlog, "--before", before);
    const p = pipeline();
    await p.deliver(0, call("queued", -1, "mallory"), call("a3", -1, "alice"));
    await p.wake(0.1);
    expect(p.told).toEqual(["queued"]);
  });

  test("as JSON it is one object and nothing else", async () => {
    await fresh();
    const { stdout } = await seed(history, "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      table: aws.resources.stateTable,
      dryRun: false,
      records: 5,
      policies: [
        {
          name: "new-principal",
          terms: 2,
          groups: 1,
          records: 5,
          learning: { over: 1, until: null },
          forgotten: 1,
          leftToConsumers: 1,
          documents: { new: 3, changed: 0, unchanged: 0, left: 0 },
        },
      ],
      interrupted: false,
    });
  });

  test("a short history says until when the policy learns", async () => {
    await fresh();
    const { stdout } = await seed(trail("short.json", call("a", -2, "alice")));
    const until = new Date(now + 5 * day).toISOString().slice(0, 10);
    expect(stdout).toMatch(new RegExp(`new-principal .* until ${until}T\\d\\d:\\d\\dZ\\n`));
  });
});

describe("nothing is left half done", () => {
  test("a table that fails in the middle is a sentence, and a second run completes it", async () => {
    await fresh();
    await seed(history, crowd);
    const whole = await kept();
    await fresh();
    const fault = { service: "dynamodb", operation: "PutItem", kind: "access-denied", after: 10 } as const;
    const id = aws.faults.add(fault);
    const { code, stdout, stderr } = await seed(history, crowd);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error The state table .* What was written stays and is valid; the same command completes it\. \[cli-table\]\n$/,
    );
    // Nobody may be told of a principal that is not written yet: the learning period ends last.
    expect(await kept("first-seen-learning")).toEqual([]);
    aws.faults.remove(id);
    expect((await seed(history, crowd)).code).toBe(0);
    expect(await kept()).toEqual(whole);
  });

  test("so is Ctrl-C", async () => {
    await fresh();
    aws.faults.add({ service: "dynamodb", operation: "PutItem", kind: "delay", delayMilliseconds: 400 });
    const running = start(["seed", "--config", config, crowd], { env: { ...aws.environment } });
    while ((await kept()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill("SIGINT");
    const { code, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(stdout).toMatch(
      /Interrupted\. Wrote \d+ documents .* \d+ documents are missing\. The same command completes it\./,
    );
    const part = await kept();
    expect(part.length).toBeLessThan(users.length);
    aws.faults.clear();
    expect((await seed(crowd)).stdout).toContain(
      `(${users.length + 1 - part.length} new, 0 changed; ${part.length} as they were)`,
    );
  });
});

describe("what is wrong is a sentence and an exit code", () => {
  const refused = file("refused.yml", "policies: { pack: false, paths: [bad.yml] }\n");
  file(
    "bad.yml",
    "title: Bad\nlogsource: {product: aws}\ndetection: {a: {b|x: c}, condition: a}\nlevel: low\n",
  );
  const plain = file("plain.yml", "policies: { pack: false }\n");
  const noTable = { AWS_REGION: "us-east-1" };

  test.each<[string, string[], Record<string, string> | undefined, number, RegExp]>([
    [
      "no table named",
      [history],
      noTable,
      2,
      /^error The state table is not named: give --table, .*\[cli-usage\]\n$/,
    ],
    ["no region", [history, "-t", "x"], {}, 2, /^error AWS_REGION is missing: .*\[cli-usage\]\n$/],
    [
      "no such table",
      [history, "-t", "nowhere"],
      undefined,
      1,
      /^error The state table nowhere does not exist: .*Nothing was written\. \[cli-table\]\n$/,
    ],
    [
      "a wrong time",
      [history, "--before", "yesterday"],
      undefined,
      2,
      /^error --before is "yesterday": .*\[cli-usage\]\n$/,
    ],
    [
      "a time that is too late",
      [history, "--before", "2999-01-01"],
      undefined,
      2,
      /^error --before must lie at least 15 minutes in the past/,
    ],
    ["no configuration", [history, "--config", join(folder, "none.yml")], undefined, 1, /none\.yml/],
    [
      "a policy with an error",
      [history, "--config", refused],
      undefined,
      3,
      /bad\.yml:3:\d+ .*\[unknown-modifier\]/,
    ],
  ])("%s", async (_name, args, env, code, message) => {
    const finished = await run(["seed", "--config", config, ...args], { env: env ?? { ...aws.environment } });
    expect(finished.stderr).toMatch(message);
    expect(finished).toMatchObject({ code, stdout: "" });
  });

  test("nothing answers", async () => {
    const env = {
      ...aws.environment,
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9",
    };
    const { code, stderr } = await run(["seed", history, "--config", config], { env });
    expect(stderr).toMatch(
      /^error The state table \S+ cannot be reached \(.*check AWS_REGION.*\[cli-table\]\n$/,
    );
    expect(stderr).not.toContain("queue");
    expect(code).toBe(1);
  });

  test.each<[string, string[], number, RegExp]>([
    [
      "no policy is about first sightings",
      [history, "--config", plain],
      0,
      /^No active policy alerts on first sightings/,
    ],
    [
      "no record matches",
      [trail("none.json", { ...call("x", -1, "a"), eventName: "GetChannel" })],
      0,
      /None of 1 record is a match of a first-seen policy/,
    ],
    ["no such file", [join(folder, "absent.json")], 1, /unreadable .*absent\.json: There is no such file/],
    [
      "a damaged file, and what could be read is taught",
      [file("cut.json", `{"Records":[${JSON.stringify(call("x", -1, "a"))},`)],
      1,
      /damaged .*\n.*Wrote 2 documents/,
    ],
  ])("%s", async (_name, args, code, text) => {
    await fresh();
    const finished = await run(["seed", "--config", config, ...args], { env: { ...aws.environment } });
    expect(finished.stdout).toMatch(text);
    expect(finished).toMatchObject({ code, stderr: "" });
  });
});
