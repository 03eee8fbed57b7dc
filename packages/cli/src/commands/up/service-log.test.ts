import { createLogger } from "@streamwarden/consumer";
import { expect, test } from "vitest";
import { fakeTerminal } from "../../testing/terminal.ts";
import { logDestination, logLine } from "./service-log.ts";

test("a log entry is one line, whatever it quotes", async () => {
  const { terminal, written } = fakeTerminal({});
  const logger = createLogger({ level: "info", pretty: true, destination: logDestination(terminal.out) });
  logger.warn({ policy: "a\u001b[2J\nb", attempt: 2, lists: ["x"] }, "Away\u202e");
  expect((await written()).out).toMatch(
    /^\d\d:\d\d:\d\d warn Away\\u202e policy=a\\u001b\[2J\\u000ab attempt=2 lists=\["x"\]\n$/,
  );
});

test.each([
  ['{"level":"info","time":"2026-01-02T03:04:05.000Z","service":"s"}', "03:04:05 info "],
  ["[1]\n", "[1]"],
])("%s", (entry, expected) => {
  expect(String(logLine(entry))).toBe(expected);
});
