import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholeMembers } from "./gzip-members.ts";

const most = 1024 * 1024;

/** A member with every optional part of a header: extra field, name, comment and header checksum. */
function decorated(text: string): Buffer {
  const plain = gzipSync(text);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 2 | 4 | 8 | 16;
  return Buffer.concat([
    head,
    Buffer.from("\u0002\0ab"),
    Buffer.from("name\0comment\0__"),
    plain.subarray(10),
  ]);
}

describe("whole members at the beginning of gzip data", () => {
  it.each([
    ["one", [gzipSync("a")], "a"],
    ["several", [gzipSync("a"), gzipSync(""), gzipSync("b")], "ab"],
    ["every part of a header", [decorated("named"), gzipSync("b")], "namedb"],
  ])("%s", (_name, members, text) => {
    const bytes = Buffer.concat(members);
    const found = wholeMembers(Buffer.concat([bytes, Buffer.from("garbage")]), most);
    expect([found?.plain.toString(), found?.end]).toEqual([text, bytes.length]);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["no gzip", Buffer.from("{}")],
    ["only a header", gzipSync("a").subarray(0, 10)],
    ["a member without its end", gzipSync("abcdefgh").subarray(0, -9)],
    ["a member without its checksum", gzipSync("a").subarray(0, -4)],
    ["a name without an end", Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 0x61, 0x61])],
    ["more than wanted", gzipSync("a".repeat(most + 1))],
  ])("none in %s", (_name, bytes) => expect(wholeMembers(bytes, most)).toBeUndefined());

  it("a member with a changed byte is never taken for a sound one", () => {
    const bytes = gzipSync("the quick brown fox jumps over the lazy dog ".repeat(5));
    fc.assert(
      fc.property(fc.nat(bytes.length - 11), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at + 10] = (changed[at + 10] as number) ^ change;
        expect(wholeMembers(changed, most)).toBeUndefined();
      }),
    );
  });
});
