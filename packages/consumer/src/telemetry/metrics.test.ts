import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { expect, test } from "vitest";
import { knownLabels } from "./known-labels.ts";
import { Metrics } from "./metrics.ts";

const exception = `
title: CI restarts streams
name: ci-restarts-streams
logsource: { product: aws, service: cloudtrail }
filter:
  rules: [stream-stopped]
  selection: { userAgent: ci }
  condition: selection
custom_attributes:
  streamwarden.owner: video
  streamwarden.reason: restarts every night
  streamwarden.expires: 2099-01-01
`;
const rule = `
title: Stream stopped
name: stream-stopped
logsource: { product: aws, service: cloudtrail }
detection: { stop: { eventSource: ivs.amazonaws.com, eventName: StopStream }, condition: stop }
level: high
---
title: Streams stopped in a burst
name: streams-stopped-in-a-burst
correlation:
  type: event_count
  rules: [stream-stopped]
  group-by: [actor.id]
  timespan: 10m
  condition: { gte: 5 }
level: critical
`;

async function seriesOf(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const text = await metrics.registry.metrics();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

async function seriesAtStart(): Promise<ReadonlyMap<string, number>> {
  const config = parseConfig("policies: { pack: false }", "streamwarden.yml");
  const loaded = loadPolicies(
    {
      files: [
        { path: "rules.yml", text: rule },
        { path: "exceptions.yml", text: exception },
      ],
    },
    config,
  );
  expect(loaded.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return await seriesOf(new Metrics(knownLabels(loaded)));
}

test.each([
  ...["received", "processed", "quarantined", "returned"].map(
    (outcome) => `streamwarden_messages_total{outcome="${outcome}"}`,
  ),
  ...["seen", "alerted", "merged", "quiet", "duplicate", "dryRun"].map(
    (outcome) => `streamwarden_records_total{outcome="${outcome}"}`,
  ),
  ...["owed", "published", "pending"].map((outcome) => `streamwarden_alerts_total{outcome="${outcome}"}`),
  ...["new", "update", "summary"].map(
    (kind) =>
      `streamwarden_alerts_published_total{policy="streams-stopped-in-a-burst",severity="critical",kind="${kind}"}`,
  ),
  ...["not-json", "no-record", "not-evaluable"].map(
    (reason) => `streamwarden_quarantined_total{reason="${reason}"}`,
  ),
  ...["late", "dropped"].map(
    (reason) =>
      `streamwarden_correlation_not_counted_total{policy="streams-stopped-in-a-burst",reason="${reason}"}`,
  ),
  'streamwarden_exceptions_total{exception="ci-restarts-streams",policy="stream-stopped"}',
  'streamwarden_service_events_total{detail_type="other"}',
  "streamwarden_call_to_publish_seconds_count",
])("%s is 0 before anything happened", async (series) => {
  expect((await seriesAtStart()).get(series)).toBe(0);
});

test("every counter has a series from the start", async () => {
  const metrics = new Metrics();
  const names = metrics.registry.getMetricsAsArray().map(({ name }) => name);
  const series = [...(await seriesAtStart()).keys()];
  expect(names.filter((name) => !series.some((line) => line.startsWith(name)))).toEqual([]);
});
