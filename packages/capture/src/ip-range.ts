import { isIPv6 } from "node:net";

/** Inclusive bounds in upper-case hexadecimal: 8 digits for IPv4, 32 for IPv6. */
export interface AddressRange {
  readonly low: string;
  readonly high: string;
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
}

function v4Bytes(text: string): readonly number[] | undefined {
  // Leading zeros are decimal digits here, as in Java; the length bound is Java's too.
  if (text.length > 15 || !/^\d+\.\d+\.\d+\.\d+$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function v6Bytes(text: string): readonly number[] | undefined {
  // Dotted tails and zones (`::ffff:1.2.3.4`, `fe80::1%eth0`) are plain text to AWS's matcher.
  if (!/^[0-9a-fA-F:]+$/.test(text) || !isIPv6(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const words = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  const bytes = words.flatMap((word) => {
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

function addressBytes(text: string): readonly number[] | undefined {
  return v4Bytes(text) ?? v6Bytes(text);
}

/** The canonical hexadecimal form of an address, or undefined when the text is no address to AWS's matcher. */
export function addressDigits(text: string): string | undefined {
  const bytes = addressBytes(text);
  return bytes === undefined ? undefined : hex(bytes);
}

/** Parses `address/bits`. The reason for a rejection is a sentence part for {@link PatternError}. */
export function parseCidr(text: string): AddressRange | { readonly rejected: string } {
  const [address = "", bitsText = "", ...rest] = text.split("/");
  if (bitsText === "" || rest.length > 0) return { rejected: `"${text}" must be address/bits with one "/"` };
  if (!/^\d{1,3}$/.test(bitsText)) return { rejected: `the mask of "${text}" must be a whole number` };
  const bytes = addressBytes(address);
  if (bytes === undefined) return { rejected: `"${address}" is not an IPv4 or IPv6 address` };
  const bits = Number(bitsText);
  if (bits >= bytes.length * 8) {
    return {
      rejected: `the mask of "${text}" must be less than ${bytes.length * 8}; name a single address as a plain value`,
    };
  }
  const low = bytes.map((byte, index) => byte & networkMask(bits, index));
  const high = bytes.map((byte, index) => byte | (~networkMask(bits, index) & 0xff));
  return { low: hex(low), high: hex(high) };
}

function networkMask(bits: number, byteIndex: number): number {
  const inThisByte = Math.min(8, Math.max(0, bits - byteIndex * 8));
  return (0xff << (8 - inThisByte)) & 0xff;
}

/**
 * Whether an address lies in a range. AWS compares digit by digit and stops at the end of the range, so an IPv6
 * address whose first 32 bits fall into an IPv4 range is inside it. That is AWS's behaviour, kept on purpose.
 */
export function inRange(digits: string, range: AddressRange): boolean {
  const head = digits.slice(0, range.low.length);
  return head >= range.low && head <= range.high;
}
