import { createHash } from "node:crypto";

const PLAIN = /^[ !#-[\]-~]*$/;
const HEAD_LENGTH = 16;
const HASH_LENGTH = 22;

/** The bytes of a text as JSON in UTF-8. */
export const jsonBytes = (text: string): number =>
  PLAIN.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));

/**
 * The text itself, or for one that takes more than `mostBytes` as JSON: its beginning and 132 bits of its SHA-256.
 * Equal texts stay equal and different ones different, whatever size an attacker chooses.
 */
export function boundedText(text: string, mostBytes: number): string {
  if (text.length <= mostBytes && jsonBytes(text) <= mostBytes) {
    return text;
  }
  const head = text.slice(0, HEAD_LENGTH).replaceAll(/[^ !#-[\]-~]/g, "?");
  const hash = createHash("sha256").update(text, "utf16le").digest("base64url").slice(0, HASH_LENGTH);
  return `${head}…${hash}`;
}
