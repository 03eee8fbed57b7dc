import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-explain-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const sample = join(import.meta.dirname, "../../samples/cloudtrail-CreateChannel.aws-doc.json");
function rule(title: string, more = ""): string {
  return `title: ${title}
logsource: { product: aws, service: cloudtrail }
detection:
  create: { eventName: CreateChannel }
  condition: create
level: low
${more}`;
}
/** In a folder without a configuration, as somebody who only writes a rule. */
function explain(...args: string[]) {
  return run(["explain", ...args], { cwd: folder });
}

describe("streamwarden explain --policies", () => {
  test("needs no configuration, and knows a rule by what stands in for its name", async () => {
    const rules = file("plain.yml", rule("My Rule"));
    const { code, stdout, stderr } = await explain("my-rule", sample, "--policies", rules);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("eventName");
    expect(stdout).toMatch(/One incident per recipientAccountId .*; alerts at once, repeats merge\.\n/);
  });

  test.each([
    ["a record a line", (text: string) => Buffer.from(`${text}\r\n\n${text}\n`)],
    ["the same, packed", (text: string) => gzipSync(`${text}\n${text}`)],
  ])("reads %s", async (_name, contentOf) => {
    const rules = file("lines.yml", rule("Lines"));
    const path = join(folder, "lines.ndjson");
    writeFileSync(path, contentOf(JSON.stringify(JSON.parse(readFileSync(sample, "utf8")))));
    const { code, stdout, stderr } = await explain("lines", path, "--policies", rules);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("2 matches in 2 records.");
  });

  test("says why a rule is not among those that it can explain", async () => {
    const windows = rule("Other", "name: other\n").replace(
      "product: aws, service: cloudtrail",
      "product: windows",
    );
    const broken = file("broken.yml", "title: [\n");
    const rules = file(
      "several.yml",
      [rule("First", "id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n"), windows].join("---\n"),
    );
    const elsewhere = await explain("other", sample, "--policies", rules);
    expect(elsewhere.stderr).toBe(
      `error "Other" is about other logs than CloudTrail's, so it is never evaluated. [cli-input]\n`,
    );
    const byTitle = await explain("first", sample, "--policies", rules);
    expect(byTitle.stderr).toContain("Did you mean 929a690e-bef0-4204-a928-ef5e620d6fcc?");
    const unknown = await explain("nothing-like-it", sample, "--policies", rules);
    expect(unknown.stderr).toContain("The files hold 929a690e-bef0-4204-a928-ef5e620d6fcc (First).");
    const rejected = await explain("first", sample, "--policies", broken);
    expect(rejected.stderr).toMatch(
      /can be used\. \[cli-input\]\nRejected.*\n.*broken\.yml:2:1 .*\[yaml-syntax\]\n$/,
    );
    expect(rejected.code).toBe(3);
  });

  test("names line and column where a file is damaged", async () => {
    const rules = file("lines.yml", rule("Lines"));
    const path = file("bad.ndjson", `${JSON.stringify(JSON.parse(readFileSync(sample, "utf8")))}\n{"a":\n`);
    const { code, stderr } = await explain("lines", path, "--policies", rules);
    expect(code).toBe(1);
    expect(stderr).toContain("bad.ndjson:2:1: The file ends inside a value: its end is missing.");
  });

  test("takes placeholders from a configuration that is named", async () => {
    const rules = file(
      "region.yml",
      rule("Region", "").replace("eventName: CreateChannel", "awsRegion|expand: '%ApprovedRegions%'"),
    );
    const config = file("lists.yml", "lists: { ApprovedRegions: [us-west-2] }\n");
    expect((await explain("region", sample, "--policies", rules, "--config", config)).code).toBe(0);
    const without = await explain("region", sample, "--policies", rules);
    expect(without.stderr).toContain(
      "Fill lists.ApprovedRegions in a configuration, and name it with --config.",
    );
    expect(without.code).toBe(1);
  });

  test("as JSON it has the same shape as for a configured policy", async () => {
    file("shape.yml", rule("Shape", "name: shape"));
    const config = file("streamwarden-shape.yml", "policies: { pack: false, paths: [shape.yml] }\n");
    const own = await explain("shape", sample, "--policies", "shape.yml", "--format", "json");
    const configured = await explain("shape", sample, "--config", config, "--format", "json");
    expect(JSON.parse(own.stdout)).toEqual(JSON.parse(configured.stdout));
    expect(Object.keys(JSON.parse(own.stdout))).toEqual(["policy", "stage", "records"]);
    expect(Object.keys(JSON.parse(own.stdout).records[0])).toEqual([
      "eventID",
      "eventTime",
      "operation",
      "actor",
      "explanation",
      "group",
    ]);
  });

  test("an unknown name is a sentence that says which names there are", async () => {
    const rules = file("names.yml", `${rule("One", "name: one-rule\n")}---\n${rule("Two")}`);
    const { code, stderr } = await explain("xyz", sample, "--policies", rules);
    expect(stderr).toMatch(
      /There is no policy with the name or id xyz\. The files hold one-rule \(One\), two \(Two\)\. \[cli-input\]/,
    );
    expect(code).toBe(1);
    expect((await explain("one-rul", sample, "--policies", rules)).stderr).toContain(
      "Did you mean one-rule?",
    );
  });

  test("a policy that is rejected says why", async () => {
    const rules = file("refused.yml", rule("Refused", "custom_attributes:\n  streamwarden.first_seen: {}\n"));
    const { code, stderr } = await explain("refused", sample, "--policies", rules);
    expect(stderr).toMatch(/refused\.yml:8:3 .*first_seen\.of.* \[invalid-attribute-value\]/);
    expect(code).toBe(3);
  });
});

describe("a policy on first sightings", () => {
  const attributes = (stage: string): string =>
    `name: new\ncustom_attributes:\n  streamwarden.first_seen: { of: [actor.id], by: [awsRegion], within: 14d, learn: 36h }\n${stage}`;

  test("what happens then is told, and not that it alerts at once", async () => {
    const rules = file("new.yml", rule("New", attributes("")));
    const { stdout } = await explain("new", sample, "--policies", rules);
    expect(stdout).not.toContain("alerts at once");
    expect(stdout).toContain("decided over time");
    expect(stdout).toMatch(
      /it alerts if actor\.id arn:\S+ was not seen for recipientAccountId \S+, awsRegion us-west-2 in the 14d before, 15m after the call/,
    );
    expect(stdout).toContain(
      "In the first 36h after the first match for recipientAccountId, awsRegion it only learns.",
    );
  });

  test("in dry-run it alerts nobody", async () => {
    const rules = file("dry.yml", rule("Dry", attributes("  streamwarden.stage: dry-run\n")));
    expect((await explain("new", sample, "--policies", rules)).stdout).toContain(
      "it is counted (dry-run: alerts nobody) if",
    );
  });

  test("the JSON says how it counts and what each record is a sighting of", async () => {
    const rules = file("json.yml", rule("New", attributes("")));
    const { stdout } = await explain("new", sample, "--policies", rules, "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      policy: "new",
      firstSeen: {
        of: ["actor.id"],
        by: ["recipientAccountId", "awsRegion"],
        withinSeconds: 1_209_600,
        learnSeconds: 129_600,
      },
      records: [
        {
          sighting: {
            of: [{ field: "actor.id" }],
            by: [{ field: "recipientAccountId" }, { value: "us-west-2" }],
          },
        },
      ],
    });
  });
});

describe("secrets of a record", () => {
  const key = "sk_us-west-2_abcdABCDefgh_567890abcdef";
  const record = {
    ...(JSON.parse(readFileSync(sample, "utf8")) as object),
    userAgent: key,
    clientToken: key,
  };
  const secret = file(
    "secret.json",
    JSON.stringify({ ...record, responseElements: { streamKey: { value: "hidden by its name" } } }),
  );
  const rules = file(
    "secrets.yml",
    rule("Secrets", "").replace(
      "eventName: CreateChannel",
      "userAgent: x, 'clientToken|contains': y, responseElements.streamKey.value: z",
    ),
  );

  test.each(["text", "json"])("are not shown, as %s", async (format) => {
    const { stdout, code } = await explain("secrets", secret, "--policies", rules, "--format", format);
    expect(code).toBe(0);
    expect(stdout).toContain("[redacted]");
    expect(stdout).not.toContain(key);
    expect(stdout).not.toContain("hidden by its name");
  });
});

describe("a correlation", () => {
  const correlation = (name: string, body: string): string =>
    `---\ntitle: Burst\nname: ${name}\nlevel: high\ncorrelation: { timespan: 5m, ${body} }\n`;
  const rules = file(
    "burst.yml",
    [
      rule("Created", "name: created\n"),
      correlation(
        "burst",
        "type: event_count, rules: [created], group-by: [awsRegion], condition: { gte: 3 }",
      ),
      correlation(
        "never",
        "type: event_count, rules: [created], group-by: [awsRegion], condition: { gte: 9 }",
      ),
      correlation(
        "waits",
        "type: event_count, rules: [created], group-by: [awsRegion], condition: { lte: 9 }",
      ),
      correlation("above", "type: event_count, rules: [waits], condition: { gte: 2 }"),
    ].join(""),
  );
  const base = JSON.parse(readFileSync(sample, "utf8")) as object;
  const records = [0, 1, 2, 3, 60].map((minute) =>
    JSON.stringify({
      ...base,
      eventID: `e${minute}`,
      eventTime: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
    }),
  );
  const forward = file("forward.ndjson", records.join("\n"));
  const backward = file("backward.ndjson", records.toReversed().join("\n"));

  test.each([
    ["burst", /fires for .*to 2026-01-01T00:03:00.*holds {4}4.*fired {4}at 2 events, from 2026-01-01T00:02/s],
    ["never", /does not fire for .*holds {4}1\n {2}missing {2}8\n/s],
    ["above", /fires for everything.*holds {4}4.*waits:e0/s],
  ])("%s: the window that fired, whatever the order of the records", async (name, expected) => {
    const { stdout, code } = await explain(name, forward, "--policies", rules);
    expect(stdout).toMatch(expected);
    expect(code).toBe(0);
    expect((await explain(name, backward, "--policies", rules)).stdout).toBe(stdout);
  });

  test("the window of the event that is asked for", async () => {
    const { stdout } = await explain("burst", forward, "--policies", rules, "--event", "e1");
    expect(stdout).toMatch(/does not fire for .*holds {4}2\n {2}missing {2}1\n/s);
  });
});
