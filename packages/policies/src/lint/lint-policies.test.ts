import { readFileSync } from "node:fs";
import { parseConfig } from "@streamwarden/config";
import type { SourceFile } from "@streamwarden/sigma";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../load/load-policies.ts";
import type { PolicyProblem } from "../problem.ts";

function load(...files: SourceFile[]): readonly PolicyProblem[] {
  return loadPolicies({ files }, parseConfig("policies: { pack: false }", "streamwarden.yml")).problems;
}

/** A rule whose detection begins at line 5. */
function rule(detection: string, attributes = "", name = "example"): string {
  return `title: Example
name: ${name}
logsource: { product: aws, service: cloudtrail }
detection:
${detection.replaceAll(/^/gm, "  ")}
level: low
${attributes === "" ? "" : `custom_attributes:\n  ${attributes}\n`}`;
}
function inIvs(selection: string): string {
  return rule(`a:\n  eventSource: ivs.amazonaws.com\n${selection.replaceAll(/^/gm, "  ")}\ncondition: a`);
}

function found(text: string): string[] {
  return load({ path: "p.yml", text }).map(
    ({ code, severity, line, column, message, hint }) =>
      `${severity} ${line}:${column} ${code}: ${message}${hint === undefined ? "" : ` ${hint}`}`,
  );
}

describe("what can never be true of a call of Amazon IVS", () => {
  test.each<[name: string, text: string, expected: string]>([
    [
      "an operation with a slip",
      inIvs("eventName: CreateChanel"),
      "warning 7:16 unknown-operation: The catalog of Amazon IVS knows no operation `createchanel` of ivs.amazonaws.com. Did you mean `CreateChannel`?",
    ],
    [
      "one operation of a list",
      inIvs("eventName: [StopStream, StopStreams]"),
      "warning 7:17 unknown-operation: The catalog of Amazon IVS knows no operation `stopstreams` of ivs.amazonaws.com. Did you mean `StopStream`?",
    ],
    [
      "an operation of the other source",
      inIvs("eventName: CreateRoom"),
      "warning 7:16 unknown-operation: The catalog of Amazon IVS knows no operation `CreateRoom` of ivs.amazonaws.com. CreateRoom belongs to `eventSource: ivschat.amazonaws.com`.",
    ],
    [
      "an operation in a selection of its own, and under `not`",
      rule("a: { eventSource: ivs.amazonaws.com }\nb: { eventName: DeleteChanels }\ncondition: a and not b"),
      "warning 6:19 unknown-operation: The catalog of Amazon IVS knows no operation `deletechanels` of ivs.amazonaws.com. Did you mean `DeleteChannel`?",
    ],
    [
      "a request field with a slip",
      inIvs("eventName: UpdateChannel\nrequestParameters.authorised: false"),
      "warning 8:35 unknown-request-field: The request of UpdateChannel has no `authorised`. Did you mean `requestParameters.authorized`?",
    ],
    [
      "a request field of another operation",
      inIvs("eventName: [StopStream]\nrequestParameters.arn: x"),
      "warning 8:28 unknown-request-field: The request of StopStream has no `arn`. Did you mean `requestParameters.channelArn`?",
    ],
    [
      "a request field that waits for a list",
      inIvs("eventName: StopStream\nrequestParameters.channelARN|expand: '%BroadcastOperators%'"),
      "warning 8:5 unknown-request-field: The request of StopStream has no `channelARN`. Did you mean `requestParameters.channelArn`?",
    ],
    [
      "a derived field that does not exist",
      inIvs("eventName: StopStream\nactor.kinds: root"),
      "warning 8:18 unknown-field: No record has a field `actor.kinds`. Did you mean `actor.kind`?",
    ],
    [
      "a field of the record with a slip",
      inIvs("eventname: StopStream"),
      "warning 7:16 unknown-field: No record has a field `eventname`. Did you mean `eventName`?",
    ],
    [
      "a value that a derived field never has",
      inIvs("eventName: StopStream\nactor.mfa: [absent, missing]"),
      "warning 8:17 unknown-value: `actor.mfa` is never `missing`. There are present, absent, unknown, not-applicable.",
    ],
    [
      "a source that no capture rule delivers",
      rule("a:\n  eventSource: s3.amazonaws.com\n  eventName: PutBucketPolicy\ncondition: a"),
      'warning 1:1 not-captured: "Example" never fires: no capture rule delivers putbucketpolicy of s3.amazonaws.com. Capture rules deliver all calls of Amazon IVS, and those that could blind Streamwarden itself.',
    ],
    [
      "a call that the capture rules leave out of a source that they deliver",
      rule("a:\n  eventSource: sns.amazonaws.com\n  eventName: ListTopics\ncondition: a"),
      'warning 1:1 not-captured: "Example" never fires: no capture rule delivers listtopics of sns.amazonaws.com. Capture rules deliver all calls of Amazon IVS, and those that could blind Streamwarden itself.',
    ],
  ])("%s", (_name, text, expected) => expect(found(text)).toEqual([expected]));
});

describe("what may be true after all is left alone", () => {
  test.each([
    ["an operation without a source", rule("a: { eventName: CreateChanel }\ncondition: a")],
    ["an operation by its beginning", inIvs("eventName: Delet*")],
    [
      "an operation of either source",
      rule(
        "a:\n  eventSource: [ivs.amazonaws.com, ivschat.amazonaws.com]\n  eventName: CreateRoom\ncondition: a",
      ),
    ],
    [
      "names in other letters",
      rule("a:\n  eventSource: IVS.amazonaws.com\n  eventName: createchannel\ncondition: a"),
    ],
    [
      "a request field of one of several operations",
      inIvs("eventName: [StopStream, UpdateChannel]\nrequestParameters.authorized: false"),
    ],
    [
      "a request field of operations that are not named",
      inIvs("ivs.mutating: true\nrequestParameters.whatever: 1"),
    ],
    [
      "what is inside a request field",
      inIvs(
        "eventName: CreateRecordingConfiguration\nrequestParameters.destinationConfiguration.s4.bucket: x",
      ),
    ],
    ["a response field", inIvs("eventName: CreateChannel\nresponseElements.chanel.arn: x")],
    [
      "alternatives, each with its own source",
      rule(
        "a: { eventSource: ivs.amazonaws.com, eventName: CreateStage }\nb: { eventSource: ivschat.amazonaws.com, eventName: CreateRoom, requestParameters.messageReviewHandler.uri: x }\ncondition: a or b",
      ),
    ],
    ["a field of a record to come", inIvs("eventName: StopStream\nquantumSignature: x")],
    [
      "a call that guards the pipeline, by prefix",
      rule(
        "a:\n  eventSource: lambda.amazonaws.com\n  eventName: UpdateFunctionCode20150331v2\ncondition: a",
      ),
    ],
    [
      "one captured source of two",
      rule("a: { eventSource: [s3.amazonaws.com, ivs.amazonaws.com] }\ncondition: a"),
    ],
    [
      "a rule about other logs",
      rule("a: { eventSource: ivs.amazonaws.com, eventName: Nope }\ncondition: a").replace(
        "product: aws, service: cloudtrail",
        "product: windows",
      ),
    ],
  ])("%s", (_name, text) =>
    expect(found(text).filter((one) => !one.includes("other-logsource"))).toEqual([]),
  );
});

describe("the fields that a policy groups by, or sees for the first time", () => {
  const stop = "a:\n  eventSource: ivs.amazonaws.com\n  eventName: StopStream\ncondition: a";

  test.each([
    [
      "streamwarden.group_by: [actor.ids]",
      "warning 11:27 unknown-field: No record has a field `actor.ids`. Did you mean `actor.id`?",
    ],
    ["streamwarden.group_by: [colour]", "warning 11:27 unknown-field: No record has a field `colour`."],
    [
      "streamwarden.group_by: [requestParameters.arn]",
      "warning 11:27 unknown-request-field: The request of StopStream has no `arn`. Did you mean `requestParameters.channelArn`?",
    ],
    [
      "streamwarden.first_seen: { of: [actor.id, sourceIpAdress] }",
      "warning 11:45 unknown-field: No record has a field `sourceIpAdress`. Did you mean `sourceIPAddress`?",
    ],
    [
      "streamwarden.first_seen:\n    of: [awsRegion]\n    by:\n      - requestParameters.chanelArn",
      "warning 14:9 unknown-request-field: The request of StopStream has no `chanelArn`. Did you mean `requestParameters.channelArn`?",
    ],
  ])("%s", (attribute, expected) => expect(found(rule(stop, attribute))).toEqual([expected]));

  const correlation = (body: string): string =>
    `title: Correlated\nname: correlated\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [example]\n  timespan: 1h\n${body}`;

  test.each([
    "additionalEventData.passphrase",
    "userIdentity.sessionToken",
    "responseElements.streamKey.value",
  ])("may hold no secret: %s", (field) => {
    const any = "a:\n  eventName: X\ncondition: a";
    const secret = (text: string): string[] =>
      load({ path: "p.yml", text }).flatMap(({ code, severity }) =>
        code === "secret-field" ? [severity] : [],
      );
    expect(secret(rule(any, `streamwarden.group_by: [${field}]`))).toEqual(["error"]);
    expect(
      secret(`${rule(any)}---\n${correlation(`  group-by: [${field}]\n  condition: { gte: 2 }\n`)}`),
    ).toEqual(["error"]);
    const counted = correlation(`  condition: { field: ${field}, gte: 2 }\n`).replace(
      "event_count",
      "value_count",
    );
    expect(secret(`${rule(any)}---\n${counted}`)).toEqual(["error"]);
  });

  test("may name what is secret only beside others", () => {
    const any = "a:\n  eventName: X\ncondition: a";
    const fields = "responseElements.streamKey.arn, requestParameters.keyId, userIdentity.accessKeyId";
    expect(
      found(rule(any, `streamwarden.group_by: [${fields}]`)).filter((line) => line.includes("secret")),
    ).toEqual([]);
  });

  test("of a correlation are read from the records of its rules", () => {
    const text = `${rule(stop)}---\n${correlation("  group-by: [recipientAccountId, channel, actor.ids]\n  condition: { gte: 2 }\n  aliases: { channel: { example: requestParameters.arn } }\n")}`;
    expect(found(text)).toEqual([
      "warning 20:34 unknown-request-field: The request of StopStream has no `arn`. Did you mean `requestParameters.channelArn`?",
      "warning 18:43 unknown-field: No record has a field `actor.ids`. Did you mean `actor.id`?",
    ]);
  });
});

describe("a policy that another file silences", () => {
  const base = { path: "base.yml", text: rule("a: { eventName: StopStream }\ncondition: a") };
  const over = (generate: string): SourceFile => ({
    path: "over.yml",
    text: `title: Over\nname: over\nlevel: low\ncorrelation:\n  type: event_count\n  rules:\n    - example\n  group-by: [actor.id]\n  timespan: 1h\n  condition: { gte: 2 }\n${generate}`,
  });

  test("is named, unless the correlation generates its alerts", () => {
    expect(load(base, over(""))).toMatchObject([
      {
        code: "silenced-policy",
        severity: "warning",
        path: "over.yml",
        line: 7,
        column: 7,
        message: '"Example" raises no alerts of its own any more, because "Over" counts it.',
      },
    ]);
    expect(load(base, over("  generate: true\n"))).toEqual([]);
  });

  test("of the same file is what correlations are for", () => {
    const { text } = base;
    expect(load({ path: "both.yml", text: `${text}---\n${over("").text}` })).toEqual([]);
  });
});

test("finds nothing in the shipped policies", () => {
  const { problems } = loadPolicies("configured", parseConfig("", "streamwarden.yml"));
  expect(problems).toEqual([]);
});

test("has every code on the page", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const codes = [...read("../problem.ts").matchAll(/\| "([a-z-]+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) expect(read("../../README.md")).toContain(`| \`${code}\``);
});
