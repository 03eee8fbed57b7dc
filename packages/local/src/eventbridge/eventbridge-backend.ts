import { AwsServiceError } from "../errors.ts";
import { jsonResponse, type ServiceBackend } from "../http/service-request.ts";
import { type EntryError, entryBytes, type PutEntry } from "./envelope.ts";
import type { EventBus } from "./event-bus.ts";
import {
  compileRulePattern,
  defaultRetryPolicy,
  type Rule,
  type RuleState,
  ruleStates,
  type Target,
} from "./rules.ts";
import { serviceUserAgent } from "./service-user-agent.ts";

type Input = Readonly<Record<string, unknown>>;
interface Caller {
  /** Whether it speaks for an AWS service, which may put events of sources that begin with `aws.`. */
  readonly isService: boolean;
}
type Operation = (bus: EventBus, input: Input, caller: Caller) => Promise<Input> | Input;

const maximumEntries = 10;
const maximumPutBytes = 1024 * 1024;
const maximumRules = 300;
const maximumTargets = 5;
const maximumPage = 100;

/** EventBridge's JSON 1.1 protocol over one bus. */
export function eventBridgeBackend(bus: EventBus): ServiceBackend {
  return async (request, operation) => {
    try {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (run === undefined) {
        throw new AwsServiceError(
          "UnknownOperationException",
          `The local EventBridge has no operation "${operation}".`,
        );
      }
      const isService = request.headers["user-agent"]?.includes(serviceUserAgent) ?? false;
      return jsonResponse(200, await run(bus, parseInput(request.body), { isService }));
    } catch (error) {
      if (!(error instanceof AwsServiceError)) throw error;
      return jsonResponse(error.status, { __type: error.awsCode, message: error.message });
    }
  };
}

function parseInput(body: string): Input {
  try {
    const input: unknown = JSON.parse(body === "" ? "{}" : body);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Input;
  } catch {
    // Answered below: to the caller both are the same mistake.
  }
  throw new AwsServiceError("SerializationException", "The request is not a JSON object.");
}

function invalid(message: string): AwsServiceError {
  return new AwsServiceError("ValidationException", message);
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== "string" || value === "")
    throw invalid(`Value at '${name}' failed to satisfy constraint: Member must not be null`);
  return value;
}

function optionalText(input: Input, name: string): string | undefined {
  return input[name] === undefined || input[name] === null ? undefined : text(input, name);
}

function list(input: Input, name: string): readonly Input[] {
  const value = input[name];
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(
      `Value at '${name}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  return value as readonly Input[];
}

/** One page of a list. The token is the position to go on from. */
function page<T>(
  items: readonly T[],
  input: Input,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const limit = input.Limit ?? maximumPage;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > maximumPage) {
    throw invalid(
      `Value '${String(limit)}' at 'limit' failed to satisfy constraint: Member must have value from 1 to ${maximumPage}`,
    );
  }
  const token = optionalText(input, "NextToken") ?? "0";
  if (!/^\d{1,9}$/.test(token)) throw invalid("Parameter NextToken is not valid.");
  const end = Number(token) + limit;
  return {
    items: items.slice(Number(token), end),
    NextToken: end < items.length ? String(end) : undefined,
  };
}

function checkBus(bus: EventBus, input: Input): void {
  const name = optionalText(input, "EventBusName");
  if (name !== undefined && name !== bus.name && name !== bus.arn) {
    throw new AwsServiceError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
  }
}

function namedRule(bus: EventBus, input: Input, parameter = "Name"): Rule {
  checkBus(bus, input);
  return bus.rule(text(input, parameter));
}

function describe(bus: EventBus, rule: Rule): Input {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    State: rule.state,
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    EventBusName: bus.name,
  };
}

const operations: Readonly<Record<string, Operation>> = {
  PutEvents: async (bus, input, { isService }) => {
    const entries = list(input, "Entries") as readonly PutEntry[];
    if (entries.length > maximumEntries) {
      throw invalid(
        "Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
      );
    }
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    if (bytes > maximumPutBytes) {
      throw invalid(
        `Total size of the entries in the request is over the limit of ${maximumPutBytes} bytes.`,
      );
    }
    const results: ({ readonly EventId: string } | EntryError)[] = [];
    for (const entry of entries) results.push(await bus.put(entry, isService));
    return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
  },

  PutRule: (bus, input) => {
    checkBus(bus, input);
    const name = text(input, "Name");
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
      throw invalid(
        `Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      );
    }
    if (input.ScheduleExpression !== undefined)
      throw invalid("The local EventBridge has no schedules; give an EventPattern.");
    const state = (optionalText(input, "State") ?? "ENABLED") as RuleState;
    if (!ruleStates.includes(state))
      throw invalid(
        `Value '${state}' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [${ruleStates.join(", ")}]`,
      );
    const before = bus.rules.get(name);
    if (before === undefined && bus.rules.size >= maximumRules) {
      throw new AwsServiceError(
        "LimitExceededException",
        `The event bus has reached its limit of ${maximumRules} rules.`,
      );
    }
    const pattern = optionalText(input, "EventPattern");
    if (pattern === undefined)
      throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    const rule: Rule = {
      name,
      arn: bus.ruleArn(name),
      description: optionalText(input, "Description"),
      pattern,
      matches: compileRulePattern(pattern),
      state,
      targets: before?.targets ?? new Map(),
    };
    bus.rules.set(name, rule);
    return { RuleArn: rule.arn };
  },

  PutTargets: (bus, input) => {
    const rule = namedRule(bus, input, "Rule");
    const targets = list(input, "Targets").map(parseTarget);
    const ids = new Set([...rule.targets.keys(), ...targets.map(({ id }) => id)]);
    if (ids.size > maximumTargets) {
      throw new AwsServiceError(
        "LimitExceededException",
        `The requested resource exceeds the maximum number allowed: ${maximumTargets} targets for a rule.`,
      );
    }
    for (const target of targets) rule.targets.set(target.id, target);
    return { FailedEntryCount: 0, FailedEntries: [] };
  },

  RemoveTargets: (bus, input) => {
    const rule = namedRule(bus, input, "Rule");
    const ids = (Array.isArray(input.Ids) ? input.Ids : []) as readonly string[];
    const missing = ids.filter((id) => !rule.targets.delete(id));
    return {
      FailedEntryCount: missing.length,
      FailedEntries: missing.map((TargetId) => ({
        TargetId,
        ErrorCode: "ResourceNotFoundException",
        ErrorMessage: `Rule ${rule.name} has no target ${TargetId}.`,
      })),
    };
  },

  DeleteRule: (bus, input) => {
    checkBus(bus, input);
    const rule = bus.rules.get(text(input, "Name"));
    if (rule === undefined) return {};
    if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
    bus.rules.delete(rule.name);
    return {};
  },

  EnableRule: (bus, input) => {
    namedRule(bus, input).state = "ENABLED";
    return {};
  },

  DisableRule: (bus, input) => {
    namedRule(bus, input).state = "DISABLED";
    return {};
  },

  DescribeRule: (bus, input) => describe(bus, namedRule(bus, input)),

  ListRules: (bus, input) => {
    checkBus(bus, input);
    const prefix = optionalText(input, "NamePrefix") ?? "";
    const rules = [...bus.rules.values()].filter(({ name }) => name.startsWith(prefix));
    const { items, NextToken } = page(rules, input);
    return { Rules: items.map((rule) => describe(bus, rule)), NextToken };
  },

  ListTargetsByRule: (bus, input) => {
    const { items, NextToken } = page([...namedRule(bus, input, "Rule").targets.values()], input);
    const Targets = items.map((target) => ({
      Id: target.id,
      Arn: target.arn,
      ...(target.input === undefined ? {} : { Input: target.input }),
      ...(target.inputPath === undefined ? {} : { InputPath: target.inputPath }),
      ...(target.deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: target.deadLetterArn } }),
      RetryPolicy: {
        MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
        MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeSeconds,
      },
    }));
    return { Targets, NextToken };
  },

  TestEventPattern: (_bus, input) => {
    const matches = compileRulePattern(text(input, "EventPattern"));
    let event: unknown;
    try {
      event = JSON.parse(text(input, "Event"));
    } catch (error) {
      if (error instanceof AwsServiceError) throw error;
    }
    const required = ["id", "account", "source", "time", "region", "resources", "detail-type"];
    const missing = required.filter(
      (name) => typeof event !== "object" || event === null || !(name in event),
    );
    if (missing.length > 0)
      throw invalid(
        `Parameter Event is not valid. Reason: it must be a JSON object with ${missing.join(", ")}.`,
      );
    return { Result: matches(event) };
  },
};

function parseTarget(input: Input): Target {
  const retry = (input.RetryPolicy ?? {}) as Input;
  const within = (name: string, fallback: number, minimum: number, maximum: number): number => {
    const value = retry[name] ?? fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw invalid(`Value at '${name}' must be a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
  const queue = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/;
  const arn = text(input, "Arn");
  if (!queue.test(arn))
    throw invalid(
      `Parameter ${arn} is not valid. Reason: the local EventBridge delivers to SQS queues only.`,
    );
  const deadLetter = optionalText((input.DeadLetterConfig ?? {}) as Input, "Arn");
  if (deadLetter !== undefined && !queue.test(deadLetter))
    throw invalid(`Dead-letter ARN ${deadLetter} is not the ARN of an SQS queue.`);
  if (input.InputTransformer !== undefined)
    throw invalid("The local EventBridge has no InputTransformer; use Input or InputPath.");
  const inputPath = optionalText(input, "InputPath");
  if (inputPath !== undefined && !/^\$(\.[\w-]+)*$/.test(inputPath))
    throw invalid(`InputPath ${inputPath} is not a path such as $.detail.`);
  return {
    id: text(input, "Id"),
    arn,
    deadLetterArn: deadLetter,
    retryPolicy: {
      maximumRetryAttempts: within("MaximumRetryAttempts", defaultRetryPolicy.maximumRetryAttempts, 0, 185),
      maximumEventAgeSeconds: within(
        "MaximumEventAgeInSeconds",
        defaultRetryPolicy.maximumEventAgeSeconds,
        60,
        86_400,
      ),
    },
    input: optionalText(input, "Input"),
    inputPath,
  };
}
