import { InvalidArgumentError } from "commander";
import type { Terminal } from "./ui/terminal.ts";

/**
 * What the declaration of a command gets. Each command's code is loaded when it is called: the AWS clients of one take
 * longer than the help of all.
 */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Says what the process exits with. */
  finish(exitCode: number): void;
}

export const configOption = [
  "-c, --config <path>",
  "path of streamwarden.yml (default: the one here)",
] as const;

/** Options of the commands that take policies from files as well. */
export const policyOptions = {
  policies: ["-p, --policies <path...>", "policy files and folders instead of the configured ones"],
  config: ["-c, --config <path>", "path of streamwarden.yml (default: the one here; with --policies none)"],
} as const;

/** A port or a count. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("It should be a whole number from 0 to 65535.");
  return value;
}

/** One of some words. */
export function oneOf(...choices: readonly string[]): (text: string) => string {
  return (text) => {
    if (!choices.includes(text)) throw new InvalidArgumentError(`It should be ${choices.join(" or ")}.`);
    return text;
  };
}

/** The end of a command's help. */
export function helpEnd(help: {
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** Those that the command gives a meaning of its own; `streamwarden --help` has all. */
  readonly exitCodes?: string;
}): string {
  const { notes = [], examples, exitCodes } = help;
  return [
    "",
    ...notes,
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.map((example) => `  ${example}`),
    ...(exitCodes === undefined ? [] : [`Exit codes: ${exitCodes}.`]),
  ].join("\n");
}
