import { execFileSync } from "node:child_process";
import { mkdirSync, openSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it as test } from "vitest";
import { type RecordFile, readRecordFile } from "./read-record-file.ts";
import { file, folder, lines, record, run, useFolder, write } from "./testing/trail-folder.ts";

useFolder();

function idsOf({ items }: RecordFile): unknown[] {
  return items.map((item) => (item.kind === "record" ? item.record.eventID : "event"));
}
const one = record("CreateChannel", { eventID: "one" });
const two = record("CreateChannel", { eventID: "two" });
function envelope(detail: unknown): object {
  return {
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ivs",
    detail,
  };
}
const event = { "detail-type": "IVS Stream State Change", source: "aws.ivs", detail: {} };
const text = JSON.stringify;
function message(value: unknown): object {
  return { MessageId: "m", ReceiptHandle: "h", Body: text(value) };
}

describe("one reader: what a replay reads, the other commands read", () => {
  const shapes: readonly (readonly [string, string | Uint8Array])[] = [
    ["a trail file", file(one, two)],
    ["lines", lines(one, two)],
    ["values without a line break", text(envelope(one)) + text(envelope(two))],
    ["values over many lines", `${text(one, null, 2)}\n${text(two, null, 2)}`],
    ["a trail file a line", lines({ Records: [one] }, { Records: [two] })],
    ["two gzip members", Buffer.concat([gzipSync(file(one)), gzipSync(file(two))])],
    ["files put together, each with its byte order mark", `\ufeff${file(one)}\n\ufeff${file(two)}\ufeff`],
    ["UTF-16", Buffer.from(`\ufeff${file(one, two)}`, "utf16le")],
    ["base64 of gzip", gzipSync(file(one, two)).toString("base64")],
    ["lookup-events --query 'Events[].CloudTrailEvent'", text([text(one), text(two)])],
    ["the same as text", `${text(one)}\t${text(two)}\n`],
    [
      "lookup-events --query 'Events[]'",
      text([{ CloudTrailEvent: text(one) }, { CloudTrailEvent: text(two) }]),
    ],
    ["strings, one a line", lines(text(one), text(two))],
    ["receive-message", text({ Messages: [message(envelope(one)), message(envelope(two))] }, null, 2)],
    [
      "filter-log-events, page behind page",
      text({ events: [{ message: text(one) }] }) + text({ events: [{ message: text(two) }] }),
    ],
    [
      "messages of the dead-letter queue, one a line",
      lines(message(envelope(one)), message({ Records: [two] })),
    ],
    [
      "SQS messages around SNS around a trail file",
      text([message({ Type: "Notification", TopicArn: "t", Message: file(one, two) })]),
    ],
  ];
  test.each(shapes)("%s", async (_, content) => {
    const path = write("trail/a.json", content);
    const read = await readRecordFile(path);
    expect([idsOf(read), read.problems, read.outcome]).toEqual([["one", "two"], [], "read"]);
    const stream = new PassThrough();
    stream.end(content);
    expect(await readRecordFile("-", { standardInput: stream })).toMatchObject({ items: read.items });
    const { result } = await run();
    expect([result.records, result.policies.find(({ name }) => name === "create")?.matches]).toEqual([2, 2]);
  });

  test("events of IVS come with their envelope, and other things are named with their number", async () => {
    const read = await readRecordFile(write("a.json", lines(one, event, { eventName: "x" }, two)));
    expect(idsOf(read)).toEqual(["one", "event", "two"]);
    expect(read.problems.map(({ reason, records }) => [reason, records])).toEqual([
      ["service-event", [2]],
      ["no-event-source", [3]],
    ]);
  });
});

describe("damage is reported with line and column", () => {
  test.each<[string, string | Uint8Array, string, object]>([
    ["a word", `${lines(one)}{"a": nope}\n${lines(two)}`, "not-json", { line: 2, column: 7 }],
    ["behind characters of two bytes", `["Zürich 東京", nope]`, "not-json", { line: 1, column: 15 }],
    ["over many lines", '{\n  "Records": [\n    {"a": 1,}\n  ]\n}', "not-json", { line: 3, column: 13 }],
    ["a value without an end", `${lines(one)}\n  {"a":`, "cut-off", { line: 3, column: 3 }],
    ["packed", gzipSync(`${lines(one)}oops`), "not-json", { line: 2, column: 1 }],
    ["not JSON at all", "<html>\n<body>", "not-json", { line: 1, column: 1 }],
  ])("%s", async (_, content, reason, place) => {
    const { problems } = await readRecordFile(write("a.json", content));
    expect(problems).toMatchObject([{ reason, place }]);
  });

  test("in a file of any size, on any number of threads", async () => {
    const many = lines(
      ...Array.from({ length: 6000 }, () => record("CreateChannel", { userAgent: "x".repeat(900) })),
    );
    write("trail/a.ndjson", `${many}{"a" 1}\n${many}`);
    for (const jobs of [1, 2, 3]) {
      const { result } = await run({ jobs });
      expect(result).toMatchObject({
        records: 12_000,
        problems: [{ reason: "not-json", place: { line: 6001, column: 6 } }],
      });
    }
  });
});

describe("only what has an end is read", () => {
  const fault = async (path: string): Promise<string> => {
    const { outcome, items, problems } = await readRecordFile(path);
    expect([outcome, items, problems.length]).toEqual(["unreadable", [], 1]);
    const { result } = await run({ paths: [path] });
    expect(result.records).toBe(0);
    return problems[0]?.message ?? "";
  };
  const link = (target: string): string => {
    const path = join(folder, "link.json");
    symlinkSync(target, path);
    return path;
  };

  test("no device, by whatever link", async () => {
    expect(await fault("/dev/zero")).toMatch(/device, which has no end/);
    expect(await fault(link("/dev/zero"))).toMatch(/device, which has no end/);
  });

  test("no pipe that nobody may ever write to", async () => {
    const path = join(folder, "pipe.json");
    execFileSync("mkfifo", [path]);
    expect(await fault(path)).toMatch(/named pipe.*standard input/);
  });

  test("no socket", async () => {
    const server = createServer();
    const path = join(folder, "socket.json");
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    expect(await fault(path)).toMatch(/socket/);
    await new Promise((resolve) => server.close(resolve));
  });

  test("no folder, where a file is asked for", async () => {
    mkdirSync(join(folder, "empty"));
    for (const path of [join(folder, "policies"), join(folder, "empty")])
      expect(await readRecordFile(path)).toMatchObject({ outcome: "unreadable", items: [] });
  });

  test("nothing of that as standard input", async () => {
    const problemOf = async (path: string): Promise<unknown> => {
      const standardInput = Object.assign(new PassThrough(), { fd: openSync(path, "r") });
      standardInput.end();
      return (await readRecordFile("-", { standardInput })).problems[0]?.message;
    };
    expect(await problemOf("/dev/zero")).toMatch(/device/);
    expect(await problemOf(folder)).toMatch(/folder/);
    expect(await problemOf("/dev/null")).toMatch(/empty/);
  });

  test.each<[string, string | Uint8Array]>([
    ["as it is stored", file(...Array.from({ length: 20_000 }, () => record("CreateChannel")))],
    ["unpacked", gzipSync(" ".repeat(4_000_000))],
  ])("nor what is too large to look at at once, %s", async (_, content) => {
    const read = await readRecordFile(write("a.json", content), { maximumBytes: 1024 * 1024 });
    expect(read).toMatchObject({
      outcome: "unreadable",
      items: [],
      problems: [{ reason: "too-large", message: expect.stringContaining("more than 1 MiB") }],
    });
  });

  test("a format that is not opened is named; found in a folder it is another's file", async () => {
    const path = write("trail/a.zip", "PK\u0003\u0004....");
    expect(await readRecordFile(path)).toMatchObject({
      problems: [{ reason: "unknown-format", message: expect.stringContaining("ZIP") }],
    });
    expect((await run()).result.problems).toMatchObject([{ reason: "foreign-file" }]);
  });
});

describe("exports of records", () => {
  const exported = { eventTime: "2025-01-21 17:49:47.000000000", errorCode: "", errorMessage: null };
  const usual = { eventTime: "2025-01-21T17:49:47Z" };
  test.each([true, false])("are read as CloudTrail's own, with the pre-filter: %s", async (preFilter) => {
    const of = (parts: object): string =>
      file(
        ...["CreateChannel", "DeleteChannel", "GetChannel"].map((name) =>
          record(name, { eventID: name, ...parts }),
        ),
      );
    write("trail/a.json", of(exported));
    const found = await run({ preFilter });
    write("trail/a.json", of(usual));
    expect(found.matches).toEqual((await run({ preFilter })).matches);
    expect(found.matches).toHaveLength(2);
  });
});
