import { captureRules } from "@streamwarden/capture";
import { beforeAll, describe, expect, test } from "vitest";
import { type Graph, synthesise } from "./graph.ts";
import { alertingInvariants } from "./invariants/alerting.ts";
import { captureInvariants } from "./invariants/capture.ts";
import { consumerInvariants } from "./invariants/consumer.ts";
import { destinationInvariants } from "./invariants/destinations.ts";
import type { Expected } from "./invariants/invariant.ts";
import { queueInvariants } from "./invariants/queues.ts";

const invariants = [
  ...captureInvariants,
  ...queueInvariants,
  ...consumerInvariants,
  ...alertingInvariants,
  ...destinationInvariants,
];

/** What streamwarden.yml in this folder asks for. */
const expected: Expected = {
  captureRules,
  email: {
    "oncall@example.com": { delivery: ["direct"] },
    "security@example.com": { delivery: ["direct"] },
    "managers@example.com": { delivery: ["direct"], severity: ["critical"] },
  },
  destinations: [
    {
      name: "on-call",
      logicalName: "ToOnCall",
      filterPolicy: { delivery: ["direct"], severity: ["high", "critical"] },
      environment: { STREAMWARDEN_SLACK_WEBHOOK_URL: "<secret SlackWebhookUrl>" },
    },
    {
      name: "the-longest-name-all",
      logicalName: "ToTheLongestNameAll",
      filterPolicy: { delivery: ["direct"], policy: [{ prefix: "ivs-" }] },
      environment: { STREAMWARDEN_SLACK_WEBHOOK_URL: "<secret VideoTeamWebhookUrl>" },
    },
    {
      name: "siem",
      logicalName: "ToSiem",
      filterPolicy: undefined,
      environment: {
        STREAMWARDEN_WEBHOOK_URL: "https://siem.example.com/streamwarden",
        STREAMWARDEN_WEBHOOK_SECRETS: "<secret SiemSigningSecret>",
      },
    },
    {
      name: "operations-room",
      logicalName: "ToOperationsRoom",
      filterPolicy: { delivery: ["direct"] },
      environment: { STREAMWARDEN_AMAZON_Q_TOPIC_ARN: "ToOperationsRoomTopic" },
    },
  ],
};

// The longest stage that is allowed: SST shortens names, and the invariants must hold for shortened ones too.
describe.each(["production", "test", "production-ap-northeast-2"])("stage %s", (stage) => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesise(stage);
  });

  describe.each(invariants)("$name", ({ problems, breaks }) => {
    test("holds", () => {
      expect(problems(graph, expected)).toEqual([]);
    });

    test.each(Object.entries(breaks))("notices: %s", (_how, change) => {
      const worse = structuredClone(graph);
      change(worse);
      expect(problems(worse, expected)).not.toEqual([]);
    });
  });
});
