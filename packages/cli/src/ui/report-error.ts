import { exitCodes, isUserError } from "../errors.ts";
import type { Output } from "./output.ts";
import { line, linesOf, styled } from "./text.ts";

/**
 * Says what went wrong, and returns the exit code. A message is one line, whatever is quoted in it; only `details` and
 * `problems` of an error make more.
 */
export function reportError(error: unknown, err: Output): number {
  if (!isUserError(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    err.print("This is a defect in Streamwarden, please report it:", ...linesOf(text));
    return exitCodes.failed;
  }
  const { code, exitCode, message, path, problems = [], details = [] } = error;
  const places = problems.map((problem) => {
    const place = `${problem.path ?? path}:${problem.line}:${problem.column}`;
    return `${place}: ${problem.message}`;
  });
  const lines = `\n${details.join("\n")}`;
  const sentence = message.endsWith(lines) ? message.slice(0, -lines.length) : message;
  const [first = sentence, ...others] = places;
  const label = styled("red", "error");
  err.print(
    line`${label} ${first} [${code}]`,
    ...others.map((text) => line`${label} ${text} [${code}]`),
    ...details,
  );
  return exitCode ?? exitCodes.failed;
}
