import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codesOf, isTrue, load, ruleText } from "../testing/rules.ts";

const selections = "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\nsel_a: {x: 1}\nsel_b: {y: 1}\n_private: {p: 1}";
function detection(condition: string) {
  return `${selections}\ncondition: ${JSON.stringify(condition)}`;
}

describe("conditions", () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ["a", { a: 1 }, true],
    ["a and b", { a: 1 }, false],
    ["a or b", { b: 1 }, true],
    ["not a", {}, true],
    ["not not a", { a: 1 }, true],
    ["a and not b", { a: 1 }, true],
    ["a or b and c", { a: 1 }, true],
    ["a or b and c", { b: 1 }, false],
    ["not a and b", { b: 1 }, true],
    ["not a or b", { a: 1 }, false],
    ["not (a or b)", { b: 1 }, false],
    ["(a or b) and c", { a: 1 }, false],
    ["((a))", { a: 1 }, true],
    ["1 of sel_*", { y: 1 }, true],
    ["1 of sel_*", { x: 1, y: 1 }, true],
    ["any of sel_*", { y: 1 }, true],
    ["all of sel_*", { x: 1 }, false],
    ["all of sel_*", { x: 1, y: 1 }, true],
    ["not 1 of sel_*", { x: 1 }, false],
    ["1 of *_a", { x: 1 }, true],
    ["1 of s*_*b", { y: 1 }, true],
    ["1 of a", { a: 1 }, true],
    ["1 of them", { c: 1 }, true],
    ["1 of them", { p: 1 }, false],
    ["1 of *", { p: 1 }, false],
    ["1 of _*", { p: 1 }, true],
    ["_private", { p: 1 }, true],
    ["all of them", { a: 1, b: 1, c: 1, x: 1, y: 1 }, true],
    ["a and 1 of sel_* and not c", { a: 1, x: 1 }, true],
    ["  a\n  or\tb ", { b: 1 }, true],
  ])("%j on %j is %s", (condition, event, expected) => {
    expect(isTrue(detection(condition), event)).toBe(expected);
  });

  test("a list of conditions is true when one is", () => {
    const text = `${selections}\ncondition: [a and b, c]`;
    expect(isTrue(text, { c: 1 })).toBe(true);
    expect(isTrue(text, { a: 1 })).toBe(false);
  });

  test("names may begin with an operator", () => {
    expect(
      isTrue(
        "notepad: {a: 1}\nandroid: {b: 1}\noracle: {c: 1}\ncondition: notepad or not android and oracle",
        { a: 1 },
      ),
    ).toBe(true);
  });

  test.each([
    ["a AND b", "uppercase-operator", 3],
    ["a Or b", "uppercase-operator", 3],
    ["NOT a", "uppercase-operator", 1],
    ["1 OF sel_*", "uppercase-operator", 3],
    ["All Of them", "uppercase-operator", 5],
    ["a OF b", "condition-syntax", 3],
    ["1 of THEM", "uppercase-operator", 6],
    ["ALL of them", "uppercase-operator", 1],
    ["2 of sel_*", "condition-syntax", 1],
    ["a b", "condition-syntax", 3],
    ["a and", "condition-syntax", 3],
    ["and a", "condition-syntax", 1],
    ["(a", "condition-syntax", 1],
    ["a)", "condition-syntax", 2],
    ["()", "condition-syntax", 2],
    ["a & b", "condition-syntax", 3],
    ["a, b", "condition-syntax", 2],
    ["1 of", "condition-syntax", 1],
    ["1 of (sel_a, sel_b)", "condition-syntax", 6],
    ["missing", "unknown-identifier", 1],
    ["a and missing", "unknown-identifier", 7],
    ["1 of none_*", "pattern-matches-nothing", 6],
    ["1 of _none*", "pattern-matches-nothing", 6],
    ["a | count() > 5", "condition-aggregation", 3],
    ["a | near b", "condition-aggregation", 3],
    [" ", "condition-syntax", 1],
  ])("%j is rejected as %s at the word itself", (condition, code, offset) => {
    const { problems } = load(ruleText(detection(condition)));
    const start = '  condition: "'.length;
    expect(problems.filter((problem) => problem.severity === "error")).toMatchObject([
      { code, line: 11, column: condition.trim() === "" ? expect.any(Number) : start + offset },
    ]);
  });

  test("parentheses without end are rejected, not a crash", () => {
    expect(codesOf(ruleText(detection(`${"(".repeat(100_000)}a`)))).toContain("condition-syntax");
    expect(codesOf(ruleText(detection(`${"not ".repeat(100_000)}a`)))).toContain("condition-syntax");
  });

  test("mean what any parser of `or < and < not` says", () => {
    type Tree = { text: string; value: (event: Record<string, boolean>) => boolean };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc
          .constantFrom("a", "b", "c")
          .map((name): Tree => ({ text: name, value: (event) => event[name] === true })),
        tie("tree").map(
          (inner): Tree => ({ text: `not (${inner.text})`, value: (event) => !inner.value(event) }),
        ),
        fc.tuple(tie("tree"), tie("tree")).map(
          ([left, right]): Tree => ({
            text: `(${left.text}) and (${right.text})`,
            value: (event) => left.value(event) && right.value(event),
          }),
        ),
        fc.tuple(tie("tree"), tie("tree")).map(
          ([left, right]): Tree => ({
            text: `${left.text} or ${right.text}`,
            value: (event) => left.value(event) || right.value(event),
          }),
        ),
      ),
    }));
    fc.assert(
      fc.property(
        tree,
        fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }),
        ({ text, value }, event) => {
          const names = "a: {a: true}\nb: {b: true}\nc: {c: true}";
          expect(isTrue(`${names}\ncondition: ${text}`, event)).toBe(value(event));
        },
      ),
      { numRuns: 200 },
    );
  });
});
