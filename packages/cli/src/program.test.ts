import { describe, expect, test } from "vitest";
import { runCli } from "./program.ts";
import { fakeTerminal } from "./testing/terminal.ts";

async function run(...args: string[]) {
  const { streams, written } = fakeTerminal({});
  const code = await runCli(args, streams, { env: {}, defaultConfig: "streamwarden.yml" });
  return { code, ...(await written()) };
}

const commands = [
  ["up"],
  ["send"],
  ["replay"],
  ["seed"],
  ["check"],
  ["test"],
  ["explain"],
  ["alert", "preview"],
  ["alert", "test"],
];

describe("help", () => {
  test.each(commands)("of %s %s says what it does, with an example and its exit codes", async (...words) => {
    const args = words.filter((word) => word !== undefined);
    const { code, out, err } = await run(...args, "--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/\nExamples?:\n {2}\S/);
    expect(out).toMatch(/\nExit codes: .*\.\n$/);
  });

  test("of everything names every command", async () => {
    const { out } = await run("--help");
    for (const [word = ""] of commands) expect(out).toMatch(new RegExp(`^  ${word} `, "m"));
  });

  test("fits a narrow terminal", async () => {
    const { streams, written } = fakeTerminal({});
    Object.assign(streams.stdout, { columns: 60 });
    await runCli(["send", "--help"], streams, { env: {} });
    const { out } = await written();
    const options = out.slice(0, out.indexOf("Examples:")).split("\n");
    expect(Math.max(...options.map(({ length }) => length))).toBeLessThanOrEqual(60);
  });
});

test.each([
  [["fly"]],
  [["send"]],
  [["alert"]],
  [["alert", "test", "--wait", "soon"]],
  [["alert", "test", "--severity", "urgent"]],
  [["up", "--port", ""]],
  [["up", "--port", "70000"]],
  [["up", "--port", "1.5"]],
  [["check", "--format", "xml"]],
  [["explain", "one"]],
  [["replay", "x", "--jobs", "-1"]],
])("%j is wrong usage", async (args) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).not.toBe("");
});
