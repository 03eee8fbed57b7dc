import { Writable } from "node:stream";
import { emptyBalance } from "@streamwarden/detection";
import { describe, expect, test } from "vitest";
import { totalsOf } from "../notifier/notifier.ts";
import { balanceCounts, embeddedMetrics, noBalanceCounts, notifierCounts } from "./embedded-metrics.ts";
import { createLogger } from "./logging.ts";

function logged(level = "info") {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, logger: createLogger({ level, pretty: false, destination }) };
}

const time = 1_700_000_000_000;

test("the balance is one log line that CloudWatch reads as metrics", () => {
  const { lines, logger } = logged();
  const balance = { ...emptyBalance, messages: { received: 3, processed: 2, quarantined: 1, returned: 0 } };
  embeddedMetrics(logger, "balance").write(balanceCounts(balance), time);
  const line = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({
    MessagesReceived: 3,
    MessagesQuarantined: 1,
    AlertsPending: 0,
    RecordsDryRun: 0,
  });
  const [directive] = line._aws.CloudWatchMetrics;
  expect(directive).toMatchObject({ Namespace: "Streamwarden", Dimensions: [[]] });
  expect(directive.Metrics).toContainEqual({ Name: "MessagesReceived", Unit: "Count" });
  for (const { Name } of directive.Metrics) expect(typeof line[Name]).toBe("number");
});

test("a notifier's line names its destination", () => {
  const { lines, logger } = logged();
  const totals = totalsOf([
    { id: "1", outcome: "delivered" },
    { id: "2", outcome: "returned", reason: "away", retrySeconds: 1 },
  ]);
  embeddedMetrics(logger, "alerts", { Destination: "on-call" }).write(notifierCounts(totals), time);
  const line = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({
    Destination: "on-call",
    NotifierReceived: 2,
    NotifierDelivered: 1,
    NotifierRepeated: 0,
    NotifierTested: 0,
    NotifierQuarantined: 0,
    NotifierReturned: 1,
  });
  expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([["Destination"]]);
});

describe("a counter exists before it counts", () => {
  test.each([
    ["the balance", noBalanceCounts, balanceCounts(emptyBalance)],
    ["a notifier", notifierCounts(totalsOf([])), notifierCounts(totalsOf([]))],
  ])("%s begins with zeros alone", (_, counts, all) => {
    expect(Object.keys(counts)).toEqual(Object.keys(all));
    expect(new Set(Object.values(counts))).toEqual(new Set([0]));
  });
});

test.each([
  ["info", 1],
  ["warn", 1],
  ["error", 1],
  ["silent", 0],
])("at log level %s metrics are %i line", (level, count) => {
  const { lines, logger } = logged(level);
  embeddedMetrics(logger, "balance").write(noBalanceCounts, time);
  expect(lines).toHaveLength(count);
});
