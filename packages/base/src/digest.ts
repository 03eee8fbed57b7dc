import { createHash } from "node:crypto";

/**
 * The first `hexDigits` hexadecimal digits of the SHA-256 of a text in UTF-8. Four bits a digit: 12 digits tell values
 * of one alert apart, 24 and more name stored documents. Ids and keys in state tables are made of it, so the same
 * text must give the same digits in every release.
 *
 * @param hexDigits 1 to 64.
 */
export function shortDigest(text: string, hexDigits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hexDigits);
}
