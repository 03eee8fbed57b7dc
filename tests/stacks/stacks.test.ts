import { captureRules } from "@streamwarden/capture";
import { beforeAll, describe, expect, test } from "vitest";
import { type Graph, synthesise } from "./graph.ts";
import { alertingInvariants } from "./invariants/alerting.ts";
import { captureInvariants } from "./invariants/capture.ts";
import { consumerInvariants } from "./invariants/consumer.ts";
import type { Expected } from "./invariants/invariant.ts";
import { queueInvariants } from "./invariants/queues.ts";

const invariants = [...captureInvariants, ...queueInvariants, ...consumerInvariants, ...alertingInvariants];

/** `email`: the addresses of streamwarden.yml in this folder. */
const expected: Expected = { captureRules, email: ["oncall@example.com", "security@example.com"] };

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
