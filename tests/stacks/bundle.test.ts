import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ocsf, visibleJson } from "@streamwarden/alerting";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newAlert } from "../../packages/alerting/src/testing/sample-alerts.ts";
import { all, type Graph, root, synth, types } from "./graph.ts";
import { unzip } from "./unzip.ts";

let folder: string;
let task: string;
let files: string[];
let graph: Graph;
let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
  folder = await mkdtemp(join(tmpdir(), "streamwarden-bundle-"));
  task = join(folder, "task");
  await synth("--stage", "test", "--work", folder, "--out", join(folder, "graph.json"));
  graph = JSON.parse(readFileSync(join(folder, "graph.json"), "utf8")) as Graph;
  files = unzip(join(folder, "artifacts/Consumer/code.zip"), task);
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

test("the consumer's archive carries its bundle, the configuration and every policy", () => {
  const pack = readdirSync(join(root, "packages/policies/rules"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  expect(pack.length).toBeGreaterThan(0);
  expect(files).toEqual(
    expect.arrayContaining(["bundle.mjs", "streamwarden.yml", "own-policies/channel-deleted.yml", ...pack]),
  );
});

test("the archive alone, as Lambda unpacks it, turns a record into an email and quarantines what it cannot read", async () => {
  await subscribeAsDeployed();
  const record = readFileSync(join(root, "samples/cloudtrail-CreateChannel.aws-doc.json"), "utf8");

  const { response, log } = await invoke(task, [record, "not JSON"]);

  expect(response).toEqual({ batchItemFailures: [] });
  await aws.settled();
  expect(aws.mailbox.mails.map(({ to, subject }) => ({ to, subject }))).toEqual([
    { to: "oncall@example.com", subject: expect.stringContaining("without MFA") },
    { to: "security@example.com", subject: expect.stringContaining("without MFA") },
  ]);
  expect(log).toContain('"reason":"not-json"');
});

test("a notifier's archive alone starts with its environment, and rejects a secret that is no Slack address", async () => {
  const notifier = join(folder, "notifier");
  unzip(join(folder, "artifacts/ToOnCallNotifier/code.zip"), notifier);
  const finding = visibleJson(ocsf(newAlert));
  const { response, log } = await invoke(notifier, [finding], {
    STREAMWARDEN_DESTINATION: "on-call",
    STREAMWARDEN_SLACK_WEBHOOK_URL: "<secret SlackWebhookUrl>",
  });
  expect(response).toEqual({ batchItemFailures: [] });
  expect(log).toContain('"reason":"publish-target-refused"');
});

/** Subscribes with the protocol, address and filter of the resource graph. */
async function subscribeAsDeployed(): Promise<void> {
  const byAddress = all(graph, types.subscription)
    .filter(({ inputs }) => inputs.protocol === "email")
    .toSorted((a, b) => (String(a.inputs.endpoint) < String(b.inputs.endpoint) ? -1 : 1));
  for (const { inputs } of byAddress) {
    const response = await fetch(aws.endpoints.sns, {
      method: "POST",
      body: new URLSearchParams({
        Action: "Subscribe",
        TopicArn: aws.resources.topicArn,
        Protocol: String(inputs.protocol),
        Endpoint: String(inputs.endpoint),
        "Attributes.entry.1.key": "FilterPolicy",
        "Attributes.entry.1.value": String(inputs.filterPolicy),
        "Attributes.entry.2.key": "FilterPolicyScope",
        "Attributes.entry.2.value": String(inputs.filterPolicyScope),
      }),
    });
    expect(response.status).toBe(200);
  }
}

/** Calls the handler in a process of its own, whose folder is the unpacked archive. */
async function invoke(
  archive: string,
  bodies: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ response: unknown; log: string }> {
  const attributes = { ApproximateReceiveCount: "1" };
  const event = {
    Records: bodies.map((body, index) => ({ messageId: `message-${index}`, body, attributes })),
  };
  const program = `
    const { handler } = await import("./bundle.mjs");
    const response = await handler(JSON.parse(process.env.EVENT), { getRemainingTimeInMillis: () => 120_000 });
    process.stdout.write("\\n" + JSON.stringify(response), () => process.exit());
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: archive,
    timeout: 60_000,
    env: {
      ...aws.environment,
      STREAMWARDEN_CONFIG: join(archive, "streamwarden.yml"),
      ...environment,
      EVENT: JSON.stringify(event),
    },
  });
  const lines = stdout.split("\n");
  return { response: JSON.parse(lines.pop() ?? ""), log: lines.join("\n") };
}
