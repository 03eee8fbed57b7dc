import { describe, expect, test } from "vitest";
import { load, ruleText } from "../testing/rules.ts";
import { satisfiability } from "../testing/satisfiability.ts";

describe("conditions that can never be true", () => {
  test.each([
    ["a|exists: false, a: x", "never"],
    ["a|exists: false, a|contains: x", "never"],
    ["a|exists: false, a|re: x", "never"],
    ["a|exists: false, a|gt: 1", "never"],
    ["a|exists: false, a|fieldref: b", "never"],
    ["a|exists: false, ' a|exists': true", "never"],
    ["a|exists: false, a: null", "possible"],
    ["a|exists: false, a.b: x", "possible"],
    ["a|exists: true, a: null", "possible"],
    ["a: null, a|contains: x", "lists only"],
    ["a: null, ' a': [x, 1]", "lists only"],
    ["a: null, a|fieldref: b", "lists only"],
    ["a: foo, a|startswith: b", "lists only"],
    ["a: foo, a|startswith: f", "possible"],
    ["a: [foo, bar], a|startswith: b", "possible"],
    ["a: [foo, fox], a|endswith: b", "lists only"],
    ["a: foo, a|contains: x", "lists only"],
    ["a: foo, a|contains: O", "possible"],
    ["a: foo, a|contains|cased: O", "possible"],
    ["a: foo, a|re: O", "possible"],
    ["a: '10.1.1', a|re: '^11'", "lists only"],
    ["a: 10.1.1.1, a|cidr: 10.2.0.0/16", "lists only"],
    ["a: 10.1.1.1, a|cidr: 10.0.0.0/8", "possible"],
    ["a: ivs.amazonaws.com, a|cidr: 10.0.0.0/8", "lists only"],
    ["a|cased: Foo, a|contains|cased: foo", "lists only"],
    ['a: \'{"x":"yz"}\', a|startswith: q', "possible"],
    ["a|gt: 5, a|lt: 3", "lists only"],
    ["a|gt: 5, a|lt: 5.1", "possible"],
    ["a|gt: 5, a|lte: 5", "lists only"],
    ["a|gte: 5, a|lte: 5", "possible"],
    ["a|gt: 5, a|lt: 10, ' a|gt': 20", "lists only"],
    ["a: 5, a|gt: 7", "lists only"],
    ["a: 5, a|gt: 4", "possible"],
    ["a: 5, a|startswith: '5.'", "possible"],
    ["a|hour|gte: 22, a|hour|lt: 6", "lists only"],
    ["a|hour|gt: 5, a|hour|lt: 6", "lists only"],
    ["a|hour|gt: 5, a|minute|lt: 3", "possible"],
    ["a: [x*, y], a|startswith: z", "possible"],
    ["a: [x, 'y*'], ' a': null", "lists only"],
  ])("{%s}: %s", (lines, expected) => {
    expect(satisfiability(`s: {${lines}}\ncondition: s`)).toBe(expected);
  });

  test.each([
    ["a: CreateUser", "a|startswith: Create", "never"],
    ["a: CreateUser", "a|startswith: create", "never"],
    ["a: CreateUser", "a|startswith|cased: Create", "possible"],
    ["a|cased: CreateUser", "a|startswith|cased: Create", "never"],
    ["a: CreateUser", "a: '*'", "never"],
    ["a|startswith: Create", "a: '*'", "never"],
    ["a|re: Create", "a: '*'", "never"],
    ["a|gt: 1", "a|exists: true", "never"],
    ["a: null", "a|exists: true", "possible"],
    ["a: null", "a: '*'", "possible"],
    ["a: [CreateUser, CreateRole]", "a|startswith: Create", "never"],
    ["a: [CreateUser, DeleteRole]", "a|startswith: [Create, Delete]", "never"],
    ["a: [CreateUser, GetRole]", "a|startswith: [Create, Delete]", "possible"],
    ["a: [CreateUser, 'CreateRole*']", "a|startswith: Create", "never"],
    ["a: [CreateUser, 'DeleteRole*']", "a|startswith: Create", "possible"],
    ["a|startswith: CreateUser", "a|startswith: Create", "never"],
    ["a|startswith: Create", "a|startswith: CreateUser", "possible"],
    ["a|contains: abc", "a|contains: b", "never"],
    ["a|contains: abc", "a|contains: 'b?'", "possible"],
    ["a: CreateUser", "{a|startswith: Create, b: 1}", "possible"],
    ["a|gt: 5", "a|gt: 3", "never"],
    ["a|gt: 3", "a|gt: 5", "possible"],
    ["a: 5", "a|gt: 3", "never"],
    ["a: 5", "a|startswith: 5", "possible"],
  ])("{%s} and not {%s}: %s", (selection, filter, expected) => {
    const denied = filter.startsWith("{") ? filter : `{${filter}}`;
    expect(satisfiability(`s: {${selection}}\nf: ${denied}\ncondition: s and not f`)).toBe(expected);
  });

  test("names both parts", () => {
    const { problems } = load(ruleText("s: {a: [x, 'y*']}\nf: {a: '*'}\ncondition: s and not f"));
    expect(problems).toMatchObject([
      { message: 'No event can satisfy this: `a = x or starts with "y"`, and also not `a has a value`.' },
    ]);
  });
});
