import { isDeepStrictEqual } from "node:util";
import {
  all,
  type Graph,
  list,
  one,
  physicalName,
  read,
  remove,
  type Statement,
  statements,
  types,
  write,
  writeStatements,
} from "../graph.ts";
import type { Invariant } from "./invariant.ts";

function consumer(graph: Graph) {
  return one(graph, types.function, "ConsumerFunction");
}
function role(graph: Graph) {
  return one(graph, types.role, "ConsumerRole");
}
function state(graph: Graph) {
  return one(graph, types.table, "StateTable");
}
function logs(graph: Graph) {
  return one(graph, types.logGroup, "ConsumerLogs");
}

/** docs/architecture.md, section 7; the others are SST's own. */
const documentedNames = [
  "STREAMWARDEN_CONFIG",
  "STREAMWARDEN_DEAD_LETTER_QUEUE_URL",
  "STREAMWARDEN_QUEUE_URL",
  "STREAMWARDEN_STATE_TABLE",
  "STREAMWARDEN_TIMER_QUEUE_URL",
  "STREAMWARDEN_TOPIC_ARN",
];
const namesOfSst = ["SST_KEY", "SST_KEY_FILE", "SST_RESOURCE_App"];

const environmentIsDocumented: Invariant = {
  name: "the consumer gets exactly the documented environment, and it names what exists",
  problems: (graph) => {
    const variables = (read(consumer(graph), "environment.variables") ?? {}) as Record<string, string>;
    const names = Object.keys(variables).sort();
    const references: Record<string, string> = {
      STREAMWARDEN_QUEUE_URL: `/${physicalName(one(graph, types.queue, "EventsQueue"))}`,
      STREAMWARDEN_TIMER_QUEUE_URL: `/${physicalName(one(graph, types.queue, "TimersQueue"))}`,
      STREAMWARDEN_DEAD_LETTER_QUEUE_URL: `/${physicalName(one(graph, types.queue, "DeadLettersQueue"))}`,
      STREAMWARDEN_TOPIC_ARN: `:${physicalName(one(graph, types.topic, "AlertsTopic"))}`,
      STREAMWARDEN_STATE_TABLE: physicalName(state(graph)),
      STREAMWARDEN_CONFIG: "/var/task/streamwarden.yml",
    };
    const wrong = Object.entries(references).filter(([name, end]) => !variables[name]?.endsWith(end));
    return [
      !isDeepStrictEqual(names, [...namesOfSst, ...documentedNames].sort()) &&
        `environment: ${names.join(", ")}`,
      wrong.length > 0 && `wrong values: ${wrong.map(([name]) => name).join(", ")}`,
    ].filter((problem) => problem !== false);
  },
  breaks: {
    "a name is missing": (graph) =>
      write(consumer(graph), "environment.variables.STREAMWARDEN_TOPIC_ARN", undefined),
    "an undocumented name": (graph) => write(consumer(graph), "environment.variables.DEBUG", "1"),
    "timers wait among the events": (graph) =>
      write(
        consumer(graph),
        "environment.variables.STREAMWARDEN_TIMER_QUEUE_URL",
        read(consumer(graph), "environment.variables.STREAMWARDEN_QUEUE_URL"),
      ),
    "the dead-letter queue is the queue": (graph) =>
      write(
        consumer(graph),
        "environment.variables.STREAMWARDEN_DEAD_LETTER_QUEUE_URL",
        read(consumer(graph), "environment.variables.STREAMWARDEN_QUEUE_URL"),
      ),
  },
};

const runsAsBuilt: Invariant = {
  name: "the consumer runs its bundle on Node 24 and arm64, and its logs are kept for a bounded time",
  problems: (graph) => {
    const { inputs } = consumer(graph);
    const group = all(graph, types.logGroup).find(
      (candidate) => physicalName(candidate) === read(consumer(graph), "loggingConfig.logGroup"),
    );
    return [
      inputs.handler !== "bundle.handler" && `handler ${inputs.handler}`,
      inputs.runtime !== "nodejs24.x" && `runtime ${inputs.runtime}`,
      !isDeepStrictEqual(inputs.architectures, ["arm64"]) && `architectures ${inputs.architectures}`,
      !(Number(group?.inputs.retentionInDays) > 0) && "logs are kept for ever or written elsewhere",
    ].filter((problem) => problem !== false);
  },
  breaks: {
    "another handler": (graph) => write(consumer(graph), "handler", "index.main"),
    "an older runtime": (graph) => write(consumer(graph), "runtime", "nodejs20.x"),
    "another processor": (graph) => write(consumer(graph), "architectures", ["x86_64"]),
    "logs for ever": (graph) => write(logs(graph), "retentionInDays", undefined),
    "logs elsewhere": (graph) => remove(graph, logs(graph)),
  },
};

const stateIsSafe: Invariant = {
  name: "state is encrypted, recoverable, expires by itself, and in production cannot be deleted by accident",
  problems: (graph) =>
    all(graph, types.table).flatMap((table) =>
      [
        read(table, "ttl.attributeName") !== "expiresAt" && `${table.name} expires by another attribute`,
        read(table, "ttl.enabled") !== true && `${table.name} grows for ever`,
        read(table, "pointInTimeRecovery.enabled") !== true && `${table.name} cannot be recovered`,
        read(table, "serverSideEncryption.enabled") !== true &&
          `${table.name} is not encrypted with a KMS key`,
        read(table, "billingMode") !== "PAY_PER_REQUEST" && `${table.name} can be throttled`,
        !(table.inputs.hashKey === "pk" && table.inputs.rangeKey === undefined) &&
          `${table.name} has another key`,
        table.inputs.deletionProtectionEnabled !== graph.app.protect && `${table.name} deletion protection`,
      ].filter((problem) => problem !== false),
    ),
  breaks: {
    "no expiry": (graph) => write(state(graph), "ttl", undefined),
    "another expiry attribute": (graph) => write(state(graph), "ttl.attributeName", "ttl"),
    "no recovery": (graph) => write(state(graph), "pointInTimeRecovery.enabled", false),
    "no encryption": (graph) => write(state(graph), "serverSideEncryption", undefined),
    "provisioned capacity": (graph) => write(state(graph), "billingMode", "PROVISIONED"),
    "a sort key": (graph) => write(state(graph), "rangeKey", "sk"),
    "the other deletion protection": (graph) =>
      write(state(graph), "deletionProtectionEnabled", !state(graph).inputs.deletionProtectionEnabled),
  },
};

/** Every permission of the consumer, by what it is for. */
const neededPermissions: Readonly<Record<string, string>> = {
  "sqs:ReceiveMessage": "EventsQueue TimersQueue",
  "sqs:DeleteMessage": "EventsQueue TimersQueue",
  "sqs:ChangeMessageVisibility": "EventsQueue TimersQueue",
  "sqs:GetQueueAttributes": "EventsQueue TimersQueue",
  "sqs:SendMessage": "TimersQueue DeadLettersQueue",
  "sns:Publish": "AlertsTopic",
  "kms:GenerateDataKey": "AlertsKey",
  "kms:Decrypt": "AlertsKey",
  "dynamodb:GetItem": "StateTable",
  "dynamodb:PutItem": "StateTable",
  "logs:CreateLogStream": "ConsumerLogs",
  "logs:PutLogEvents": "ConsumerLogs",
};

const permissionsAreNarrow: Invariant = {
  name: "the consumer's role grants what it needs, on our own resources, to Lambda alone",
  problems: (graph) => {
    const { inputs } = role(graph);
    const granted = statements(role(graph), "inlinePolicies.0.policy");
    const found = new Map<string, Set<string>>();
    for (const { Action, Resource } of granted) {
      for (const action of list(Action)) {
        const names = found.get(action) ?? new Set();
        for (const arn of list(Resource)) names.add(resourceOf(graph, arn));
        found.set(action, names);
      }
    }
    const expected = new Map(
      Object.entries(neededPermissions).map(([action, names]) => [action, new Set(names.split(" "))]),
    );
    const keys = granted.filter((statement) =>
      list(statement.Action).some((action) => action.startsWith("kms:")),
    );
    return [
      !isDeepStrictEqual(found, expected) && "other permissions than needed",
      !isDeepStrictEqual(inputs.managedPolicyArns, []) && "a managed policy",
      !(Array.isArray(inputs.inlinePolicies) && inputs.inlinePolicies.length === 1) && "more policies",
      !keys.every((statement) => statement.Condition?.StringEquals?.["kms:ViaService"]) &&
        "a key for any use",
      !isDeepStrictEqual(
        statements(role(graph), "assumeRolePolicy").map(({ Principal }) => Principal),
        [{ Service: "lambda.amazonaws.com" }],
      ) && "others than Lambda may take the role",
    ].filter((problem) => problem !== false);
  },
  breaks: {
    "every SQS action": (graph) => widen(graph, "sqs:", { Action: ["sqs:*"] }),
    "every SNS action": (graph) => widen(graph, "sns:", { Action: ["sns:*"] }),
    "every table": (graph) => widen(graph, "dynamodb:", { Resource: ["*"] }),
    "every log group": (graph) => widen(graph, "logs:", { Resource: ["arn:aws:logs:*:*:*"] }),
    "the key for any use": (graph) => widen(graph, "kms:", { Condition: {} }),
    "one more action": (graph) =>
      widen(graph, "dynamodb:", { Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"] }),
    "a managed policy": (graph) =>
      write(role(graph), "managedPolicyArns", [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      ]),
    "a permission is missing": (graph) =>
      writeStatements(role(graph), "inlinePolicies.0.policy", (all) => all.slice(1)),
    "the account may take the role": (graph) =>
      writeStatements(role(graph), "assumeRolePolicy", (all) => [
        ...all,
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" },
      ]),
  },
};

function widen(graph: Graph, prefix: string, change: Partial<Statement>): void {
  writeStatements(role(graph), "inlinePolicies.0.policy", (all) =>
    all.map((statement) =>
      list(statement.Action).some((action) => action.startsWith(prefix))
        ? { ...statement, ...change }
        : statement,
    ),
  );
}

/** The logical name of the resource that an ARN names exactly; the ARN itself when there is none. */
function resourceOf(graph: Graph, arn: string): string {
  const streams = arn.replace(/:\*$/, "");
  const found = graph.resources.find(
    (resource) =>
      resource.type.startsWith("aws:") &&
      !resource.type.startsWith("aws:kms/alias") &&
      (streams.endsWith(`:${physicalName(resource)}`) || streams.endsWith(`/${physicalName(resource)}`)),
  );
  return found?.name ?? arn;
}

export const consumerInvariants = [environmentIsDocumented, runsAsBuilt, stateIsSafe, permissionsAreNarrow];
