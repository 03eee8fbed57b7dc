import { describe, expect, test } from "vitest";
import { parse } from "../parse/parse.ts";
import type { Position } from "../problems/problem.ts";

const text = `# group_by: [actor.id] in a comment is no attribute
title: First
logsource: {product: x}
level: low
detection:
  s: {group_by: actor.id}
  condition: s
---
title: Second
logsource: {product: x}
tool.owner: &owner "the team"
level: low
detection:
  s: {f: x}
  condition: s
custom_attributes:
  tool.group_by: [actor.id, 'user name']
  tool.window:
  tool.list:
    - of: *owner
      7: seven
`;
const places = parse([{ path: "rule.yml", text }]).documents[1]?.places;

function shown(position: Position | undefined): string | undefined {
  return position && `${position.path}:${position.line}:${position.column}`;
}

describe("the places of a document's attributes", () => {
  test.each([
    [["level"], "rule.yml:12:1", "rule.yml:12:8"],
    [["tool.owner"], "rule.yml:11:1", "rule.yml:11:20"],
    [["tool.group_by"], "rule.yml:17:3", "rule.yml:17:18"],
    [["custom_attributes", "tool.group_by"], "rule.yml:17:3", "rule.yml:17:18"],
    [["tool.group_by", 1], "rule.yml:17:29", "rule.yml:17:29"],
    [["tool.list", 0, "of"], "rule.yml:20:7", "rule.yml:20:11"],
    [["tool.list", 0, "7"], "rule.yml:21:7", "rule.yml:21:10"],
    [["tool.list", 3], undefined, undefined],
    [["tool.group_by", "of"], undefined, undefined],
    [["constructor"], undefined, undefined],
    [["detection", "s"], undefined, undefined],
    [[], undefined, undefined],
  ])("of %j are key %s and value %s", (path, key, value) => {
    expect(shown(places?.key(...path))).toBe(key);
    expect(shown(places?.value(...path))).toBe(value);
  });

  test("of a key without a value are on its line", () => {
    expect(shown(places?.key("tool.window"))).toBe("rule.yml:18:3");
    expect(places?.value("tool.window")?.line).toBe(18);
  });

  test.each([
    ["actor.id", ["tool.group_by"], "rule.yml:17:19"],
    ["user name", ["tool.group_by"], "rule.yml:17:29"],
    ["seven", ["tool.list"], "rule.yml:21:10"],
    ["of", ["tool.list"], "rule.yml:20:7"],
    ["the team", ["tool.list"], "rule.yml:20:11"],
    ["the team", ["tool.owner"], "rule.yml:11:20"],
    ["actor", ["tool.group_by"], undefined],
    ["actor.id", ["tool.list"], undefined],
    ["actor.id", ["detection"], undefined],
  ])("find the word %j below %j at %s", (word, path, expected) => {
    expect(shown(places?.find(word, ...path))).toBe(expected);
  });

  test("take the later of two that have one name, as the loader does", () => {
    const twice = `title: T\nlogsource: {product: x}\nlevel: low\ndetection:\n  s: {f: x}\n  condition: s\ncustom_attributes: {own: 1}\nown: 2\n`;
    const [document] = parse([{ path: "rule.yml", text: twice }]).documents;
    expect(document?.customAttributes.own).toBe(2);
    expect(document?.places.value("own")?.line).toBe(8);
  });

  test("cost what the file holds, however often its aliases repeat it", () => {
    const levels = Array.from({ length: 12 }, (_unused, index) =>
      index === 0 ? "l0: &l0 word" : `l${index}: &l${index} [${`*l${index - 1}, `.repeat(2)}]`,
    );
    const [document] = parse([
      {
        path: "rule.yml",
        text: `title: T\nlogsource: {product: x}\nlevel: low\ndetection:\n  s: {f: x}\n  condition: s\n${levels.join("\n")}\n`,
      },
    ]).documents;
    expect(document?.places.find("absent", "l11")).toBeUndefined();
    expect(document?.places.find("word", "l11")?.line).toBe(7 + 1);
  });
});
