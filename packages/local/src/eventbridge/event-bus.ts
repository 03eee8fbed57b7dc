import { PatternError } from "@streamwarden/capture";
import type { RetryQueue } from "../delivery/retry-queue.ts";
import type { SqsSender } from "../delivery/sqs-sender.ts";
import { AwsServiceError } from "../errors.ts";
import { type EntryError, envelopeOf, type PutEntry, type SealedEnvelope } from "./envelope.ts";
import { type Rule, stateAdmits, type Target } from "./rules.ts";

export interface EventBusOptions {
  readonly region: string;
  readonly account: string;
  readonly sender: SqsSender;
  readonly deliveries: RetryQueue;
  /** Who may put events whose source begins with `aws.`. On AWS only its services may. */
  readonly awsSources: "anyone" | "services";
}

/** The default bus: its rules, and the way of an event to the targets of those that match. */
export class EventBus {
  readonly rules = new Map<string, Rule>();
  readonly #options: EventBusOptions;

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  get name(): string {
    return "default";
  }

  get arn(): string {
    return `arn:aws:events:${this.#options.region}:${this.#options.account}:event-bus/default`;
  }

  ruleArn(name: string): string {
    return `arn:aws:events:${this.#options.region}:${this.#options.account}:rule/${name}`;
  }

  /** @throws AwsServiceError (ResourceNotFoundException) */
  rule(name: string): Rule {
    const rule = this.rules.get(name);
    if (rule === undefined) {
      throw new AwsServiceError(
        "ResourceNotFoundException",
        `Rule ${name} does not exist on EventBus default.`,
      );
    }
    return rule;
  }

  /** Takes one entry and starts its deliveries. @returns the event's id, or why the entry is rejected. */
  async put(entry: PutEntry, isService: boolean): Promise<{ readonly EventId: string } | EntryError> {
    const busName = entry.EventBusName;
    if (busName !== undefined && busName !== this.name && busName !== this.arn) {
      // As on AWS, an event for a bus that does not exist is taken and goes nowhere.
      return { EventId: crypto.randomUUID() };
    }
    if (entry.Source?.startsWith("aws.") && !isService && this.#options.awsSources === "services") {
      return {
        ErrorCode: "NotAuthorizedForSourceException",
        ErrorMessage: "Not authorized for the source.",
      };
    }
    const sealed = envelopeOf(entry, this.#options);
    if ("ErrorCode" in sealed) return sealed;
    const { envelope } = sealed;
    let matching: readonly Rule[];
    try {
      matching = [...this.rules.values()].filter(
        (rule) => stateAdmits(rule.state, envelope) && rule.matches(envelope),
      );
    } catch (error) {
      if (error instanceof PatternError) return { ErrorCode: "MalformedDetail", ErrorMessage: error.message };
      throw error;
    }
    await this.#options.deliveries.room();
    for (const rule of matching) {
      for (const target of rule.targets.values()) this.#deliver(sealed, rule, target);
    }
    return { EventId: envelope.id };
  }

  #deliver(sealed: SealedEnvelope, rule: Rule, target: Target): void {
    const { sender, deliveries } = this.#options;
    const body = inputOf(sealed, target);
    deliveries.start({
      maximumRetries: target.retryPolicy.maximumRetryAttempts,
      maximumAgeSeconds: target.retryPolicy.maximumEventAgeSeconds,
      attempt: () => sender.send(target.arn, { body }),
      giveUp: async (failure) => {
        if (target.deadLetterArn === undefined) return;
        const attributes = {
          RULE_ARN: rule.arn,
          TARGET_ARN: target.arn,
          ERROR_CODE: failure.code,
          ERROR_MESSAGE: failure.message || failure.code,
          RETRY_ATTEMPTS: String(failure.retries),
          ...(failure.exhausted === "NotRetriable" ? {} : { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
        };
        await sender.send(target.deadLetterArn, {
          body,
          attributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [
              name,
              { DataType: "String", StringValue },
            ]),
          ),
        });
      },
    });
  }
}

function inputOf({ envelope, json }: SealedEnvelope, { input, inputPath }: Target): string {
  if (input !== undefined) return input;
  if (inputPath === undefined) return json;
  let value: unknown = envelope;
  for (const step of inputPath.split(".").slice(1)) {
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string, unknown>)[step]
        : undefined;
  }
  return JSON.stringify(value ?? null);
}
