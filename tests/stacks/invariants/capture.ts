import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../../../scripts/synth/mocks.ts";
import {
  all,
  type Graph,
  list,
  one,
  physicalName,
  read,
  remove,
  statements,
  types,
  write,
  writeStatements,
} from "../graph.ts";
import type { Invariant } from "./invariant.ts";

const everyManagementEvent = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
/** EventBridge rejects longer patterns. */
const maximumPatternCharacters = 2048;
const day = 24 * 60 * 60;

function ivsRule(graph: Graph) {
  return one(graph, types.eventRule, "StreamwardenIvsCalls");
}
function ivsTarget(graph: Graph) {
  return one(graph, types.eventTarget, "StreamwardenIvsCallsTarget");
}
function eventsPolicy(graph: Graph) {
  return one(graph, types.queuePolicy, "EventsPolicy");
}
function queueNamed(graph: Graph, arn: unknown): Resource | undefined {
  return all(graph, types.queue).find((queue) => String(arn).endsWith(`:${physicalName(queue)}`));
}
function topicNamed(graph: Graph, arn: string): Resource | undefined {
  return all(graph, types.topic).find((topic) => arn.endsWith(`:${physicalName(topic)}`));
}
function policiesOf(graph: Graph, queue: Resource): Resource[] {
  return all(graph, types.queuePolicy).filter((policy) =>
    String(policy.inputs.queueUrl).endsWith(`/${physicalName(queue)}`),
  );
}

const rulesAreCaptures: Invariant = {
  name: "every rule of the capture package exists, on the default bus, with its own pattern and state",
  problems: (graph, { captureRules }) =>
    captureRules.flatMap((expected) => {
      const rules = all(graph, types.eventRule).filter((rule) =>
        physicalName(rule).startsWith(`${expected.name}-`),
      );
      const [rule] = rules;
      if (rule === undefined || rules.length > 1) return [`${expected.name}: ${rules.length} rules`];
      const pattern = String(rule.inputs.eventPattern);
      return [
        rule.inputs.eventBusName !== "default" && `${expected.name} is not on the default bus`,
        rule.inputs.state !== expected.state && `${expected.name} is ${rule.inputs.state}`,
        !isDeepStrictEqual(JSON.parse(pattern), expected.pattern) && `${expected.name} has another pattern`,
        pattern.length > maximumPatternCharacters && `${expected.name} has ${pattern.length} characters`,
      ].filter((problem) => problem !== false);
    }),
  breaks: {
    "a rule is missing": (graph) => remove(graph, ivsRule(graph)),
    "a rule is disabled": (graph) => write(ivsRule(graph), "state", "DISABLED"),
    "a rule is on another bus": (graph) => write(ivsRule(graph), "eventBusName", "streamwarden"),
    "a pattern sees writes only": (graph) =>
      write(ivsRule(graph), "eventPattern", '{"source":["aws.ivs"],"detail":{"readOnly":[false]}}'),
  },
};

const readsArrive: Invariant = {
  name: "read-only calls of IVS and of the pipeline's services arrive",
  problems: (graph) =>
    ["StreamwardenIvsCalls", "StreamwardenPipelineGuards"]
      .filter((name) => one(graph, types.eventRule, name).inputs.state !== everyManagementEvent)
      .map((name) => `${name} gets no Get and List calls`),
  breaks: { "a rule is only ENABLED": (graph) => write(ivsRule(graph), "state", "ENABLED") },
};

const targetsKeepEvents: Invariant = {
  name: "every rule sends to the consumer's queue, retries as long as EventBridge allows, then keeps the event",
  problems: (graph) => {
    const consumed = all(graph, types.mapping).map((mapping) => mapping.inputs.eventSourceArn);
    return all(graph, types.eventRule).flatMap((rule) => {
      const targets = all(graph, types.eventTarget).filter(
        (target) => target.inputs.rule === physicalName(rule),
      );
      if (targets.length !== 1) return [`${rule.name} has ${targets.length} targets`];
      return targets.flatMap((target) => {
        const deadLetters = queueNamed(graph, read(target, "deadLetterConfig.arn"));
        return [
          !consumed.includes(target.inputs.arn) && `${rule.name} does not reach the consumer`,
          target.inputs.eventBusName !== "default" && `${target.name} is on another bus than its rule`,
          read(target, "retryPolicy.maximumEventAgeInSeconds") !== day &&
            `${target.name} gives up before a day`,
          read(target, "retryPolicy.maximumRetryAttempts") !== 185 &&
            `${target.name} gives up before 185 attempts`,
          (deadLetters === undefined || read(target, "deadLetterConfig.arn") === target.inputs.arn) &&
            `${target.name} has no dead-letter queue of its own`,
        ].filter((problem) => problem !== false);
      });
    });
  },
  breaks: {
    "a rule without a target": (graph) => remove(graph, ivsTarget(graph)),
    "another target": (graph) =>
      write(ivsTarget(graph), "arn", "arn:aws:sqs:us-east-1:123456789012:elsewhere"),
    "no retries": (graph) => write(ivsTarget(graph), "retryPolicy.maximumRetryAttempts", 0),
    "retries for an hour": (graph) => write(ivsTarget(graph), "retryPolicy.maximumEventAgeInSeconds", 3600),
    "no dead-letter queue": (graph) => write(ivsTarget(graph), "deadLetterConfig", undefined),
    "the queue is its own dead-letter queue": (graph) =>
      write(ivsTarget(graph), "deadLetterConfig.arn", ivsTarget(graph).inputs.arn),
  },
};

const targetsMaySend: Invariant = {
  name: "EventBridge may send to the queue and to the dead-letter queue of each target, for exactly our rules",
  problems: (graph) =>
    all(graph, types.eventTarget).flatMap((target) => {
      const rule = all(graph, types.eventRule).find(
        (candidate) => physicalName(candidate) === target.inputs.rule,
      );
      return [target.inputs.arn, read(target, "deadLetterConfig.arn")].flatMap((arn) => {
        const queue = queueNamed(graph, arn);
        const senders = (queue ? policiesOf(graph, queue) : [])
          .flatMap((policy) => statements(policy, "policy"))
          .filter((statement) => statement.Effect === "Allow")
          .flatMap((statement) => list(statement.Condition?.ArnEquals?.["aws:SourceArn"]));
        return rule && senders.some((sender) => sender.endsWith(`:rule/${physicalName(rule)}`))
          ? []
          : [`${target.name} may not send to ${queue?.name ?? arn}`];
      });
    }),
  breaks: {
    "the queue's policy is missing": (graph) => remove(graph, eventsPolicy(graph)),
    "the dead-letter queue's policy is missing": (graph) =>
      remove(graph, one(graph, types.queuePolicy, "CaptureDeadLettersPolicy")),
    "the policy names another rule": (graph) =>
      writeStatements(eventsPolicy(graph), "policy", (all) =>
        all.map((statement) =>
          statement.Effect === "Deny"
            ? statement
            : {
                ...statement,
                Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:1:rule/x" } },
              },
        ),
      ),
  },
};

const queuesAreClosed: Invariant = {
  name: "every queue has one policy: encrypted transport only, and no sender but EventBridge for named rules or SNS for the alert topic",
  problems: (graph) =>
    all(graph, types.queue).flatMap((queue) => {
      const policies = policiesOf(graph, queue);
      const [policy] = policies;
      // SQS keeps one policy per queue: a second resource would silently replace the first.
      if (policy === undefined || policies.length > 1)
        return [`${queue.name} has ${policies.length} policies`];
      const found = statements(policy, "policy");
      const deniesPlainText = found.some(
        ({ Effect, Principal, Action, Condition }) =>
          Effect === "Deny" &&
          Principal === "*" &&
          Action === "sqs:*" &&
          Condition?.Bool?.["aws:SecureTransport"] === "false",
      );
      const tooWide = found.filter((statement) => {
        if (statement.Effect === "Deny") return false;
        const arns = list(statement.Condition?.ArnEquals?.["aws:SourceArn"]);
        const byRules =
          isDeepStrictEqual(statement.Principal, { Service: "events.amazonaws.com" }) &&
          list(statement.Condition?.StringEquals?.["aws:SourceAccount"]).length === 1 &&
          arns.length > 0 &&
          arns.every((arn) => arn.includes(":rule/") && !arn.includes("*"));
        const byAlerts =
          isDeepStrictEqual(statement.Principal, { Service: "sns.amazonaws.com" }) &&
          isDeepStrictEqual(
            arns.map((arn) => topicNamed(graph, arn)?.name),
            ["AlertsTopic"],
          );
        return !(
          (byRules || byAlerts) &&
          isDeepStrictEqual(list(statement.Action), ["sqs:SendMessage"]) &&
          isDeepStrictEqual(
            list(statement.Resource).map((arn) => queueNamed(graph, arn)?.name),
            [queue.name],
          )
        );
      });
      return [
        !deniesPlainText && `${queue.name} accepts plain text`,
        tooWide.length > 0 && `${queue.name} lets too many send`,
      ].filter((problem) => problem !== false);
    }),
  breaks: {
    "a queue without a policy": (graph) => remove(graph, one(graph, types.queuePolicy, "DeadLettersPolicy")),
    "two policies for one queue": (graph) =>
      void graph.resources.push({ ...eventsPolicy(graph), name: "Another" }),
    "plain text": (graph) =>
      writeStatements(eventsPolicy(graph), "policy", (all) => all.filter((one) => one.Effect === "Allow")),
    "any topic": (graph) =>
      writeStatements(one(graph, types.queuePolicy, "ToOnCallAlertsPolicy"), "policy", (all) =>
        all.map((statement) => (statement.Effect === "Allow" ? { ...statement, Condition: {} } : statement)),
      ),
    "another topic": (graph) =>
      writeStatements(one(graph, types.queuePolicy, "ToOnCallAlertsPolicy"), "policy", (all) =>
        all.map((statement) =>
          statement.Effect === "Allow"
            ? {
                ...statement,
                Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:sns:us-east-1:210987654321:alerts" } },
              }
            : statement,
        ),
      ),
    ...Object.fromEntries(
      Object.entries({
        "any principal": { Principal: "*" },
        "another service too": { Principal: { Service: ["events.amazonaws.com", "sns.amazonaws.com"] } },
        "every action": { Action: "sqs:*" },
        "any source": { Condition: {} },
        "any rule": { Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } } },
        "another queue": { Resource: "*" },
      }).map(([how, change]) => [
        how,
        (graph: Graph) =>
          writeStatements(eventsPolicy(graph), "policy", (all) =>
            all.map((statement) => (statement.Effect === "Allow" ? { ...statement, ...change } : statement)),
          ),
      ]),
    ),
  },
};

export const captureInvariants = [
  rulesAreCaptures,
  readsArrive,
  targetsKeepEvents,
  targetsMaySend,
  queuesAreClosed,
];
