const shortestHeader = 10;
const magic = [0x1f, 0x8b, 8] as const;
/** Far beyond any extra field, file name and comment; a header that goes on for longer is none. */
const longestHeader = 1024 * 1024;

/**
 * Where the compressed data behind a gzip header begins (RFC 1952): `none` when the bytes begin with no header, `incomplete`
 * when they may be the beginning of one.
 */
export function endOfHeader(bytes: Buffer): number | "none" | "incomplete" {
  if (magic.some((byte, index) => index < bytes.length && bytes[index] !== byte)) return "none";
  const end = bytes.length < shortestHeader ? undefined : endOfFields(bytes);
  if (end !== undefined && end <= bytes.length) return end;
  return bytes.length < longestHeader ? "incomplete" : "none";
}

function endOfFields(bytes: Buffer): number | undefined {
  const flags = bytes[3] as number;
  let at = shortestHeader;
  if ((flags & 4) !== 0) {
    if (at + 2 > bytes.length) return undefined;
    at += 2 + bytes.readUInt16LE(at);
  }
  // A file name and a comment, each ended by a zero.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, at);
    if (zero < 0) return undefined;
    at = zero + 1;
  }
  return (flags & 2) !== 0 ? at + 2 : at;
}
