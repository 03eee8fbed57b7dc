import { ConsumerError } from "../errors.ts";

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

const logLevels = ["trace", "debug", "info", "warn", "error", "silent"];

/** Reads variables one by one. Each method throws ConsumerError `consumer-environment`, naming the variable. */
export interface EnvironmentReader {
  /** @param what what it should be set to, for the message. */
  required(name: string, what: string): string;
  url(name: string, what: string): string;
  topicArn(name: string, what: string): string;
  wholeNumber(name: string, fallback: number, smallest: number, largest: number): number;
  logLevel(): string;
}

export function environmentReader(env: EnvironmentVariables): EnvironmentReader {
  const refuse = (sentence: string): ConsumerError => new ConsumerError("consumer-environment", sentence);
  const required = (name: string, what: string): string => {
    const value = env[name]?.trim();
    if (value === undefined || value === "") throw refuse(`${name} is missing: set it to ${what}.`);
    return value;
  };
  return {
    required,
    url(name, what) {
      const value = required(name, what);
      if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
        throw refuse(`${name} is not a URL: set it to ${what}.`);
      return value;
    },
    topicArn(name, what) {
      const value = required(name, what);
      if (!/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(value))
        throw refuse(
          `${name} is not the ARN of an SNS topic: it should look like arn:aws:sns:us-east-1:123456789012:alerts.`,
        );
      return value;
    },
    wholeNumber(name, fallback, smallest, largest) {
      const text = env[name]?.trim();
      if (text === undefined || text === "") return fallback;
      const value = Number(text);
      if (!Number.isInteger(value) || value < smallest || value > largest)
        throw refuse(`${name} is "${text}": set it to a whole number from ${smallest} to ${largest}.`);
      return value;
    },
    logLevel() {
      const name = "STREAMWARDEN_LOG_LEVEL";
      const value = env[name]?.trim() || "info";
      if (!logLevels.includes(value))
        throw refuse(`${name} is "${value}": set it to one of ${logLevels.join(", ")}.`);
      return value;
    },
  };
}
