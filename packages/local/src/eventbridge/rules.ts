import {
  allManagementEvents,
  apiCallDetailType,
  compilePatternText,
  type EventMatcher,
  PatternError,
} from "@streamwarden/capture";
import { AwsServiceError } from "../errors.ts";

export interface RetryPolicy {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
}

export interface Target {
  readonly id: string;
  /** ARN of an SQS queue. */
  readonly arn: string;
  readonly deadLetterArn: string | undefined;
  readonly retryPolicy: RetryPolicy;
  /** Constant text that replaces the event. */
  readonly input: string | undefined;
  /** Path such as `$.detail`: the part of the event to send. */
  readonly inputPath: string | undefined;
}

export const ruleStates = ["ENABLED", "DISABLED", allManagementEvents] as const;
export type RuleState = (typeof ruleStates)[number];

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** The text as it was put: DescribeRule gives it back unchanged. */
  readonly pattern: string;
  readonly matches: EventMatcher;
  state: RuleState;
  readonly targets: Map<string, Target>;
}

export const defaultRetryPolicy: RetryPolicy = { maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400 };

/** @throws AwsServiceError (InvalidEventPatternException) */
export function compileRulePattern(text: string): EventMatcher {
  try {
    return compilePatternText(text);
  } catch (error) {
    if (error instanceof PatternError) throw invalidPattern(error.message);
    throw error;
  }
}

function invalidPattern(reason: string): AwsServiceError {
  return new AwsServiceError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

/**
 * Whether a rule in this state sees the event. Read-only management events reach only rules in the ALL state; AWS knows
 * them by the beginning of the operation's name (Get, List, Describe).
 */
export function stateAdmits(
  state: RuleState,
  event: { readonly "detail-type": string; readonly detail: unknown },
): boolean {
  if (state === "DISABLED") return false;
  if (state === allManagementEvents || event["detail-type"] !== apiCallDetailType) return true;
  const { detail } = event;
  const eventName =
    typeof detail === "object" && detail !== null && "eventName" in detail ? detail.eventName : undefined;
  return !(typeof eventName === "string" && /^(Get|List|Describe)/.test(eventName));
}
