import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventView } from "./event/event-view.ts";
import { compactJson, type JsonObject, visitScalars } from "./event/json.ts";
import { decisiveParts } from "./explain/decisive-parts.ts";
import { link } from "./link.ts";
import { partOf } from "./match/partial.ts";
import { Program } from "./match/program.ts";
import { parse } from "./parse/parse.ts";
import { ruleText } from "./testing/rules.ts";

const fields = ["eventName", "eventSource", "user.type", "user.name", "items.id", "code"];
const words = ["a", "B", "ab", "1", "1.0", "true", ""];
const modifiers = ["", "|contains", "|startswith", "|endswith", "|cased", "|neq", "|contains|all"];
const scalar = fc.constantFrom<unknown>(...words, 1, true, null, "*b", "a*");

const line = fc
  .tuple(
    fc.constantFrom(...fields),
    fc.constantFrom(...modifiers),
    fc.array(scalar, { minLength: 1, maxLength: 3 }),
  )
  .map(([field, modifier, values]) => {
    const usable = modifier === "" || modifier === "|neq" ? values : values.map((value) => value ?? "a");
    return `  ${JSON.stringify(field + modifier)}: ${JSON.stringify(usable)}`;
  });
const special = fc.constantFrom(
  '  "code|exists": true',
  '  "code|gt": 0',
  '  "user.name|fieldref": eventName',
  '  "|contains": ab',
);
const selection = fc.uniqueArray(
  fc.oneof({ weight: 5, arbitrary: line }, { weight: 1, arbitrary: special }),
  {
    minLength: 1,
    maxLength: 3,
    selector: (text) => text.slice(0, text.indexOf(":")),
  },
);
const condition = fc.constantFrom(
  "a",
  "a and b",
  "a or b",
  "a and not b",
  "not a",
  "(a or b) and not c",
  "1 of them",
  "all of them",
  "a and (b or c)",
  "not (a and b)",
);
/** Rules of the usual kind, which the index can place: enough of them that it splits. */
const placed = fc
  .tuple(
    fc.constantFrom("eventName", "user.type"),
    fc.constantFrom("a", "b", "ab"),
    fc.constantFrom("a", "a and b", "a and not b"),
  )
  .map(([field, word, text]): [string[], string] => [[`  ${field}: ${word}`], text]);
const free = fc.tuple(selection, condition);
const rule = fc
  .tuple(fc.oneof(placed, free), selection, selection)
  .map(([[a, text], b, c]): [string[], string[], string[], string] => [a, b, c, text])
  .map(([a, b, c, text]) =>
    ruleText(`a:\n${a.join("\n")}\nb:\n${b.join("\n")}\nc:\n${c.join("\n")}\ncondition: ${text}`),
  );

const value = fc.constantFrom<unknown>(...words, 1, 2, true, false, null, ["a", "ab"], [], { x: "ab" }, [
  { id: "a" },
  "1",
]);
const optional = { requiredKeys: [] };
const event = fc.record(
  {
    eventName: value,
    eventSource: value,
    code: value,
    user: fc.oneof(fc.record({ type: value, name: value }, optional), value),
    items: fc.array(fc.record({ id: value }, optional), { maxLength: 2 }),
    "user.type": value,
  },
  optional,
);

describe("laws of matching, over any rules and events", () => {
  test("the index changes no result", () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 14 }),
        fc.array(event, { maxLength: 6 }),
        (rules, events) => {
          const { documents } = parse([{ path: "rules.yml", text: rules.join("---\n") }]);
          const indexed = link(documents).ruleset;
          const plain = link(documents, { index: false }).ruleset;
          // Once more and backwards: what came before is decided in another way.
          for (const one of [...events, ...events, ...events.toReversed()]) {
            const titles = indexed.match(one).map((found) => found.line);
            expect(titles).toEqual(plain.match(one).map((found) => found.line));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a rule alone is true where it is true among others", () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 2, maxLength: 8 }), event, (rules, one) => {
        const together = link(parse([{ path: "r.yml", text: rules.join("---\n") }]).documents).ruleset;
        const alone = rules.flatMap((text) =>
          link(parse([{ path: "r.yml", text }]).documents).ruleset.match(one),
        );
        expect(together.match(one)).toHaveLength(alone.length);
      }),
      { numRuns: 40 },
    );
  });

  test("the explained verdict is the compiled one, and every reason belongs to a match", () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), event, (rules, one) => {
        const { ruleset } = link(parse([{ path: "r.yml", text: rules.join("---\n") }]).documents);
        const matched = ruleset.match(one);
        for (const found of ruleset.rules) {
          expect(ruleset.explain(found, one).verdict).toBe(matched.includes(found));
          if (!matched.includes(found)) {
            expect(ruleset.reasons(found, one)).toEqual([]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("laws of reasons, over any rules and events", () => {
  const cases = fc.tuple(rule, event).map(([text, one]) => {
    const [document] = parse([{ path: "r.yml", text }]).documents;
    return { text, one, expression: document?.kind === "rule" ? document.detection.expression : undefined };
  });
  const programOn = (one: JsonObject): Program => {
    const program = new Program(new EventView({}));
    program.view.begin(one);
    return program;
  };

  test("each part says what its matcher, asked alone, says of the event, and together they prove the rule", () => {
    fc.assert(
      fc.property(cases, ({ one, expression }) => {
        if (expression === undefined) {
          return;
        }
        const program = programOn(one);
        const parts = decisiveParts(expression, program);
        for (const { matcher, verdict } of parts) {
          expect(programOn(one).question(matcher).isTrue()).toBe(verdict);
        }
        const known = new Map(parts.map(({ matcher, verdict }) => [matcher.key, verdict]));
        const isTrue = program.compile(expression).isTrue();
        expect(partOf(expression, ({ key }) => known.get(key)) === true).toBe(isTrue);
        expect(parts.length > 0).toBe(isTrue);
      }),
      { numRuns: 400 },
    );
  });

  test("a line says that a field is absent, or quotes its value, only where the event has it so", () => {
    fc.assert(
      fc.property(cases, ({ text, one }) => {
        const { ruleset } = link(parse([{ path: "r.yml", text }]).documents);
        for (const found of ruleset.match(one)) {
          const lines = ruleset.reasons(found, one);
          expect(lines.length).toBeGreaterThan(0);
          for (const text of lines) {
            const [, field = ""] = /^(?:not \w+: )?([\w.]+) /.exec(text) ?? [];
            if (text.endsWith("is absent") || text.endsWith("(it is absent)")) {
              expect(ruleset.read(one, field)).toEqual([]);
            }
            const [, quoted] = /\(it is (".*")\)$/.exec(text) ?? [];
            if (quoted !== undefined) {
              expect(ruleset.read(one, field)).toEqual([JSON.parse(quoted)]);
            }
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("events of any shape", () => {
  test("are written as JSON.stringify writes them", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(compactJson(json)).toBe(JSON.stringify(json));
      }),
    );
  });

  test("are searched completely", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const visited: unknown[] = [];
        visitScalars(json, (found) => visited.push(found));
        const expected: unknown[] = [];
        JSON.stringify(json, (_, found) => {
          if (typeof found !== "object" || found === null) {
            expected.push(found);
          }
          return found;
        });
        expect(visited.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  test("never make matching throw", () => {
    const text = [
      ruleText("s: {a.b|contains: x, c|re: x}\nt: [x]\ncondition: s or t"),
      ruleText("s: {a|cidr: 10.0.0.0/8, b|hour: 1, c|fieldref: a}\ncondition: not s"),
    ].join("---\n");
    const { ruleset } = link(parse([{ path: "r.yml", text }]).documents);
    const keys = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "toString", "length", "a.b");
    const json = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, true, 1, -0, 1e308, "", "x", "\ud800", "10.0.0.1"),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(keys, tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(keys, json, { maxKeys: 4 }), (one) => {
        expect(ruleset.match(JSON.parse(JSON.stringify(one))).length).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
