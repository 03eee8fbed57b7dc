import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { framed } from "./frame.ts";
import { counted, hasColor, type Terminal } from "./terminal.ts";

const terminal = (isTTY: boolean, env: Record<string, string> = {}): Terminal => {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  return { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env };
};

test.each([
  ["a terminal", terminal(true), true],
  ["a pipe", terminal(false), false],
  ["NO_COLOR", terminal(true, { NO_COLOR: "1" }), false],
  ["an empty NO_COLOR says nothing", terminal(true, { NO_COLOR: "" }), true],
  ["TERM=dumb", terminal(true, { TERM: "dumb" }), false],
  ["FORCE_COLOR into a pipe", terminal(false, { FORCE_COLOR: "1" }), true],
  ["FORCE_COLOR=0", terminal(true, { FORCE_COLOR: "0" }), false],
])("colour: %s", (_, given, expected) => {
  expect(hasColor(given)).toBe(expected);
});

test("a frame without colour is plain ASCII", () => {
  expect(framed(terminal(false), "email", "one\n\ntwo\n")).toBe("+- email\n| one\n|\n| two\n+-");
});

test("counts agree in number", () => {
  expect([counted(0, "event"), counted(1, "event"), counted(1234, "policy", "policies")]).toEqual([
    "0 events",
    "1 event",
    "1,234 policies",
  ]);
});
