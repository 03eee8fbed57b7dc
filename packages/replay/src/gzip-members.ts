import { constants, crc32, inflateRawSync } from "node:zlib";

interface Members {
  readonly plain: Buffer;
  /** Where the last whole member ends. */
  readonly end: number;
}

const shortestHeader = 10;
const trailerBytes = 8;

/**
 * The whole, sound members at the beginning of gzip data, whatever follows them: gunzip throws everything away when the
 * bytes behind the last member are none of gzip's. Layout: RFC 1952.
 *
 * @returns undefined when not even the first member is whole and sound, or when it unpacks to more than `most` bytes.
 */
export function wholeMembers(bytes: Buffer, most: number): Members | undefined {
  const parts: Buffer[] = [];
  let size = 0;
  let end = 0;
  while (end < bytes.length) {
    const member = readMember(bytes, end, most - size);
    if (member === undefined) break;
    parts.push(member.plain);
    size += member.plain.length;
    end = member.end;
  }
  return end === 0 ? undefined : { plain: Buffer.concat(parts), end };
}

function readMember(bytes: Buffer, start: number, most: number): Members | undefined {
  const data = endOfHeader(bytes, start);
  if (data === undefined || most <= 0) return undefined;
  try {
    // The types do not know of `info`, which tells how far the data went.
    const { buffer, engine } = inflateRawSync(bytes.subarray(data), {
      maxOutputLength: most,
      finishFlush: constants.Z_SYNC_FLUSH,
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    const trailer = data + engine.bytesWritten;
    const isSound =
      trailer + trailerBytes <= bytes.length &&
      bytes.readUInt32LE(trailer) === crc32(buffer) &&
      bytes.readUInt32LE(trailer + 4) === buffer.length % 2 ** 32;
    return isSound ? { plain: buffer, end: trailer + trailerBytes } : undefined;
  } catch {
    return undefined;
  }
}

/** Where the compressed data of a member begins; undefined when no header stands at `start`. */
function endOfHeader(bytes: Buffer, start: number): number | undefined {
  const isHeader =
    bytes.length - start >= shortestHeader &&
    bytes[start] === 0x1f &&
    bytes[start + 1] === 0x8b &&
    bytes[start + 2] === 8;
  if (!isHeader) return undefined;
  const flags = bytes[start + 3] as number;
  let at = start + shortestHeader;
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
  if ((flags & 2) !== 0) at += 2;
  return at < bytes.length ? at : undefined;
}
