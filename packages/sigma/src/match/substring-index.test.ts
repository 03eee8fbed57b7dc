import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldPath } from "../event/field-path.ts";
import { FieldState } from "../event/field-state.ts";
import { link } from "../link.ts";
import { parse } from "../parse/parse.ts";
import { ruleText } from "../testing/rules.ts";
import { SubstringIndex } from "./substring-index.ts";

function fieldOf(...values: readonly unknown[]): FieldState {
  const field = new FieldState(fieldPath("f"));
  field.exists = true;
  for (const value of values) {
    field.push(value);
  }
  return field;
}
function visited(index: SubstringIndex, field: FieldState): number[] {
  const ordinals = new Set<number>();
  index.visit(field, (ordinal) => ordinals.add(ordinal));
  return [...ordinals].sort((left, right) => left - right);
}

describe("the search for many literals at once", () => {
  test("finds exactly the literals that stand in a text", () => {
    // "š" and "a" share their low byte, so that pieces are confused and the literal itself must decide.
    const unit = fc.constantFrom("a", "b", "\u0161");
    const literal = fc.string({ unit, minLength: 4, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(literal, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 20 }),
        fc.string({ unit, maxLength: 24 }),
        (rules, text) => {
          const index = new SubstringIndex(
            new Map(rules.map((literals, ordinal) => [ordinal, new Set(literals)])),
          );
          const expected = rules.flatMap((literals, ordinal) =>
            literals.some((needle) => text.includes(needle)) ? [ordinal] : [],
          );
          expect(visited(index, fieldOf(text))).toEqual(expected);
        },
      ),
    );
  });

  test("looks into every value, and into the strings inside an object", () => {
    const index = new SubstringIndex(
      new Map([
        [0, new Set(["needle"])],
        [1, new Set(['"key"'])],
      ]),
    );
    expect(visited(index, fieldOf("hay", 5, null, "a NEEDLE here"))).toEqual([0]);
    expect(visited(index, fieldOf({ a: [{ b: '{"key":1}' }], needle: 1 }))).toEqual([0, 1]);
  });

  test("searches a literal once, however often its piece stands in the text", () => {
    const index = new SubstringIndex(new Map([[0, new Set(["aaaab"])]]));
    expect(visited(index, fieldOf("a".repeat(1_000_000)))).toEqual([]);
  });

  test("changes no result of rules that search one field", () => {
    const word = fc.stringMatching(/^[ab*?.]{3,7}$/);
    const line = fc
      .tuple(fc.constantFrom("contains", "startswith", "endswith", "re", "cased|contains"), word)
      .map(
        ([modifier, text]) =>
          `f|${modifier}: ${JSON.stringify(modifier === "re" ? text.replaceAll(/[*?]/g, "") : text)}`,
      );
    const rules = fc.array(fc.tuple(line, line, fc.constantFrom("s", "s and t", "s or t", "s and not t")), {
      minLength: 6,
      maxLength: 16,
    });
    const value = fc.oneof(
      fc.stringMatching(/^[abAB.]{0,12}$/),
      fc.constantFrom<unknown>({ k: "abab.ab" }, ["aab", "bba"]),
    );
    fc.assert(
      fc.property(rules, fc.array(value, { maxLength: 5 }), (lines, values) => {
        const text = lines
          .map(([s, t, condition]) => ruleText(`s: {${s}}\nt: {${t}}\ncondition: ${condition}`))
          .join("---\n");
        const { documents } = parse([{ path: "r.yml", text }]);
        const indexed = link(documents).ruleset;
        const plain = link(documents, { index: false }).ruleset;
        for (const f of values) {
          expect(indexed.match({ f }).map((rule) => rule.line)).toEqual(
            plain.match({ f }).map((rule) => rule.line),
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
