import { describe, expect, test } from "vitest";
import { isTrue, lineIsTrue, loadClean, ruleText } from "./testing/rules.ts";

/**
 * The choices where Sigma's specification is silent or contradicts itself. docs/SEMANTICS.md explains each and names
 * the test here that holds it; a test checks that the names are right.
 */
type Row = readonly [line: string, event: Record<string, unknown>, expected: boolean];
function table(name: string, rows: readonly Row[]) {
  return describe(name, () => {
    test.each(rows)("%s on %j is %s", (line, event, expected) => {
      expect(lineIsTrue(line, event)).toBe(expected);
    });
  });
}

table("values of different types", [
  ["f: 1", { f: 1 }, true],
  ["f: 1", { f: "1" }, true],
  ["f: '1'", { f: 1 }, true],
  ["f: '1'", { f: "1" }, true],
  ["f: 1.0", { f: 1 }, true],
  ["f: 1", { f: "1.0" }, true],
  ["f: 1.0", { f: "1.0" }, true],
  ["f: '1.0'", { f: 1 }, true],
  ["f: '1.0'", { f: "1" }, false],
  ["f: '1.10'", { f: "1.1" }, false],
  ["f: 012345678901", { f: "012345678901" }, true],
  ["f: 0x10", { f: "0x10" }, true],
  ["f: 0x10", { f: 16 }, true],
  ["f: 1e3", { f: 1000 }, true],
  ["f: 1", { f: true }, false],
  ["f: 1", { f: "one" }, false],
  ["f: 1", { f: "" }, false],
  ["f: true", { f: true }, true],
  ["f: true", { f: "True" }, true],
  ["f: 'true'", { f: true }, true],
  ["f: 'TRUE'", { f: true }, true],
  ["f: false", { f: true }, false],
  ["f: false", { f: 0 }, false],
  ["f: [1, x]", { f: "1.00" }, true],
  ["f: 7", { f: " 7 " }, true],
  ["f: 7", { f: "+7" }, true],
]);

table("whole numbers beyond 2^53 keep their digits", [
  ["f: 114567890123456789013", { f: "114567890123456789013" }, true],
  ["f: 114567890123456789013", { f: "+114567890123456789013" }, true],
  ["f: 114567890123456789013", { f: "114567890123456789099" }, false],
  ["f: 114567890123456789013", { f: "114567890123456790000" }, false],
  ["f: 9007199254740993", { f: "9007199254740992" }, false],
  ["f: 9007199254740993", { f: "9007199254740993.0" }, false],
  ["f: [114567890123456789012, 114567890123456789013]", { f: "114567890123456789013" }, true],
  ["f|neq: 114567890123456789012", { f: "114567890123456789013" }, true],
  ["f|gt: 9007199254740992", { f: "9007199254740993" }, true],
  ["f|lt: 9007199254740993", { f: "9007199254740992" }, true],
  ["f|gte: 9007199254740993", { f: "9007199254740992" }, false],
  ["f|gte: 9007199254740993", { f: 1e300 }, true],
  // JSON.parse has rounded it, so that it could be any of them.
  ["f: 114567890123456789013", { f: Number("114567890123456789013") }, true],
  ["f|fieldref: g", { f: 9007199254740992, g: "9007199254740993" }, false],
  ["f|fieldref: g", { f: 9007199254740992, g: "9007199254740992" }, true],
  ["f: 1e21", { f: "1000000000000000000000" }, true],
]);

table("letter case of values", [
  ["f: CREATECHANNEL", { f: "CreateChannel" }, true],
  ["f|contains: CHANNEL", { f: "CreateChannel" }, true],
  ["f|cased: CREATECHANNEL", { f: "CreateChannel" }, false],
  ["f|cased: CreateChannel", { f: "CreateChannel" }, true],
  ["f|contains|cased: Channel", { f: "CreateChannel" }, true],
  ["f|contains|cased: channel", { f: "CreateChannel" }, false],
  ["f|cased|contains: channel", { f: "CreateChannel" }, false],
  ["f|cased: 'Create*'", { f: "CreateChannel" }, true],
  ["f|cased: 'create*'", { f: "CreateChannel" }, false],
  ["f: straße", { f: "STRAßE" }, true],
  ["f: straße", { f: "STRASSE" }, false],
  ["f: οδος", { f: "ΟΔΟΣ" }, true],
  ["f|contains: ΟΔΟΣ", { f: "ΟΔΟΣΑ" }, true],
  ["f: i", { f: "İ" }, false],
  ["f: I", { f: "ı" }, false],
]);

table("letter case of field names", [
  ["eventName: x", { eventName: "x" }, true],
  ["eventname: x", { eventName: "x" }, false],
]);

table("nested fields", [
  ["' f | contains ': x", { f: "axb" }, true],
  ["a.b.c: x", { a: { b: { c: "x" } } }, true],
  ["a.b.c: x", { a: { b: "x" } }, false],
  ["a.b: x", { "a.b": "x" }, true],
  ["a.b: x", { "a.b": "x", a: { b: "y" } }, true],
  ["a.b: y", { "a.b": "x", a: { b: "y" } }, false],
  ["a.b.c: x", { "a.b": { c: "x" } }, false],
  ["a.b: x", { a: null }, false],
  ["a.toString: x", { a: {} }, false],
  ["toString|exists: true", {}, false],
  ["constructor.name|exists: true", {}, false],
  ["__proto__|exists: true", JSON.parse('{"__proto__": {"a": 1}}'), true],
  ["__proto__.a: 1", JSON.parse('{"__proto__": {"a": 1}}'), true],
]);

table("lists in the event stand for each of their members", [
  ["f: x", { f: ["y", "x"] }, true],
  ["f: x", { f: [] }, false],
  ["f: x", { f: [["x"]] }, true],
  ["f.g: x", { f: [{ g: "y" }, { g: "x" }] }, true],
  ["f.g: x", { f: [{ g: ["y", "x"] }] }, true],
  ["f.g.h: x", { f: [[{ g: { h: "x" } }]] }, true],
  ["f.0: x", { f: ["x"] }, false],
  ["f|contains|all: [a, b]", { f: ["xa", "xb"] }, true],
  ["f|contains|all: [a, b]", { f: ["xa"] }, false],
  ["f|gt: 5", { f: [1, 9] }, true],
  ["f: null", { f: ["x", null] }, true],
  ["f: null", { f: [] }, false],
  ["f.g: null", { f: [{ g: 1 }, {}] }, false],
  ["f.g: null", { f: [{}] }, true],
  ["f.length: 1", { f: ["x"] }, false],
]);

table("objects in the event are compared as their compact JSON text", [
  ["f|contains: Suspended", { f: { Status: "Suspended" } }, true],
  ['f|contains: \'"Status":"Suspended"\'', { f: { a: { Status: "Suspended" } } }, true],
  ["f|contains: '\"s3:GetObject\"'", { f: { policy: '{"Action":"s3:GetObject"}' } }, true],
  ['f|re: \'"Action":\\s*"s3\'', { f: { policy: '{"Action": "s3:GetObject"}' } }, true],
  ["f: Suspended", { f: { Status: "Suspended" } }, false],
  ["f|startswith: Susp", { f: { Status: "Suspended" } }, false],
  ["f|startswith: '{\"Status\"'", { f: { Status: "Suspended" } }, true],
  ["f: '*'", { f: {} }, true],
  ["f|gt: 0", { f: { n: 1 } }, false],
  ["f: null", { f: {} }, false],
  ["f|exists: true", { f: {} }, true],
]);

table("null, empty and absent", [
  ["f: null", {}, true],
  ["f: null", { f: null }, true],
  ["f: null", { f: "" }, false],
  ["f: null", { f: "null" }, false],
  ["f: null", { f: 0 }, false],
  ["f: null", { f: false }, false],
  ["f.g: null", { f: "x" }, true],
  ["f.g: null", { f: null }, true],
  ["f: ''", { f: "" }, true],
  ["f: ''", { f: null }, false],
  ["f: ''", {}, false],
  ["f: ''", { f: " " }, false],
  ["f: 'null'", { f: null }, false],
  ["f|exists: true", { f: null }, true],
  ["f|exists: true", { f: "" }, true],
  ["f|exists: true", { f: [] }, true],
  ["f|exists: true", {}, false],
  ["f|exists: false", {}, true],
  ["f|exists: false", { f: null }, false],
  ["f.g|exists: false", { f: {} }, true],
  ["f: '*'", {}, false],
  ["f: '*'", { f: null }, false],
  ["f: '*'", { f: "" }, true],
  ["f: '*'", { f: 0 }, true],
  ["f: '*'", { f: ["x"] }, true],
  ["f: '*'", { f: [] }, false],
  ["f|contains: '*'", {}, false],
  ["f|contains: ''", { f: "x" }, true],
  ["f|contains: ''", {}, false],
  ["f: '?*'", { f: "" }, false],
  ["f|re: '.*'", {}, false],
  ["f|re: '^$'", { f: "" }, true],
  ["f|re: '^$'", { f: null }, false],
  ["f: [null, x]", {}, true],
  ["f: [null, '']", { f: "" }, true],
  ["f: [null, x]", { f: "y" }, false],
]);

describe("an absent field under not", () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ["not {f: x}", {}, true],
    ["not {f: x}", { f: null }, true],
    ["not {f: x}", { f: "x" }, false],
    ["not {f: null}", {}, false],
    ["not {f: null}", { f: "x" }, true],
    ["not {f|gt: 1}", {}, true],
    ["not {f|fieldref: g}", {}, true],
  ])("%s on %j is %s", (text, event, expected) => {
    const detection = `s: ${text.slice(4).replace(/([a-z|]+): /, "'$1': ")}\ncondition: not s`;
    expect(isTrue(detection, event)).toBe(expected);
  });
});

table("neq on an absent field", [
  ["f|neq: x", { f: "y" }, true],
  ["f|neq: x", { f: "x" }, false],
  ["f|neq: x", {}, true],
  ["f|neq: x", { f: null }, true],
  ["f|neq: [x, y]", { f: "y" }, false],
  ["f|neq: [x, y]", { f: "z" }, true],
  ["f|contains|all|neq: [x, y]", { f: "x" }, true],
  ["f|contains|all|neq: [x, y]", { f: "xy" }, false],
  ["f|neq|contains: x", { f: "axb" }, false],
  ["f|neq: 1", { f: "1.0" }, false],
  ["f|gt|neq: 5", { f: 4 }, true],
  ["f|neq: null", {}, false],
]);

describe("keywords", () => {
  const keyword = (value: string, event: Record<string, unknown>) =>
    isTrue(`s: ${value}\ncondition: s`, event);
  test.each<[string, Record<string, unknown>, boolean]>([
    ["[stratus]", { userAgent: "stratus-red-team" }, true],
    ["[STRATUS]", { a: { b: [{ c: "x stratus y" }] } }, true],
    ["[stratus]", { stratus: "x" }, false],
    ["stratus", { a: "stratus" }, true],
    ["[a, b]", { x: "b" }, true],
    ["{'|all': [one, two]}", { x: "one", y: "two" }, true],
    ["{'|all': [one, two]}", { x: "one" }, false],
    ["[4688]", { id: 4688 }, true],
    ["[68]", { id: 4688 }, true],
    ["['true']", { flag: true }, true],
    ["['null']", { flag: null }, false],
    ["['a*c']", { x: "xxabcxx" }, true],
    ["{'|re': '^ab+$'}", { x: "abb" }, true],
    ["{'|re': '^ab+$'}", { x: "xabb" }, false],
    ["{'|startswith': ab}", { x: "abc" }, true],
    ["{'|startswith': ab}", { x: "cab" }, false],
    ["{'|cased': Ab}", { x: "xAbx" }, true],
    ["{'|cased': Ab}", { x: "ab" }, false],
    ["{'|cidr': 10.0.0.0/8}", { from: { ip: "10.1.1.1" } }, true],
    ["[{a: 1}, word]", { b: "word" }, true],
    ["[{a: 1}, word]", { a: 1 }, true],
  ])("%s on %j is %s", (value, event, expected) => {
    expect(keyword(value, event)).toBe(expected);
  });

  test("do not see derived fields", () => {
    const derived = { actor: () => ({ kind: "root" }) };
    expect(loadClean(ruleText("s: [root]\ncondition: s"), { derived }).match({})).toEqual([]);
  });
});

table("wildcards in values", [
  ["f: 'Create*'", { f: "CreateChannel" }, true],
  ["f: 'Create*'", { f: "Create\nChannel" }, true],
  ["f: 'Create?hannel'", { f: "CreateChannel" }, true],
  ["f: 'Create\\*'", { f: "Create*" }, true],
  ["f: 'Create\\*'", { f: "CreateX" }, false],
  ["f|contains: 'a?c'", { f: "xabcx" }, true],
  ["f|contains: '\\*'", { f: "a*b" }, true],
  ["f|contains: '\\*'", { f: "ab" }, false],
  ["f|endswith: '\\\\x'", { f: "a\\x" }, true],
  ["f: 'a\\b'", { f: "a\\b" }, true],
  ["f: 'a\\\\b'", { f: "a\\b" }, true],
  ["f: '%x%'", { f: "%x%" }, true],
  ["f|startswith: 'a*'", { f: "abc" }, true],
]);

table("numbers compared", [
  ["f|gte: 5", { f: 5 }, true],
  ["f|gt: 5", { f: 5 }, false],
  ["f|lt: 5.5", { f: 5 }, true],
  ["f|lte: -1", { f: -2 }, true],
  ["f|gt: 5", { f: "10" }, true],
  ["f|gt: 5", { f: " 10 " }, true],
  ["f|gt: 5", { f: "ten" }, false],
  ["f|gt: 5", { f: "" }, false],
  ["f|gt: 5", { f: true }, false],
  ["f|gt: 5", { f: null }, false],
  ["f|gt: 5", {}, false],
  ["f|lt: 5", { f: "0x1" }, false],
  ["f|gt: [100, 5]", { f: 6 }, true],
]);

table("text modifiers on numbers", [
  ["f|contains: 44", { f: 1443 }, true],
  ["f|contains: 44", { f: "port 443" }, true],
  ["f|startswith: 0x1", { f: "0x10" }, true],
  ["f|endswith: 1.0", { f: "v1.0" }, true],
  ["f|endswith: true", { f: "is TRUE" }, true],
  ["f|re: 44", { f: 1443 }, true],
]);

table("regular expressions", [
  ["f|re: b.d", { f: "abcde" }, true],
  ["f|re: B.D", { f: "abcde" }, false],
  ["f|re|i: B.D", { f: "abcde" }, true],
  ["f|re|ignorecase: B.D", { f: "abcde" }, true],
  ["f|re: '(?i)B.D'", { f: "abcde" }, true],
  ["f|re: a.b", { f: "a\nb" }, false],
  ["f|re|s: a.b", { f: "a\nb" }, true],
  ["f|re|dotall: a.b", { f: "a\nb" }, true],
  ["f|re: ^b$", { f: "a\nb" }, false],
  ["f|re|m: ^b$", { f: "a\nb" }, true],
  ["f|re|multiline|i: ^B$", { f: "a\nb" }, true],
  ["f|re: '\\d+'", { f: "a1" }, true],
  ["f|re: '\\*'", { f: "a*" }, true],
  ["f|re: ^1$", { f: 1 }, true],
  ["f|re: 1", { f: "a1" }, true],
  ["f|re|contains: b|c", { f: "abd" }, true],
  ["f|re|startswith: b|c", { f: "bx" }, true],
  ["f|re|startswith: b|c", { f: "ab" }, false],
  ["f|re|startswith: b|c", { f: "ac" }, false],
  ["f|re|endswith: b|c", { f: "xc" }, true],
  ["f|re|endswith: b|c", { f: "bx" }, false],
  ["f|re|all: [a, b]", { f: "ba" }, true],
  ["f|re|all: [a, b]", { f: "b" }, false],
  ["f|re|neq: a", { f: "b" }, true],
]);

table("networks", [
  ["f|cidr: 10.0.0.0/8", { f: "10.9.9.9" }, true],
  ["f|cidr: 10.0.0.0/8", { f: "ivs.amazonaws.com" }, false],
  ["f|cidr: 10.0.0.0/8", { f: "AWS Internal" }, false],
  ["f|cidr: 10.0.0.0/8", {}, false],
  ["f|cidr: 10.0.0.0/8", { f: 10 }, false],
  ["f|cidr: [10.0.0.0/8, 192.168.0.0/16]", { f: "192.168.1.1" }, true],
  ["f|cidr|neq: 10.0.0.0/8", { f: "11.1.1.1" }, true],
  ["f|cidr: '2001:db8::/32'", { f: "2001:db8::1" }, true],
  ["f|cidr: 10.0.0.0/8", { f: "::ffff:10.1.2.3" }, true],
]);

table("references to other fields", [
  ["f|fieldref: g", { f: "x", g: "X" }, true],
  ["f|fieldref: g", { f: "x", g: "y" }, false],
  ["f|fieldref: g.h", { f: "x", g: { h: "x" } }, true],
  ["f|fieldref: g", { f: "x" }, false],
  ["f|fieldref: g", {}, false],
  ["f|fieldref: g", { f: null, g: null }, false],
  ["f|fieldref: g", { f: 1, g: "1" }, true],
  ["f|fieldref: g", { f: 1, g: "1.0" }, true],
  ["f|fieldref: g", { f: "1.50", g: 1.5 }, true],
  ["f|fieldref: g", { f: "1", g: "1.0" }, false],
  ["f|fieldref: g", { f: 1, g: "x" }, false],
  ["f|fieldref: g", { f: true, g: 1 }, false],
  ["f|fieldref|neq: g", { f: 1, g: "1.0" }, false],
  ["f|fieldref|startswith: g", { f: 1, g: "1.0" }, false],
  ["f|fieldref: g", { f: ["a", "b"], g: ["c", "b"] }, true],
  ["f|fieldref|startswith: g", { f: "xyz", g: "XY" }, true],
  ["f|fieldref|startswith: g", { f: "xyz", g: "yz" }, false],
  ["f|fieldref|endswith: g", { f: "xyz", g: "yz" }, true],
  ["f|fieldref|contains: g", { f: "xyz", g: "y" }, true],
  ["f|fieldref|neq: g", { f: "x", g: "y" }, true],
  ["f|fieldref|neq: g", { f: "x" }, true],
  ["f|fieldref|cased: g", { f: "x", g: "X" }, false],
  ["f|fieldref: [g, h]", { f: "x", h: "x" }, true],
]);

table("parts of a date", [
  ["eventTime|hour: 3", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|hour: 3", { eventTime: "2026-01-02T04:04:05+01:00" }, true],
  ["eventTime|hour|gte: 18", { eventTime: "2026-01-02T20:00:00Z" }, true],
  ["eventTime|gte|hour: 18", { eventTime: "2026-01-02T17:59:59Z" }, false],
  ["eventTime|minute: 4", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|day: 2", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|week: 1", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|month: 1", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|year: 2026", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|year: [2025, 2026]", { eventTime: "2026-01-02T03:04:05Z" }, true],
  ["eventTime|hour: 0", { eventTime: "noon" }, false],
  ["eventTime|hour: 0", {}, false],
  ["eventTime|hour|neq: 3", { eventTime: "2026-01-02T03:04:05Z" }, false],
]);

table("encodings and dashes", [
  ["f|base64: foobar", { f: "Zm9vYmFy" }, true],
  ["f|base64|contains: foobar", { f: "xxZm9vYmFyxx" }, true],
  ["f|base64offset|contains: foobar", { f: btoa("x foobar y") }, true],
  ["f|base64offset|contains: [foobar, never]", { f: btoa("xx foobar y") }, true],
  ["f|wide|base64offset|contains: ping", { f: btoa("p\0i\0n\0g\0") }, true],
  ["f|utf16le|base64offset|contains: ping", { f: btoa("xp\0i\0n\0g\0") }, true],
  ["f|utf16be|base64|contains: ping", { f: btoa("\0p\0i\0n\0g") }, true],
  ["f|utf16|base64: ping", { f: btoa("\xff\xfep\0i\0n\0g\0") }, true],
  ["f|contains|wide: ping", { f: "xp\0i\0n\0g\0" }, true],
  ["f|contains|windash: ' -foo'", { f: "cmd /foo" }, true],
  ["f|windash|contains: ' -foo'", { f: "cmd –foo" }, true],
  ["f|contains|windash: ' -foo'", { f: "cmd +foo" }, false],
  ["f|contains|all|windash: [' -a', ' -b']", { f: "x /b -a" }, true],
]);
