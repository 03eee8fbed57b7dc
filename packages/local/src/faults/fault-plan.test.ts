import { expect, test } from "vitest";
import { FaultError } from "../errors.ts";
import { type Fault, parseFault } from "./fault.ts";
import { FaultPlan } from "./fault-plan.ts";

function kinds(plan: FaultPlan, ...call: Parameters<FaultPlan["draw"]>) {
  return plan.draw(...call).map(({ kind }) => kind);
}

test("a fault hits its service, operation and origin", () => {
  const plan = new FaultPlan();
  plan.add({ service: "sns", operation: ["Publish", "PublishBatch"], kind: "throttle" });
  plan.add({ service: "sqs", kind: "error-500", from: "deliveries" });
  expect(kinds(plan, "sns", "Publish", "clients")).toEqual(["throttle"]);
  expect(kinds(plan, "sns", "ListTopics", "clients")).toEqual([]);
  expect(kinds(plan, "sqs", "SendMessage", "clients")).toEqual([]);
  expect(kinds(plan, "sqs", "SendMessage", "deliveries")).toEqual(["error-500"]);
});

test("a kind without operation stays where it makes sense", () => {
  const plan = new FaultPlan();
  plan.add({ service: "dynamodb", kind: "conflict" });
  expect(kinds(plan, "dynamodb", "GetItem", "clients")).toEqual([]);
  expect(kinds(plan, "dynamodb", "PutItem", "clients")).toEqual(["conflict"]);
});

test("after and times, with counters; a used-up fault makes room for the next of its kind", () => {
  const plan = new FaultPlan();
  const id = plan.add({ service: "sns", kind: "throttle", after: 1, times: 2 });
  const drawn = Array.from({ length: 5 }, () => kinds(plan, "sns", "Publish", "clients").length);
  expect(drawn).toEqual([0, 1, 1, 0, 0]);
  expect(plan.list()).toMatchObject([{ id, seen: 5, hits: 2 }]);
  expect(plan.remove(id)).toBe(true);
  expect(plan.remove(id)).toBe(false);
});

test("the same seed draws the same faults", () => {
  const run = (seed: number): string => {
    const plan = new FaultPlan(seed);
    plan.add({ service: "sqs", kind: "throttle", probability: 0.3 });
    return Array.from({ length: 200 }, () => kinds(plan, "sqs", "SendMessage", "clients").length).join("");
  };
  expect(run(7)).toBe(run(7));
  expect(run(7)).not.toBe(run(8));
  const share = run(7).replaceAll("0", "").length / 200;
  expect(share).toBeGreaterThan(0.15);
  expect(share).toBeLessThan(0.45);
});

test.each<[fault: unknown, reason: string]>([
  [null, "must be an object"],
  [{ service: "s3", kind: "throttle" }, "service must be one of"],
  [{ service: "sns", kind: "explode" }, "kind must be one of"],
  [{ service: "sns", kind: "throttle", probabilty: 1 }, 'no "probabilty"'],
  [{ service: "sns", kind: "throttle", probability: 2 }, "probability must be"],
  [{ service: "sns", kind: "throttle", times: 0 }, "times must be"],
  [{ service: "sns", kind: "throttle", operation: "publish" }, "operation must be"],
  [{ service: "sns", kind: "throttle", from: "me" }, "from must be one of"],
  [{ service: "sns", kind: "conflict" }, "conflict fault applies to dynamodb"],
  [{ service: "dynamodb", kind: "conflict", operation: "GetItem" }, "PutItem"],
  [{ service: "sqs", kind: "reorder", operation: "DeleteMessage" }, "reorder fault applies to sqs"],
])("rejects %j", (fault, reason) => {
  expect(() => parseFault(fault)).toThrow(FaultError);
  expect(() => new FaultPlan().add(fault as Fault)).toThrow(reason);
});
