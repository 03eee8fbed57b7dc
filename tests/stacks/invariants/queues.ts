import { all, type Graph, one, physicalName, read, remove, types, write } from "../graph.ts";
import type { Invariant } from "./invariant.ts";

const fourteenDays = 14 * 24 * 60 * 60;

function events(graph: Graph) {
  return one(graph, types.queue, "EventsQueue");
}
function consumer(graph: Graph) {
  return one(graph, types.function, "ConsumerFunction");
}
function mapping(graph: Graph) {
  return mappingOf(graph, "EventsQueue");
}
function mappingOf(graph: Graph, queueName: string) {
  const found = readers(graph).find(({ queue }) => queue?.name === queueName);
  if (found === undefined) throw new Error(`nobody reads ${queueName}`);
  return found.mapping;
}

/** Each queue that a function reads, with the function and the mapping between them. */
function readers(graph: Graph) {
  return all(graph, types.mapping).map((mapping) => ({
    mapping,
    queue: all(graph, types.queue).find((queue) =>
      String(mapping.inputs.eventSourceArn).endsWith(`:${physicalName(queue)}`),
    ),
    function: all(graph, types.function).find((candidate) =>
      String(mapping.inputs.functionName).endsWith(`:${physicalName(candidate)}`),
    ),
  }));
}

const queuesKeepMessages: Invariant = {
  name: "every queue is encrypted and keeps messages for 14 days",
  problems: (graph) =>
    all(graph, types.queue).flatMap((queue) =>
      [
        queue.inputs.sqsManagedSseEnabled !== true && `${queue.name} is not encrypted`,
        queue.inputs.messageRetentionSeconds !== fourteenDays && `${queue.name} forgets early`,
      ].filter((problem) => problem !== false),
    ),
  breaks: {
    "not encrypted": (graph) => write(events(graph), "sqsManagedSseEnabled", false),
    "encryption left to the default": (graph) => write(events(graph), "sqsManagedSseEnabled", undefined),
    "four days": (graph) => write(events(graph), "messageRetentionSeconds", 4 * 24 * 60 * 60),
    "a dead-letter queue with the default": (graph) =>
      write(one(graph, types.queue, "DeadLettersQueue"), "messageRetentionSeconds", undefined),
  },
};

const batchesStayInvisible: Invariant = {
  name: "a batch stays invisible for at least 6 times the function's timeout",
  problems: (graph) =>
    readers(graph)
      .filter(
        ({ queue, function: reader }) =>
          !(Number(queue?.inputs.visibilityTimeoutSeconds) >= 6 * Number(reader?.inputs.timeout)),
      )
      .map(({ mapping }) => `${mapping.name}: the queue shows a batch again while it may still be worked on`),
  breaks: {
    "a slower function": (graph) => write(consumer(graph), "timeout", 31),
    "a shorter visibility": (graph) => write(events(graph), "visibilityTimeoutSeconds", 30),
  },
};

const outagesAreNotDeadLetters: Invariant = {
  name: "the consumer's queue has a dead-letter queue, which an outage does not fill",
  problems: (graph) =>
    readers(graph).flatMap(({ queue }) => {
      const redrive = JSON.parse(String(queue?.inputs.redrivePolicy ?? "{}")) as Record<string, unknown>;
      const target = all(graph, types.queue).find((candidate) =>
        String(redrive.deadLetterTargetArn).endsWith(`:${physicalName(candidate)}`),
      );
      return [
        (target === undefined || target === queue) && `${queue?.name} has no dead-letter queue`,
        redrive.maxReceiveCount !== 1000 &&
          `${queue?.name} gives up after ${redrive.maxReceiveCount} receives`,
      ].filter((problem) => problem !== false);
    }),
  breaks: {
    "no dead-letter queue": (graph) => write(events(graph), "redrivePolicy", undefined),
    "three receives": (graph) =>
      write(
        events(graph),
        "redrivePolicy",
        String(events(graph).inputs.redrivePolicy).replace('"maxReceiveCount":1000', '"maxReceiveCount":3'),
      ),
    "the dead-letter queue does not exist": (graph) =>
      remove(graph, one(graph, types.queue, "DeadLettersQueue")),
  },
};

const batchesFailInPart: Invariant = {
  name: "a batch of up to 10 fails message by message, on a bounded number of functions",
  problems: (graph) => {
    const mappings = all(graph, types.mapping);
    const idle = all(graph, types.function).filter(
      (candidate) =>
        readers(graph).filter(({ function: reader }) => reader === candidate).length !==
        (candidate === consumer(graph) ? 2 : 1),
    );
    if (idle.length > 0) return idle.map(({ name }) => `${name} reads no queue, or too many`);
    return mappings.flatMap((mapping) => {
      const concurrency = Number(read(mapping, "scalingConfig.maximumConcurrency"));
      const responses = mapping.inputs.functionResponseTypes;
      return [
        !(Array.isArray(responses) && responses.includes("ReportBatchItemFailures")) &&
          "one bad message brings the whole batch back",
        mapping.inputs.batchSize !== 10 && `batches of ${mapping.inputs.batchSize}`,
        !(concurrency >= 2 && concurrency <= 50) && `concurrency ${concurrency}`,
      ].filter((problem) => problem !== false);
    });
  },
  breaks: {
    "nobody reads the queue": (graph) => remove(graph, mapping(graph)),
    "all or nothing": (graph) => write(mapping(graph), "functionResponseTypes", []),
    "unbounded concurrency": (graph) => write(mapping(graph), "scalingConfig", undefined),
    "large batches": (graph) => write(mapping(graph), "batchSize", 1000),
  },
};

/**
 * A timer that is further away than 15 minutes triggers the function that sends it on, up to 672 times in a week. Lambda
 * stops such a chain after some 16 invocations unless the function's configuration allows it, and the chain is counted
 * from the first event on, through whatever queues it passes.
 */
const timersSurvive: Invariant = {
  name: "timers wait in a queue of their own, which no event is in, and no loop detection drops them",
  problems: (graph) => {
    const timers = all(graph, types.queue).find(({ name }) => name === "TimersQueue");
    if (timers === undefined) return ["there is no queue of timers"];
    const fillers = all(graph, types.eventTarget).filter(({ inputs }) =>
      String(inputs.arn).endsWith(`:${physicalName(timers)}`),
    );
    const reader = readers(graph).find(({ queue }) => queue === timers);
    const allowed = all(graph, types.recursionConfig).filter(
      ({ inputs }) => inputs.recursiveLoop === "Allow",
    );
    const mayBeDeadLetters = all(graph, types.redriveAllowPolicy).some(({ inputs }) =>
      String(inputs.redriveAllowPolicy).includes(`:${physicalName(timers)}"`),
    );
    const others = allowed.filter(
      ({ inputs }) => inputs.functionName !== physicalName(consumer(graph)) && inputs.functionName !== "",
    );
    return [
      fillers.length > 0 && "events are in the queue of timers",
      reader?.function !== consumer(graph) && "the consumer does not read its timers",
      allowed.length - others.length !== 1 && "the consumer's timers are dropped after 16 hops",
      others.length > 0 && "loops of other functions are allowed",
      read(reader?.mapping ?? timers, "scalingConfig.maximumConcurrency") !== 2 &&
        "a loop could take more than two functions",
      !mayBeDeadLetters && "the dead-letter queue does not take timers",
    ].filter((problem) => problem !== false);
  },
  breaks: {
    "the default of loop detection": (graph) => remove(graph, recursion(graph)),
    "loops are stopped": (graph) => write(recursion(graph), "recursiveLoop", "Terminate"),
    "loops of a notifier are allowed instead": (graph) =>
      write(
        recursion(graph),
        "functionName",
        physicalName(one(graph, types.function, "ToOnCallNotifierFunction")),
      ),
    "nobody reads timers": (graph) => remove(graph, mappingOf(graph, "TimersQueue")),
    "timers on every function": (graph) =>
      write(mappingOf(graph, "TimersQueue"), "scalingConfig.maximumConcurrency", 10),
    "no queue of timers": (graph) => remove(graph, one(graph, types.queue, "TimersQueue")),
    "events among timers": (graph) => {
      const timers = one(graph, types.queue, "TimersQueue");
      const [target] = all(graph, types.eventTarget);
      if (target !== undefined) write(target, "arn", `arn:aws:sqs:us-east-1:1:${physicalName(timers)}`);
    },
    "the dead-letter queue takes events only": (graph) => {
      const policy = one(graph, types.redriveAllowPolicy, "DeadLettersRedrive");
      write(policy, "redriveAllowPolicy", String(policy.inputs.redriveAllowPolicy).replace("Timers", "Gone"));
    },
  },
};

function recursion(graph: Graph) {
  return one(graph, types.recursionConfig, "ConsumerRecursion");
}

export const queueInvariants = [
  timersSurvive,
  queuesKeepMessages,
  batchesStayInvisible,
  outagesAreNotDeadLetters,
  batchesFailInPart,
];
