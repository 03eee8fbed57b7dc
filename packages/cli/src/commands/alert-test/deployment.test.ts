import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fakeTerminal } from "../../testing/terminal.ts";
import { type DeploymentOptions, findDeployment } from "./deployment.ts";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";
const folder = mkdtempSync(join(tmpdir(), "deployment-"));
afterAll(() => rmSync(folder, { recursive: true }));

function find(
  outputs: string | undefined,
  options: DeploymentOptions = {},
  env: Record<string, string> = {},
) {
  const project = mkdtempSync(join(folder, "project-"));
  if (outputs !== undefined) {
    mkdirSync(join(project, ".sst"));
    writeFileSync(join(project, ".sst", "outputs.json"), outputs);
  }
  return findDeployment(options, join(project, "streamwarden.yml"), fakeTerminal({ env }).terminal);
}

const outputs = JSON.stringify({ topicArn, stateTable: "from-sst", queueUrl: "x" });
const named = { STREAMWARDEN_TOPIC_ARN: topicArn, STREAMWARDEN_STATE_TABLE: "from-env" };

test.each([
  [
    "the outputs of the last deployment",
    () => find(outputs),
    { stateTable: "from-sst", region: "eu-west-1" },
  ],
  [
    "the environment before them",
    () => find(outputs, {}, named),
    { stateTable: "from-env", source: "as named" },
  ],
  [
    "options before the environment",
    () => find(outputs, { table: "given" }, named),
    { stateTable: "given", topicArn },
  ],
])("topic and table come from %s", async (_, found, expected) => {
  expect(await found()).toMatchObject(expected);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    "a topic without a table",
    () => find(outputs, { topic: topicArn }),
    /--table, or set STREAMWARDEN_STATE_TABLE/,
  ],
  [
    "a table without a topic",
    () => find(undefined, { table: "t" }),
    /--topic, or set STREAMWARDEN_TOPIC_ARN/,
  ],
  [
    "no ARN of a topic",
    () => find(undefined, { topic: "alerts", table: "t" }),
    /"alerts" is not the ARN of an SNS topic/,
  ],
  ["outputs that are no JSON", () => find("{"), /cannot be read as JSON/],
  ["outputs of something else", () => find("{}"), /holds no topicArn and stateTable: deploy again/],
  [
    "a local AWS that is not there",
    () => find(undefined, { endpoint: "http://127.0.0.1:1" }),
    /no local AWS answers at http:\/\/127\.0\.0\.1:1: start/,
  ],
])("%s is one sentence that says what to do", async (_, found, message) => {
  await expect(found()).rejects.toMatchObject({ name: "CliError", message: expect.stringMatching(message) });
});
