import { createHash } from "node:crypto";

const plain = /^[ !#-[\]-~]*$/;
const headLength = 16;
const hashLength = 22;

/** The bytes of a text as JSON in UTF-8. */
export function jsonBytes(text: string): number {
  return plain.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));
}

/**
 * The text itself, or for one that takes more than `mostBytes` as JSON: its beginning and 132 bits of its SHA-256.
 * Equal texts stay equal and different ones different, whatever size an attacker chooses.
 */
export function boundedText(text: string, mostBytes: number): string {
  if (text.length <= mostBytes && jsonBytes(text) <= mostBytes) {
    return text;
  }
  const head = text.slice(0, headLength).replaceAll(/[^ !#-[\]-~]/g, "?");
  const hash = createHash("sha256").update(text, "utf16le").digest("base64url").slice(0, hashLength);
  return `${head}…${hash}`;
}
