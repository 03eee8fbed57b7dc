import { expect, test } from "vitest";
import { framed } from "./frame.ts";
import { counted, linesOf, rendered, shortened } from "./text.ts";

test("a frame without colour is plain ASCII", () => {
  const lines = framed({ hasColor: false }, "email", "one\n\ntwo\n").map((text) => rendered(text, false));
  expect(lines).toEqual(["+- email", "| one", "|", "| two", "+-"]);
});

test("counts agree in number", () => {
  expect([counted(0, "event"), counted(1, "event"), counted(1234, "policy", "policies")]).toEqual([
    "0 events",
    "1 event",
    "1,234 policies",
  ]);
});

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["a🟧cd", 3, "a…"],
  ["", 3, ""],
])("%j in %i characters is %j", (text, longest, expected) => {
  expect(shortened(text, longest)).toBe(expected);
});

test("a text that ends in line feeds has no empty lines at its end", () => {
  expect(linesOf("a\n\nb\n\n")).toEqual(["a", "", "b"]);
});
