import { isDeepStrictEqual } from "node:util";
import {
  all,
  type Graph,
  list,
  one,
  physicalName,
  remove,
  statements,
  types,
  write,
  writeStatements,
} from "../graph.ts";
import type { Invariant } from "./invariant.ts";

function topic(graph: Graph) {
  return one(graph, types.topic, "AlertsTopic");
}
function key(graph: Graph) {
  return one(graph, types.key, "AlertsKey");
}
function topicPolicy(graph: Graph) {
  return one(graph, types.topicPolicy, "AlertsPolicy");
}
function email(graph: Graph) {
  return all(graph, types.subscription).filter(({ inputs }) => inputs.protocol === "email");
}
function firstEmail(graph: Graph) {
  const [first] = email(graph);
  if (first === undefined) throw new Error("no email subscription to break");
  return first;
}

const alertsAreEncrypted: Invariant = {
  name: "every topic is encrypted with a key of ours, which rotates and which only the account manages",
  problems: (graph) => [
    ...all(graph, types.topic)
      .filter(
        ({ inputs }) =>
          !all(graph, types.key).some((key) =>
            String(inputs.kmsMasterKeyId).endsWith(`:key/${physicalName(key)}`),
          ),
      )
      .map(({ name }) => `${name} is not encrypted with a key of ours`),
    ...all(graph, types.key).flatMap((key) => {
      const allowed = statements(key, "policy").filter(({ Effect }) => Effect === "Allow");
      const accountManages = allowed.some(({ Action }) => list(Action).includes("kms:*"));
      const others = allowed.filter(
        ({ Principal }) => !isDeepStrictEqual(Principal, { AWS: "arn:aws:iam::123456789012:root" }),
      );
      return [
        key.inputs.enableKeyRotation !== true && `${key.name} never rotates`,
        !accountManages && `${key.name} cannot be managed by anybody`,
        others.length > 0 && `${key.name} can be used from outside the account's IAM`,
      ].filter((problem) => problem !== false);
    }),
  ],
  breaks: {
    "no encryption": (graph) => write(topic(graph), "kmsMasterKeyId", undefined),
    "the AWS-managed key": (graph) => write(topic(graph), "kmsMasterKeyId", "alias/aws/sns"),
    "no rotation": (graph) => write(key(graph), "enableKeyRotation", false),
    "a key for everybody": (graph) =>
      writeStatements(key(graph), "policy", (all) => all.map((one) => ({ ...one, Principal: "*" }))),
    "a key for nobody": (graph) => writeStatements(key(graph), "policy", () => []),
  },
};

const topicsAreClosed: Invariant = {
  name: "a topic's own policy grants nothing and denies plain text",
  problems: (graph) =>
    all(graph, types.topic).flatMap((topic) => {
      const policies = all(graph, types.topicPolicy).filter(({ inputs }) =>
        String(inputs.arn).endsWith(`:${physicalName(topic)}`),
      );
      const found = policies.flatMap((policy) => statements(policy, "policy"));
      return [
        policies.length !== 1 && `${topic.name} has ${policies.length} policies`,
        found.some(({ Effect }) => Effect === "Allow") && `${topic.name} lets others in`,
        !found.some(
          ({ Effect, Condition }) =>
            Effect === "Deny" && Condition?.Bool?.["aws:SecureTransport"] === "false",
        ) && `${topic.name} accepts plain text`,
      ].filter((problem) => problem !== false);
    }),
  breaks: {
    "the default policy": (graph) => remove(graph, topicPolicy(graph)),
    "anybody publishes": (graph) =>
      writeStatements(topicPolicy(graph), "policy", (all) => [
        ...all,
        { Effect: "Allow", Principal: "*", Action: "sns:Publish", Resource: "*" },
      ]),
    "plain text": (graph) => writeStatements(topicPolicy(graph), "policy", () => []),
  },
};

const peopleAreTold: Invariant = {
  name: "exactly the people of streamwarden.yml get email by their routes, and a storm's digests are held back from them",
  problems: (graph, expected) => [
    ...(isDeepStrictEqual(
      email(graph)
        .map(({ inputs }) => inputs.endpoint)
        .sort(),
      Object.keys(expected.email).sort(),
    )
      ? []
      : ["other addresses than configured"]),
    ...email(graph).flatMap(({ name, inputs }) => {
      const filter = JSON.parse(String(inputs.filterPolicy ?? "{}")) as Record<string, unknown>;
      return [
        !String(inputs.topic).endsWith(`:${physicalName(topic(graph))}`) && `${name} listens elsewhere`,
        !isDeepStrictEqual(filter.delivery, ["direct"]) && `${name} gets digests one by one`,
        !isDeepStrictEqual(filter, expected.email[String(inputs.endpoint)]) && `${name} has another route`,
        inputs.filterPolicyScope !== "MessageAttributes" && `${name} filters on the body`,
      ].filter((problem) => problem !== false);
    }),
  ],
  breaks: {
    "a person is left out": (graph) => remove(graph, firstEmail(graph)),
    "somebody else is told": (graph) => write(firstEmail(graph), "endpoint", "mallory@example.net"),
    "somebody gets more than the route says": (graph) => {
      for (const subscription of email(graph))
        write(subscription, "filterPolicy", JSON.stringify({ delivery: ["direct"] }));
    },
    "a storm is not held back": (graph) => write(firstEmail(graph), "filterPolicy", undefined),
    "another topic": (graph) => write(firstEmail(graph), "topic", "arn:aws:sns:us-east-1:123456789012:other"),
    "the filter looks at the body": (graph) => write(firstEmail(graph), "filterPolicyScope", "MessageBody"),
  },
};

/** Inputs that put something on the public internet, in whatever resource they occur. */
const publicInputs = [
  "assignPublicIp",
  "associatePublicIpAddress",
  "mapPublicIpOnLaunch",
  "publiclyAccessible",
];

const nothingIsPublic: Invariant = {
  name: "nothing has a public address",
  problems: (graph) =>
    graph.resources.flatMap(({ type, name, inputs }) => [
      ...(/:(FunctionUrl|Eip|InternetGateway)$/.test(type) ? [`${name} is public`] : []),
      ...(publicInputs.some((input) => new RegExp(`"${input}":true`).test(JSON.stringify(inputs)))
        ? [`${name} has a public address`]
        : []),
    ]),
  breaks: {
    "a function URL": (graph) =>
      void graph.resources.push({ type: "aws:lambda/functionUrl:FunctionUrl", name: "Url", inputs: {} }),
    "a container with a public address": (graph) =>
      void graph.resources.push({
        type: "aws:ecs/service:Service",
        name: "Service",
        inputs: { networkConfiguration: { assignPublicIp: true } },
      }),
  },
};

const productionIsKept: Invariant = {
  name: "production is protected from removal, and keeps its state; other stages are removed whole",
  problems: ({ app }) => {
    const production = app.stage.startsWith("production");
    return [
      app.protect !== production && `protect is ${app.protect}`,
      app.removal !== (production ? "retain" : "remove") && `removal is ${app.removal}`,
    ].filter((problem) => problem !== false);
  },
  breaks: {
    "the other protection": ({ app }) => {
      app.protect = !app.protect;
    },
    "the other removal": ({ app }) => {
      app.removal = app.removal === "retain" ? "remove" : "retain";
    },
  },
};

/** What has a name of its own that policies compare: `pipeline` in streamwarden.yml says `streamwarden-*`. */
const guarded: readonly string[] = [types.eventRule, types.queue, types.topic, types.function, types.table];

const namesAreGuarded: Invariant = {
  name: "every part of the pipeline has a name that the guard policies know by default",
  problems: (graph) =>
    graph.resources
      .filter(
        (resource) => guarded.includes(resource.type) && !physicalName(resource).startsWith("streamwarden-"),
      )
      .map((resource) => `${resource.name} is named ${physicalName(resource)}`),
  breaks: { "another name": (graph) => write(topic(graph), "name", "alerts") },
};

export const alertingInvariants = [
  namesAreGuarded,
  alertsAreEncrypted,
  topicsAreClosed,
  peopleAreTold,
  nothingIsPublic,
  productionIsKept,
];
