import { Writable } from "node:stream";
import { emptyBalance } from "@streamwarden/detection";
import { expect, test } from "vitest";
import { embeddedMetrics } from "./embedded-metrics.ts";
import { createLogger } from "./logging.ts";

test("the balance is one log line that CloudWatch reads as metrics", () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ level: "info", pretty: false, destination });
  const balance = { ...emptyBalance, messages: { received: 3, processed: 2, quarantined: 1, returned: 0 } };
  logger.info(embeddedMetrics(balance, 1_700_000_000_000), "balance");
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
