import { expect, test } from "vitest";
import { createLogger } from "./logging.ts";

const secret = "sk_us-west-2_AbCdEfGhIjKlMnOp";

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(
    createLogger({
      level: "trace",
      pretty: false,
      destination: { write: (line: string) => void lines.push(line) },
    }),
  );
  return lines.join("");
}

test.each<[string, (logger: ReturnType<typeof createLogger>) => void]>([
  ["a message", (logger) => logger.info(`read ${secret}`)],
  ["a field", (logger) => logger.warn({ note: secret }, "noted")],
  ["a nested field", (logger) => logger.warn({ a: { b: [{ c: secret }] } }, "noted")],
  ["an error", (logger) => logger.error({ err: new Error(`rejected ${secret}`) }, "failed")],
  ["an error alone", (logger) => logger.error(new Error(`rejected ${secret}`))],
  ["a secret across the cut", (logger) => logger.info({ note: `${"x".repeat(1985)} ${secret}` }, "noted")],
])("no secret is logged from %s", (_, write) => {
  const line = logged(write);
  expect(line).toMatch(/"level":"(?:info|warn|error)"/);
  expect(line).not.toContain("AbCd");
});

test("an error has no stack in the log", () => {
  expect(logged((logger) => logger.error({ err: new Error("away") }, "failed"))).not.toContain(".ts:");
});
