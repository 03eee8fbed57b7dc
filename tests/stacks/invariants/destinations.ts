import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../../../scripts/synth/mocks.ts";
import {
  all,
  environmentOf,
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
import type { ExpectedDestination, Invariant } from "./invariant.ts";

/** The resources of one destination. */
function partsOf(graph: Graph, { logicalName }: ExpectedDestination) {
  return {
    subscription: one(graph, types.subscription, `${logicalName}Subscription`),
    queue: one(graph, types.queue, `${logicalName}AlertsQueue`),
    deadLetters: one(graph, types.queue, `${logicalName}DeadLettersQueue`),
    notifier: one(graph, types.function, `${logicalName}NotifierFunction`),
    role: one(graph, types.role, `${logicalName}NotifierRole`),
    logs: one(graph, types.logGroup, `${logicalName}NotifierLogs`),
  };
}

function subscription(graph: Graph) {
  return one(graph, types.subscription, "ToOnCallSubscription");
}
function notifier(graph: Graph) {
  return one(graph, types.function, "ToOnCallNotifierFunction");
}
function role(graph: Graph) {
  return one(graph, types.role, "ToOnCallNotifierRole");
}
function endsWithName(value: unknown, resource: Resource): boolean {
  return new RegExp(`[:/]${physicalName(resource)}$`).test(String(value));
}

function maySend(graph: Graph, queue: Resource): boolean {
  return all(graph, types.queuePolicy)
    .filter(({ inputs }) => endsWithName(inputs.queueUrl, queue))
    .flatMap((policy) => statements(policy, "policy"))
    .some(
      ({ Effect, Principal, Condition }) =>
        Effect === "Allow" &&
        isDeepStrictEqual(Principal, { Service: "sns.amazonaws.com" }) &&
        list(Condition?.ArnEquals?.["aws:SourceArn"]).some((arn) =>
          endsWithName(arn, one(graph, types.topic, "AlertsTopic")),
        ) &&
        // SNS is not known to name the account, and a condition on what is absent rejects everything.
        Condition?.StringEquals === undefined,
    );
}

const routesAreKept: Invariant = {
  name: "each destination's queue gets exactly the alerts of its route, whole, and what SNS cannot deliver is kept",
  problems: (graph, { destinations }) => [
    ...destinations.flatMap((destination) => {
      const { subscription, queue, deadLetters } = partsOf(graph, destination);
      const { inputs } = subscription;
      const filter = inputs.filterPolicy === undefined ? undefined : JSON.parse(String(inputs.filterPolicy));
      const { deadLetterTargetArn } = JSON.parse(String(inputs.redrivePolicy ?? "{}"));
      return [
        !endsWithName(inputs.topic, one(graph, types.topic, "AlertsTopic")) && "listens elsewhere",
        !(inputs.protocol === "sqs" && endsWithName(inputs.endpoint, queue)) && "does not fill its queue",
        inputs.rawMessageDelivery !== true && "wraps the finding",
        !isDeepStrictEqual(filter, destination.filterPolicy) && "has another route",
        (filter !== undefined) !== (inputs.filterPolicyScope === "MessageAttributes") &&
          "filters on the body",
        !endsWithName(deadLetterTargetArn, deadLetters) && "loses what SNS cannot deliver",
        !maySend(graph, queue) && "cannot reach its queue",
        !maySend(graph, deadLetters) && "cannot reach its dead-letter queue",
      ]
        .filter((problem) => problem !== false)
        .map((problem) => `${destination.name} ${problem}`);
    }),
    ...(all(graph, types.subscription).filter(({ inputs }) => inputs.protocol === "sqs").length ===
    destinations.length
      ? []
      : ["other destinations than configured"]),
  ],
  breaks: {
    "a destination nobody asked for": (graph) =>
      void graph.resources.push({ ...subscription(graph), name: "Another" }),
    "another topic": (graph) => write(subscription(graph), "topic", "arn:aws:sns:us-east-1:1:other"),
    "another queue": (graph) => write(subscription(graph), "endpoint", "arn:aws:sqs:us-east-1:1:other"),
    "an envelope around the finding": (graph) => write(subscription(graph), "rawMessageDelivery", false),
    "no route": (graph) => write(subscription(graph), "filterPolicy", undefined),
    "another route": (graph) => write(subscription(graph), "filterPolicy", '{"delivery":["direct"]}'),
    "the filter looks at the body": (graph) => write(subscription(graph), "filterPolicyScope", "MessageBody"),
    "undeliverable alerts are dropped": (graph) => write(subscription(graph), "redrivePolicy", undefined),
    "SNS may not send": (graph) => remove(graph, one(graph, types.queuePolicy, "ToOnCallAlertsPolicy")),
    "SNS may not send to the dead letters": (graph) =>
      remove(graph, one(graph, types.queuePolicy, "ToOnCallDeadLettersPolicy")),
    "a condition that SNS may not meet": (graph) =>
      writeStatements(one(graph, types.queuePolicy, "ToOnCallAlertsPolicy"), "policy", (all) =>
        all.map((statement) => ({
          ...statement,
          Condition: { ...statement.Condition, StringEquals: { "aws:SourceAccount": "123456789012" } },
        })),
      ),
  },
};

const namesOfSst = ["SST_KEY", "SST_KEY_FILE", "SST_RESOURCE_App"];

const notifiersKnowTheirPlace: Invariant = {
  name: "each notifier gets exactly the environment of its destination",
  problems: (graph, { destinations }) =>
    destinations.flatMap((destination) => {
      const { queue, deadLetters, notifier } = partsOf(graph, destination);
      const { variables } = environmentOf(notifier);
      const resources = new Map(all(graph, types.topic).map((topic) => [topic.name, topic]));
      const wanted: Record<string, string | Resource> = {
        STREAMWARDEN_DESTINATION: destination.name,
        STREAMWARDEN_QUEUE_URL: queue,
        STREAMWARDEN_DEAD_LETTER_QUEUE_URL: deadLetters,
        STREAMWARDEN_STATE_TABLE: physicalName(one(graph, types.table, "StateTable")),
        ...Object.fromEntries(
          Object.entries(destination.environment).map(([name, value]) => [
            name,
            resources.get(value) ?? value,
          ]),
        ),
      };
      const wrong = Object.entries(wanted).filter(([name, value]) =>
        typeof value === "string" ? variables[name] !== value : !endsWithName(variables[name], value),
      );
      const names = Object.keys(variables).sort();
      return [
        ...wrong.map(([name]) => `${destination.name}: ${name} is ${variables[name]}`),
        ...(isDeepStrictEqual(names, [...namesOfSst, ...Object.keys(wanted)].sort())
          ? []
          : [`${destination.name}: environment ${names.join(", ")}`]),
      ];
    }),
  breaks: {
    "another secret": (graph) =>
      write(
        notifier(graph),
        "environment.value.variables.STREAMWARDEN_SLACK_WEBHOOK_URL",
        "<secret VideoTeamWebhookUrl>",
      ),
    "another destination's name": (graph) =>
      write(notifier(graph), "environment.value.variables.STREAMWARDEN_DESTINATION", "siem"),
    "no dead letters": (graph) =>
      write(notifier(graph), "environment.value.variables.STREAMWARDEN_DEAD_LETTER_QUEUE_URL", undefined),
    "an undocumented name": (graph) => write(notifier(graph), "environment.value.variables.DEBUG", "1"),
    "Amazon Q gets the alert topic": (graph) =>
      write(
        one(graph, types.function, "ToOperationsRoomNotifierFunction"),
        "environment.variables.STREAMWARDEN_AMAZON_Q_TOPIC_ARN",
        read(subscription(graph), "topic"),
      ),
  },
};

const secretsStaySecret: Invariant = {
  name: "secrets exist only where a destination needs one, and stand nowhere but in encrypted environments",
  problems: (graph, { destinations }) => {
    const needed = destinations.flatMap(({ environment }) =>
      Object.values(environment).flatMap((value) => /^<secret (\w+)>$/.exec(value)?.[1] ?? []),
    );
    const found = all(graph, types.secret).map(({ name }) => name);
    // SST's own bookkeeping (LinkRef) exists in the encrypted state alone.
    const holders = graph.resources.filter(
      ({ type, inputs }) => type.startsWith("aws:") && JSON.stringify(inputs).includes("<secret "),
    );
    return [
      ...(isDeepStrictEqual(found.toSorted(), needed.toSorted()) ? [] : [`secrets: ${found.join(", ")}`]),
      ...holders.flatMap((resource) => {
        const { environment: _, ...others } = resource.inputs;
        return [
          resource.type !== types.function && `${resource.name} holds a secret`,
          JSON.stringify(others).includes("<secret ") && `${resource.name} shows a secret`,
          !environmentOf(resource).isSecret && `${resource.name} has a secret in plain text in the state`,
          !endsWithName(resource.inputs.kmsKeyArn, one(graph, types.key, "AlertsKey")) &&
            `${resource.name} shows its secret to everybody who may read its configuration`,
        ].filter((problem) => problem !== false);
      }),
    ];
  },
  breaks: {
    "a secret nobody needs": (graph) =>
      void graph.resources.push({ type: types.secret, name: "Unused", inputs: {} }),
    "in a description": (graph) => write(notifier(graph), "description", "<secret SlackWebhookUrl>"),
    "in another resource": (graph) => write(subscription(graph), "endpoint", "<secret SlackWebhookUrl>"),
    "not marked": (graph) =>
      write(notifier(graph), "environment", { variables: environmentOf(notifier(graph)).variables }),
    "no key of ours": (graph) => write(notifier(graph), "kmsKeyArn", undefined),
  },
};

const permissionsAreNarrow: Invariant = {
  name: "each notifier's role reads its own queue, writes its own dead letters, and keeps state; Amazon Q's publishes",
  problems: (graph, { destinations }) =>
    destinations.flatMap((destination) => {
      const { queue, deadLetters, role, logs } = partsOf(graph, destination);
      const topicName = destination.environment.STREAMWARDEN_AMAZON_Q_TOPIC_ARN;
      const needed: Record<string, Resource> = {
        "sqs:ReceiveMessage": queue,
        "sqs:DeleteMessage": queue,
        "sqs:ChangeMessageVisibility": queue,
        "sqs:GetQueueAttributes": queue,
        "sqs:SendMessage": deadLetters,
        "dynamodb:GetItem": one(graph, types.table, "StateTable"),
        "dynamodb:PutItem": one(graph, types.table, "StateTable"),
        "logs:CreateLogStream": logs,
        "logs:PutLogEvents": logs,
        ...(topicName !== undefined && {
          "sns:Publish": one(graph, types.topic, topicName),
          "kms:GenerateDataKey": one(graph, types.key, "AlertsKey"),
          "kms:Decrypt": one(graph, types.key, "AlertsKey"),
        }),
      };
      const granted = statements(role, "inlinePolicies.0.policy");
      const grants = granted.flatMap(({ Action, Resource }) =>
        list(Action).flatMap((action) => list(Resource).map((arn) => ({ action, arn }))),
      );
      const right = grants.filter(({ action, arn }) => {
        const target = needed[action];
        return target !== undefined && endsWithName(arn.replace(/:\*$/, ""), target);
      });
      const wideKey = granted.some(
        ({ Action, Condition }) =>
          list(Action).some((action) => action.startsWith("kms:")) &&
          !Condition?.StringEquals?.["kms:ViaService"],
      );
      return [
        !(right.length === grants.length && right.length === Object.keys(needed).length) &&
          `${destination.name} has other permissions than needed`,
        wideKey && `${destination.name} may use the key for anything`,
        !isDeepStrictEqual(role.inputs.managedPolicyArns, []) && `${destination.name} has a managed policy`,
        !isDeepStrictEqual(
          statements(role, "assumeRolePolicy").map(({ Principal }) => Principal),
          [{ Service: "lambda.amazonaws.com" }],
        ) && `others than Lambda may take the role of ${destination.name}`,
      ].filter((problem) => problem !== false);
    }),
  breaks: {
    "every SQS action": (graph) => grant(graph, "sqs:*", "*"),
    "another destination's queue": (graph) =>
      grant(
        graph,
        "sqs:ReceiveMessage",
        `arn:aws:sqs:x:1:${physicalName(one(graph, types.queue, "ToSiemAlertsQueue"))}`,
      ),
    "publishing to the alert topic": (graph) =>
      grant(graph, "sns:Publish", String(read(subscription(graph), "topic"))),
    "reading the whole table": (graph) =>
      grant(
        graph,
        "dynamodb:Scan",
        `arn:aws:dynamodb:x:1:table/${physicalName(one(graph, types.table, "StateTable"))}`,
      ),
    "a permission is missing": (graph) =>
      writeStatements(role(graph), "inlinePolicies.0.policy", (all) => all.slice(1)),
    "the key for anything": (graph) =>
      writeStatements(
        one(graph, types.role, "ToOperationsRoomNotifierRole"),
        "inlinePolicies.0.policy",
        (all) => all.map(({ Condition: _, ...statement }) => statement),
      ),
    "a managed policy": (graph) =>
      write(role(graph), "managedPolicyArns", ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]),
    "the account may take the role": (graph) =>
      writeStatements(role(graph), "assumeRolePolicy", (all) => [
        ...all,
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" },
      ]),
  },
};

function grant(graph: Graph, action: string, resource: string): void {
  writeStatements(role(graph), "inlinePolicies.0.policy", (all) => [
    ...all,
    { Effect: "Allow", Action: [action], Resource: [resource] },
  ]);
}

export const destinationInvariants = [
  routesAreKept,
  notifiersKnowTheirPlace,
  secretsStaySecret,
  permissionsAreNarrow,
];
