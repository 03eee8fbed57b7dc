import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsumerError, createLogger, createRuntime } from "@streamwarden/consumer";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CliError } from "../errors.ts";
import { fakeTerminal } from "../testing/terminal.ts";
import type { Terminal } from "../ui/terminal.ts";
import { alertPreview } from "./alert-preview/alert-preview.ts";
import { check } from "./check/check.ts";
import { explain } from "./explain/explain.ts";
import { replay } from "./replay/replay.ts";
import { test as testPolicies } from "./test/policy-tests.ts";

const logsource = "logsource: {product: aws, service: cloudtrail}";
function rule(more = "", detection = "eventName: CreateChannel", name = "name: subject"): string {
  return `title: Subject\n${name}\n${logsource}\nlevel: high\ndetection:\n  call: {${detection}}\n  condition: call\n${more}`;
}
function attributes(...lines: string[]): string {
  return `custom_attributes: {${lines.join(", ")}}\n`;
}
function filter(more = "", selection = "userIdentity.userName: alice", rules = "[subject]"): string {
  return `title: Except alice\n${logsource}\nfilter:\n  rules: ${rules}\n  who: {${selection}}\n  condition: not who\n${more}`;
}
function whole(day: string): string {
  return attributes("streamwarden.owner: o", "streamwarden.reason: r", `streamwarden.expires: ${day}`);
}
function correlation(more = ""): string {
  return `title: Many\nname: many\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [subject]\n  timespan: 1h\n  condition: {gte: 9}\n  generate: true\n${more}`;
}
function documents(...texts: string[]): string {
  return texts.join("---\n");
}

interface Case {
  readonly text: string;
  /** Codes of the errors that everybody finds. */
  readonly errors: readonly string[];
  /** Whether the policy `subject` is true of the record, where it is evaluated. */
  readonly matches?: boolean;
}
const cases: Readonly<Record<string, Case>> = {
  "a rule": { text: rule(), errors: [], matches: true },
  "a plain Sigma filter": { text: documents(rule(), filter()), errors: [], matches: false },
  "a plain filter about others": {
    text: documents(rule(), filter("", "userIdentity.userName: bob")),
    errors: [],
    matches: true,
  },
  "a plain filter of any rule": {
    text: documents(rule(), filter("", "userIdentity.userName: alice", "any")),
    errors: [],
    matches: false,
  },
  "an exception on its last day": {
    text: documents(rule(), filter(whole("2026-01-02"))),
    errors: [],
    matches: false,
  },
  "an exception that has ended": {
    text: documents(rule(), filter(whole("2026-01-01"))),
    errors: [],
    matches: true,
  },
  "an exception without an owner": {
    text: documents(rule(), filter(attributes("streamwarden.reason: r", "streamwarden.expires: 2026-12-31"))),
    errors: ["incomplete-exception"],
    matches: true,
  },
  "an exception that expires on no day": {
    text: documents(rule(), filter(whole("2026-02-30"))),
    errors: ["invalid-attribute-value"],
    matches: true,
  },
  "a filter of a rule that is not there": {
    text: documents(rule(), filter("", "userIdentity.userName: alice", "[other]")),
    errors: ["unknown-rule"],
    matches: true,
  },
  "unnamed twins": {
    text: documents(
      rule(),
      ...["a", "b"].map((value) => rule("", `eventName: ${value}`, "").replace("Subject", "Twin")),
    ),
    errors: ["unnamed-policy", "unnamed-policy"],
    matches: true,
  },
  "a group by a secret": {
    text: rule(attributes("streamwarden.group_by: [requestParameters.passphrase]")),
    errors: ["secret-field"],
  },
  "a correlation by a secret": {
    text: documents(
      rule(),
      correlation().replace("  timespan", "  group-by: [responseElements.streamKey.value]\n  timespan"),
    ),
    errors: ["secret-field"],
    matches: true,
  },
  "an attribute that is unknown": {
    text: rule(attributes("streamwarden.windw: 1h")),
    errors: ["unknown-attribute"],
  },
  "an attribute that does not fit": {
    text: rule(attributes("streamwarden.window: soon")),
    errors: ["invalid-attribute-value"],
  },
  "a rejected rule that is counted": {
    text: documents(rule(attributes("streamwarden.window: soon")), correlation()),
    errors: ["invalid-attribute-value", "unknown-rule"],
  },
  "a counted first-seen policy": {
    text: documents(rule(attributes("streamwarden.first_seen: {of: [actor.id]}")), correlation()),
    errors: ["first-seen-counted", "unknown-rule"],
  },
  "a name that is taken": {
    text: documents(rule(), rule("", "eventName: Other")),
    errors: ["duplicate-name"],
    matches: true,
  },
  "an unknown modifier": { text: rule("", "eventName|nosuch: x"), errors: ["unknown-modifier"] },
  "an unknown list": { text: rule("", "eventName|expand: '%Nobody%'"), errors: ["unknown-placeholder"] },
  "a list that is empty": { text: rule("", "awsRegion|expand: '%ApprovedRegions%'"), errors: [] },
  "another product's rule": {
    text: documents(
      rule(),
      rule("", "Image: x", "name: windows").replace("product: aws, service: cloudtrail", "product: windows"),
    ),
    errors: [],
    matches: true,
  },
};

const root = mkdtempSync(join(tmpdir(), "one-verdict-"));
const record = {
  eventVersion: "1.08",
  eventID: "11111111-1111-4111-8111-111111111111",
  eventTime: "2026-01-02T23:59:59Z",
  eventSource: "ivs.amazonaws.com",
  eventName: "CreateChannel",
  awsRegion: "us-east-1",
  recipientAccountId: "111122223333",
  userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/alice", userName: "alice" },
};
const tests = `base: { actor: user-with-mfa, set: { userIdentity.userName: carol } }
tests:
  - { name: yes, policy: subject, set: { eventName: CreateChannel }, expect: match }
  - { name: no, policy: subject, set: { eventName: Nothing }, expect: no-match }
`;

interface Answer {
  readonly error?: Error;
  readonly json?: unknown;
}
async function ask(run: (terminal: Terminal) => Promise<number> | number): Promise<Answer> {
  const { terminal, written } = fakeTerminal({});
  try {
    await run(terminal);
  } catch (error) {
    if (error instanceof Error) return { error };
    throw error;
  }
  const text = (await written()).out;
  return text.startsWith("{") ? { json: JSON.parse(text) } : {};
}
function codesIn(problems: readonly { readonly code: string; readonly severity?: string }[]): string[] {
  return problems
    .filter(({ severity, code }) => severity !== "warning" && code !== "too-few-tests")
    .map(({ code }) => code)
    .toSorted();
}
function codesOf({ json }: Answer, key: "problems" | "rejected"): string[] {
  return codesIn(
    (json as Record<typeof key, readonly { readonly code: string; readonly severity?: string }[]>)[key],
  );
}

beforeAll(() => {
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "x");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "x");
});
afterAll(() => {
  // The files after this one run in the same process.
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

describe.each(Object.entries(cases))("%s has one verdict", (name, { text, errors, matches }) => {
  const folder = join(root, name.replaceAll(" ", "-"));
  const at = (file: string): string => join(folder, file);
  const wanted = [...errors].toSorted();
  const policies = [at("rules")];
  const config = at("streamwarden.yml");
  beforeAll(() => {
    mkdirSync(at("rules"), { recursive: true });
    writeFileSync(at("rules/subject.yml"), text);
    writeFileSync(at("rules/subject.test.yml"), tests);
    writeFileSync(at("streamwarden.yml"), "policies: { pack: false, paths: [rules] }\n");
    writeFileSync(at("record.json"), JSON.stringify(record));
  });

  test.each([
    ["files", { policies }],
    ["the configuration", { config }],
  ])("of check, replay and explain, of %s", async (_, options) => {
    const checked = await ask((terminal) => check({ ...options, format: "json" }, terminal));
    expect(codesOf(checked, "problems")).toEqual(wanted);
    const replayed = await ask((terminal) =>
      replay([at("record.json")], { ...options, format: "json" }, terminal),
    );
    expect(codesOf(replayed, "rejected")).toEqual(wanted);
    const counts = (replayed.json as { policies: readonly { name: string; matches: number }[] }).policies;
    const count = counts.find((policy) => policy.name === "subject")?.matches;
    expect(count).toBe(matches === undefined ? undefined : Number(matches));
    const explained = await ask((terminal) =>
      explain("subject", at("record.json"), { ...options, format: "json" }, terminal),
    );
    if (matches === undefined) expect(explained.error).toBeInstanceOf(CliError);
    else expect(explained.json).toMatchObject({ records: [{ explanation: { verdict: matches } }] });
  });

  test("of test, alert preview and the consumer", async () => {
    const tested = await ask((terminal) => testPolicies({ config, format: "json" }, terminal));
    const isInactive = matches === undefined && errors.length === 0;
    expect(codesOf(tested, "problems")).toEqual(isInactive ? ["invalid-test-file"] : wanted);
    const shown = await ask((terminal) => alertPreview("subject", { config, as: "email" }, terminal));
    expect((shown.error as CliError | undefined)?.code).toBe(
      errors.length > 0 ? "cli-rejected" : isInactive ? "cli-input" : undefined,
    );
    const started = await createRuntime(
      {
        configPath: config,
        region: "us-east-1",
        queueUrl: "http://127.0.0.1:9/1/q",
        timerQueueUrl: "http://127.0.0.1:9/1/q",
        deadLetterQueueUrl: "http://127.0.0.1:9/1/d",
        topicArn: "arn:aws:sns:us-east-1:111122223333:t",
        stateTable: "t",
        httpPort: 0,
        receivers: 1,
        logLevel: "silent",
      },
      createLogger({ level: "silent", pretty: false }),
    ).catch((error: unknown) => error);
    expect(started).toBeInstanceOf(ConsumerError);
    expect((started as ConsumerError).code).toBe(
      errors.length > 0 ? "consumer-policies" : "consumer-dependency",
    );
  });
});
