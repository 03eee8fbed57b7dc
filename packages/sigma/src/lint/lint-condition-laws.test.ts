import fc from "fast-check";
import { expect, test } from "vitest";
import { load, ruleText } from "../testing/rules.ts";
import { satisfiability } from "../testing/satisfiability.ts";

const values = fc.constantFrom(
  "a",
  "A",
  "ab",
  "b",
  "''",
  "1",
  "'1'",
  "1.0",
  "null",
  "'*'",
  "'a*'",
  "'*b'",
  "[a, b]",
  "['a*', 1]",
);
const texts = fc.constantFrom("a", "b", "'1'", "ab");
const line = fc.oneof(
  fc.tuple(fc.constantFrom("f", "f|cased", "f|neq"), values),
  fc.tuple(fc.constantFrom("f|startswith", "f|contains", "f|endswith|cased", "f|re"), texts),
  fc.tuple(fc.constantFrom("f|gt", "f|lte", "f|gte", "f|lt"), fc.constantFrom("0", "1", "2")),
  fc.tuple(fc.constant("f|exists"), fc.constantFrom("true", "false")),
);
const scalars = ["a", "A", "ab", "AB", "b", "", "1", "1.0", "x", 0, 1, 2, 1.5, 0.5, true, null, { a: "ab" }];
const events: Record<string, unknown>[] = [{}, ...scalars.map((f) => ({ f }))];
const lists = [[], ...scalars.flatMap((one) => scalars.map((two) => [one, two]))].map((f) => ({ f }));

test("conditions that can never be true are told truly: no event satisfies what is said to be unsatisfiable", () => {
  const counts = { never: 0, "lists only": 0, possible: 0 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), line), { minLength: 2, maxLength: 4 }), (parts) => {
      const selections = parts.map(([, [key, value]], index) => `s${index}: {${key}: ${value}}`);
      const condition = parts.map(([isDenied], index) => `${isDenied ? "not " : ""}s${index}`).join(" and ");
      const text = `${selections.join("\n")}\ncondition: ${condition}`;
      const found = satisfiability(text);
      counts[found]++;
      const { ruleset } = load(ruleText(text));
      const impossible = found === "never" ? [...events, ...lists] : found === "lists only" ? events : [];
      expect(impossible.filter((event) => ruleset.match(event).length > 0)).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(15);
});
