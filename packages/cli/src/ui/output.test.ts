import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fakeTerminal } from "../testing/terminal.ts";
import { Output } from "./output.ts";
import { joined, line, styled, type Text } from "./text.ts";

function output(isTTY: boolean, env: Record<string, string> = {}): Output {
  return fakeTerminal({ isTTY, env }).terminal.out;
}

test.each([
  ["a terminal", output(true), true],
  ["a pipe", output(false), false],
  ["NO_COLOR", output(true, { NO_COLOR: "1" }), false],
  ["an empty NO_COLOR says nothing", output(true, { NO_COLOR: "" }), true],
  ["TERM=dumb", output(true, { TERM: "dumb" }), false],
  ["FORCE_COLOR into a pipe", output(false, { FORCE_COLOR: "1" }), true],
  ["FORCE_COLOR=0", output(true, { FORCE_COLOR: "0" }), false],
])("colour: %s", (_, given, expected) => {
  expect(given.hasColor).toBe(expected);
});

describe("what is written", () => {
  const anyText = fc.letrec<{ text: Text }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.constantFrom("red", "dim", "bold"), tie("text"))
        .map(([style, text]) => styled(style, text)),
      fc.array(tie("text"), { maxLength: 4 }).map(joined),
      fc.tuple(tie("text"), tie("text")).map(([left, right]) => line`${left}: ${right}`),
    ),
  })).text;

  test("is as many lines as were printed, with no control character but our own styles, whatever the text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyText, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (texts, isTTY) => {
          const { terminal, written } = fakeTerminal({ isTTY });
          terminal.out.print(...texts);
          const { out } = await written();
          // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles that `styled` makes
          const plain = out.replaceAll(/\u001b\[(?:1|2|22|31|39)m/g, "");
          expect(plain.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(plain.split("\n")).toHaveLength(texts.length + 1);
          if (!isTTY) expect(out).toBe(plain);
        },
      ),
    );
  });

  test("keeps styles apart from text that looks like one", async () => {
    const { terminal, written } = fakeTerminal({ isTTY: true });
    terminal.out.print(line`${styled("red", "a\u001b[0mb")} ${"\u001b[31m"}${7}`);
    expect((await written()).out).toBe("\u001b[31ma\\u001b[0mb\u001b[39m \\u001b[31m7\n");
  });

  test("is JSON that is the same value", async () => {
    const value = { "k\u202e": ["\u009b", "\u2028", "\n"] };
    const { terminal, written } = fakeTerminal({});
    terminal.out.json(value);
    terminal.out.json(value, 0);
    const { out } = await written();
    const lines = out.trimEnd().split("\n");
    expect(JSON.parse(lines.slice(0, -1).join("\n"))).toEqual(value);
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual(value);
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe("a reader that goes away", () => {
  const failing = (code: string): { stream: PassThrough; out: Output } => {
    const stream = new PassThrough();
    const out = new Output(stream, {});
    stream.emit("error", Object.assign(new Error(`write ${code}`), { code }));
    return { stream, out };
  };

  test.each(["EPIPE", "EIO", "ECONNRESET"])("is no failure: nothing more is written (%s)", async (code) => {
    const { stream, out } = failing(code);
    out.print("more");
    out.json({});
    await out.drained();
    await out.flushed();
    expect(out.closed.aborted).toBe(true);
    expect(out.failure).toBeUndefined();
    expect(stream.read()).toBeNull();
  });

  test("is told apart from a disk that is full", () => {
    const { out } = failing("ENOSPC");
    expect(out.closed.aborted).toBe(true);
    expect(out.failure?.message).toBe("write ENOSPC");
  });

  test("frees whoever waits for a slow one", async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const out = new Output(stream, {});
    out.print("more than it takes");
    const drained = out.drained();
    stream.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await drained;
  });
});
