import { ConsumerError } from "../errors.ts";

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

const logLevels: readonly string[] = ["trace", "debug", "info", "warn", "error", "silent"];
const longestValueShown = 100;

/**
 * Reads variables by name. A missing or malformed one gives an empty or default value and is noted: `readVariables`
 * reports all of them together and hands out nothing.
 */
export interface EnvironmentReader {
  /** @param what what it should be set to, for the message. */
  required(name: string, what: string): string;
  optional(name: string, fallback: string): string;
  url(name: string, what: string): string;
  /** A URL that may be missing. */
  optionalUrl(name: string, fallback: string): string;
  topicArn(name: string, what: string): string;
  tableName(name: string): string;
  region(name: string): string;
  wholeNumber(name: string, fallback: number, smallest: number, largest: number): number;
  logLevel(): string;
  /** Notes a problem that only several variables together have: a sentence that begins with a name. */
  problem(sentence: string): void;
}

/**
 * Whoever deploys should need one attempt and not one for each variable, so every problem is reported at once.
 *
 * @throws ConsumerError `consumer-environment`: one line for each variable that is missing or malformed.
 */
export function readVariables<T>(env: EnvironmentVariables, read: (variables: EnvironmentReader) => T): T {
  const problems: string[] = [];
  const values = read(environmentReader(env, (sentence) => problems.push(sentence)));
  const [first, ...others] = problems;
  if (first === undefined) return values;
  if (others.length === 0) throw new ConsumerError("consumer-environment", first);
  const sentence = `${problems.length} environment variables are missing or malformed:`;
  throw new ConsumerError("consumer-environment", sentence, { details: problems });
}

function environmentReader(
  env: EnvironmentVariables,
  problem: (sentence: string) => void,
): EnvironmentReader {
  const optional = (name: string, fallback: string): string => env[name]?.trim() || fallback;
  const required = (name: string, what: string): string => {
    const value = optional(name, "");
    if (value === "") problem(`${name} is missing: set it to ${what}.`);
    return value;
  };
  /** `expected` completes "is …": what a value must be. A missing one is reported once, as missing. */
  const shaped = (
    name: string,
    what: string,
    expected: string,
    isRight: (value: string) => boolean,
  ): string => {
    const value = required(name, what);
    if (value !== "" && !isRight(value)) problem(`${name} is not ${expected}: set it to ${what}.`);
    return value;
  };
  return {
    required,
    optional,
    problem,
    url: (name, what) => shaped(name, what, "an http or https URL", isWebAddress),
    optionalUrl(name, fallback) {
      const value = optional(name, fallback);
      if (value !== "" && !isWebAddress(value) && value !== fallback)
        problem(`${name} is not an http or https URL: set it to one, or leave it out.`);
      return value;
    },
    topicArn: (name, what) =>
      shaped(
        name,
        `${what}, such as arn:aws:sns:us-east-1:123456789012:alerts`,
        "the ARN of an SNS topic",
        (value) => /^arn:[^:\s]+:sns:[^:\s]+:\d{12}:[^:\s]+$/.test(value),
      ),
    tableName: (name) =>
      shaped(name, "the name of the DynamoDB state table", "the name or ARN of a DynamoDB table", (value) =>
        /^(?:arn:[^:\s]+:dynamodb:[^:\s]+:\d{12}:table\/)?[A-Za-z0-9_.-]{3,255}$/.test(value),
      ),
    region: (name) =>
      shaped(name, "the region of the queue, such as us-east-1", "the name of an AWS region", (value) =>
        /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/.test(value),
      ),
    wholeNumber(name, fallback, smallest, largest) {
      const text = optional(name, String(fallback));
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= smallest && value <= largest) return value;
      problem(`${name} is ${shown(text)}: set it to a whole number from ${smallest} to ${largest}.`);
      return fallback;
    },
    logLevel() {
      const value = optional("STREAMWARDEN_LOG_LEVEL", "info");
      if (!logLevels.includes(value))
        problem(`STREAMWARDEN_LOG_LEVEL is ${shown(value)}: set it to one of ${logLevels.join(", ")}.`);
      return value;
    },
  };
}

function isWebAddress(value: string): boolean {
  const protocol = URL.parse(value)?.protocol;
  return protocol === "https:" || protocol === "http:";
}

/** In quotes and on one line, whatever it holds. */
function shown(value: string): string {
  return JSON.stringify(value.slice(0, longestValueShown));
}
