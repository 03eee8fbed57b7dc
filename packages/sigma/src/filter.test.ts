import { describe, expect, test } from "vitest";
import { load, loadClean, ruleText } from "./testing/rules.ts";

const one = ruleText("selection: {eventName: A}\ncondition: 1 of selection*", "name: one\n").replace(
  "A rule",
  "One",
);
const two = ruleText("selection: {eventName: [A, B]}\ncondition: selection", "name: two\n").replace(
  "A rule",
  "Two",
);
function filter(
  rules: string,
  condition: string,
  selections = "  selection: {user|endswith: ci}\n",
  title = "CI",
) {
  return `title: ${title}\nlogsource: {product: test}\nfilter:\n  rules: ${rules}\n${selections}  condition: ${condition}\n`;
}
function all(...documents: string[]) {
  return documents.join("---\n");
}

describe("filters", () => {
  test.each<[string, string, string, string[]]>([
    ["[one]", "not selection", "ci", ["Two"]],
    ["[one]", "not selection", "alice", ["One", "Two"]],
    ["[one, two]", "not selection", "ci", []],
    ["any", "not selection", "ci", []],
    ["[]", "not selection", "ci", []],
    ["one", "not selection", "ci", ["Two"]],
    ["[ONE]", "not selection", "ci", ["Two"]],
    ["[one]", "selection", "ci", ["One", "Two"]],
    ["[one]", "selection", "alice", ["Two"]],
    ["[one]", "not 1 of selection*", "ci", ["Two"]],
    ["[one]", "not 1 of them", "ci", ["Two"]],
  ])("rules: %s, condition: %s, user %s", (rules, condition, user, expected) => {
    const ruleset = loadClean(all(one, two, filter(rules, condition)));
    expect(ruleset.match({ eventName: "A", user }).map((rule) => rule.title)).toEqual(expected);
  });

  test("keep their names to themselves", () => {
    // Both have `selection`, and the rule's pattern would also take in `selection_ci`.
    const ci = filter("[one]", "not selection_ci", "  selection_ci: {user: ci}\n");
    const ruleset = loadClean(all(one, ci));
    expect(ruleset.match({ eventName: "B", user: "ci" })).toEqual([]);
    expect(ruleset.match({ eventName: "A", user: "x" })).toHaveLength(1);
  });

  test("may stand before their rules, and several may narrow one rule", () => {
    const other = filter("[one]", "not selection", "  selection: {user: robot}\n", "Robot");
    const ruleset = loadClean(all(filter("[one]", "not selection"), other, one));
    const titles = (user: string) => ruleset.match({ eventName: "A", user }).map((rule) => rule.title);
    expect([titles("ci"), titles("robot"), titles("alice")]).toEqual([[], [], ["One"]]);
  });

  test("report what they suppressed, each one that did", () => {
    const both = filter("any", "not selection", "  selection: {user|contains: c}\n", "With a c");
    const ruleset = loadClean(all(one, two, filter("[one]", "not selection"), both));
    const { matched, excepted } = ruleset.evaluate({ eventName: "A", user: "ci" });
    expect(matched).toEqual([]);
    expect(excepted.map(({ rule, filter: by }) => [rule.title, by.title])).toEqual([
      ["One", "CI"],
      ["One", "With a c"],
      ["Two", "With a c"],
    ]);
    expect(ruleset.evaluate({ eventName: "C" })).toEqual({ matched: [], excepted: [] });
  });

  test("may be switched off for an event, for expiry dates", () => {
    const text = all(
      one,
      filter("[one]", "not selection").replace(
        "title: CI",
        "title: CI\ncustom_attributes: {expires: 2026-06-01}",
      ),
    );
    const ruleset = loadClean(text, {
      filterApplies: ({ customAttributes }, event) =>
        String(event.eventTime) < String(customAttributes.expires),
    });
    const matches = (eventTime: string) => ruleset.match({ eventName: "A", user: "ci", eventTime }).length;
    expect([matches("2026-05-31T00:00:00Z"), matches("2026-06-02T00:00:00Z")]).toEqual([0, 1]);
  });

  test("whose placeholders are empty narrow nothing, and are listed", () => {
    const text = all(one, filter("[one]", "not selection", "  selection: {user|expand: '%Robots%'}\n"));
    const ruleset = loadClean(text, { placeholders: { Robots: [] } });
    expect(ruleset.match({ eventName: "A", user: "ci" })).toHaveLength(1);
    expect(ruleset.filters).toEqual([]);
    expect(ruleset.inactiveFilters).toMatchObject([{ filter: { title: "CI" }, placeholders: ["Robots"] }]);
  });

  test("narrow only rules of the logs they are about", () => {
    const windows = one.replace("product: test", "product: windows").replaceAll(/one/gi, "other");
    const ruleset = loadClean(all(one, windows, filter("any", "not selection")));
    expect(ruleset.match({ eventName: "A", user: "ci" }).map((rule) => rule.title)).toEqual(["other"]);
  });

  test.each([
    [filter("[three]", "not selection"), "unknown-rule", 4],
    [filter("[One]", "not selection").replace("[One]", "['One ']"), "", 0],
    [
      filter("[one]", "not selection").replace("product: test", "product: aws"),
      "filter-logsource-mismatch",
      4,
    ],
    [filter("[one]", "selection"), "filter-without-not", 6],
    [filter("[one]", "not missing"), "unknown-identifier", 6],
    [filter("[one]", "not selection").replace("  rules: [one]\n", ""), "missing-rules", 4],
    [filter("[one]", "not selection").replace("logsource: {product: test}\n", ""), "missing-logsource", 1],
  ])("problem %#", (text, code, line) => {
    const { problems } = load(all(one, text));
    const offset = one.split("\n").length;
    const found = problems.map((problem) => [problem.code, problem.line - offset]);
    expect(found[0] ?? ["", 0]).toEqual([code, line]);
  });

  test("may refer to a title that one rule has, with a warning that says what to write", () => {
    const { problems, ruleset } = load(
      all(one, two.replace("Two", "Second rule"), filter("['Second rule']", "not selection")),
    );
    expect(problems).toMatchObject([
      { code: "title-as-reference", severity: "warning", hint: "Write `two`.", column: 11 },
    ]);
    expect(ruleset.match({ eventName: "A", user: "ci" }).map((rule) => rule.name)).toEqual(["one"]);
  });

  test.each([
    ["[Twice]", "Several rules have this title: write an id or name."],
    ["[tow]", "Did you mean `two`?"],
    ["[rule-two]", "Did you mean `two`?"],
    ["[nobody]", undefined],
  ])("%s narrow only what they name", (rules, hint) => {
    const twice = one.replace("One", "Twice");
    const others = [twice.replace("name: one", "name: first"), twice.replace("name: one", "name: second")];
    const { problems } = load(all(one, ...others, two, filter(rules, "not selection")));
    expect(problems).toMatchObject([{ code: "unknown-rule", ...(hint && { hint }) }]);
  });

  test("with an error leave their rules as they were", () => {
    const { ruleset } = load(all(one, filter("[one, three]", "not selection")));
    expect(ruleset.match({ eventName: "A", user: "ci" })).toHaveLength(1);
  });
});
