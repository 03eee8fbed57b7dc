import { expect, test } from "vitest";
import { shortDigest } from "./digest.ts";

// Expected values are those of `printf %s TEXT | sha256sum`: stored ids depend on them.
test.each([
  ["", 64, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", 12, "ba7816bf8f01"],
  ["abc", 24, "ba7816bf8f01cfea414140de"],
  ["ü漢", 16, "c47c8d5d8288718d"],
])("the digest of %j to %i digits is %s", (text, hexDigits, expected) => {
  expect(shortDigest(text, hexDigits)).toBe(expected);
});
