import { compilePattern, type EventMatcher, PatternError, parsePatternText } from "@streamwarden/capture";
import { AwsServiceError } from "../errors.ts";
import type { MessageAttributes } from "./message.ts";

export type FilterPolicyScope = "MessageAttributes" | "MessageBody";

/** Whether a message passes a subscription's filter policy. */
export type MessageFilter = (message: {
  readonly body: string;
  readonly attributes: MessageAttributes;
}) => boolean;

const maximumKeys = 5;
const maximumCombinations = 150;
const maximumBytes = 256 * 1024;
const maximumDepth = 20;
const billion = 1_000_000_000;

type Json = Readonly<Record<string, unknown>>;
function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function rejected(reason: string): AwsServiceError {
  return new AwsServiceError("InvalidParameter", `Invalid parameter: FilterPolicy: ${reason}`);
}

/**
 * Compiles an SNS filter policy. Matching is that of event patterns, but SNS takes less: five keys, 150 combinations,
 * numbers up to a billion, no `wildcard`, no nesting unless the policy is about the body.
 *
 * @throws AwsServiceError (InvalidParameter, FilterPolicyLimitExceeded) for a policy that SNS rejects
 */
export function compileFilterPolicy(text: string, scope: FilterPolicyScope): MessageFilter {
  if (Buffer.byteLength(text) > maximumBytes) throw rejected("the policy is larger than 256 KB");
  const policy = parse(text);
  if (!isObject(policy)) throw rejected("the policy must be a JSON object");
  // "{}" is how a subscriber asks SNS for no policy.
  if (Object.keys(policy).length === 0) return () => true;
  const size = measure(policy, scope, 1);
  if (size.keys > maximumKeys) throw rejected(`Filter policy can not have more than ${maximumKeys} keys`);
  if (size.combinations > maximumCombinations) {
    throw rejected(
      `Filter policy is too complex: ${size.combinations} combinations, at most ${maximumCombinations}`,
    );
  }
  const matches = compile(policy);
  return scope === "MessageAttributes"
    ? ({ attributes }) => matches(attributeEvent(attributes))
    : ({ body }) => matchesBody(body, matches);
}

function parse(text: string): unknown {
  try {
    return parsePatternText(text);
  } catch (error) {
    if (error instanceof PatternError)
      throw rejected(error.code === "not-json" ? "failed to parse JSON" : error.message);
    throw error;
  }
}

function compile(policy: Json): EventMatcher {
  try {
    return compilePattern(policy, { maximumCharacters: maximumBytes });
  } catch (error) {
    if (error instanceof PatternError) throw rejected(error.message);
    throw error;
  }
}

interface Size {
  readonly keys: number;
  readonly combinations: number;
}

/** Keys are those with values; a nested value counts once for each level it is nested at. */
function measure(policy: Json, scope: FilterPolicyScope, level: number): Size {
  if (level > maximumDepth) throw rejected(`the policy is nested deeper than ${maximumDepth} levels`);
  let keys = 0;
  let combinations = 1;
  for (const [name, value] of Object.entries(policy)) {
    let size: Size;
    if (name === "$or" && Array.isArray(value)) {
      const branches = value.filter(isObject).map((branch) => measure(branch, scope, level));
      size = {
        keys: branches.reduce((sum, branch) => sum + branch.keys, 0),
        combinations: branches.reduce((sum, branch) => sum + branch.combinations, 0),
      };
    } else if (isObject(value)) {
      if (scope === "MessageAttributes")
        throw rejected(`"${name}" must be an array; nesting needs FilterPolicyScope MessageBody`);
      size = measure(value, scope, level + 1);
    } else if (Array.isArray(value)) {
      for (const condition of value) checkCondition(name, condition);
      size = { keys: 1, combinations: value.length * level };
    } else {
      throw rejected(`"${name}" must be an object or an array`);
    }
    keys += size.keys;
    combinations *= size.combinations;
  }
  return { keys, combinations };
}

const supported = new Set([
  "prefix",
  "suffix",
  "anything-but",
  "numeric",
  "exists",
  "cidr",
  "equals-ignore-case",
]);

function checkCondition(key: string, condition: unknown): void {
  const numbers: unknown[] = [condition];
  if (isObject(condition)) {
    const [operator = ""] = Object.keys(condition);
    if (!supported.has(operator)) throw rejected(`Unrecognized match type ${operator} at "${key}"`);
    const operand = condition[operator];
    if (operator === "anything-but" && isObject(operand) && Object.hasOwn(operand, "wildcard")) {
      throw rejected(`Unsupported anything-but pattern: wildcard at "${key}"`);
    }
    if ((operator === "prefix" || operator === "suffix") && typeof operand !== "string") {
      throw rejected(`${operator} match pattern must be a string at "${key}"`);
    }
    if (operator === "numeric" || operator === "anything-but") numbers.push(...[operand].flat());
  }
  const tooLarge = numbers.find((number) => typeof number === "number" && Math.abs(number) > billion);
  if (tooLarge !== undefined) throw rejected(`${String(tooLarge)} at "${key}" is beyond a billion`);
}

/** Message attributes in the shape a pattern looks at: numbers as numbers, String.Array as its elements. */
function attributeEvent(attributes: MessageAttributes): Json {
  return Object.fromEntries(
    [...attributes].flatMap(([name, { type, value }]): (readonly [string, unknown])[] => {
      // SNS ignores Binary attributes when it filters.
      if (type.startsWith("Binary")) return [];
      if (type.startsWith("Number")) return [[name, Number(value)]];
      return [[name, type === "String.Array" ? JSON.parse(value) : value]];
    }),
  );
}

/** A body that is no JSON object passes no policy about the body. */
function matchesBody(body: string, matches: EventMatcher): boolean {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return false;
  }
  try {
    return matches(event);
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}
