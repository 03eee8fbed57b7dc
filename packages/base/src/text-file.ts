import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { errorMessage } from "./error-message.ts";

/** Why a file was not read. Stable. */
export type FileErrorCode =
  | "file-not-found"
  | "file-not-regular"
  | "file-too-large"
  | "file-encoding"
  | "file-unreadable";

/** A file that cannot be read. The message is a clause that follows a file's name: `is a FIFO, not a regular file`. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;
  /** Where in the file, counted from 1; 1:1 for what concerns all of it. */
  readonly line: number;
  readonly column: number;

  constructor(
    code: FileErrorCode,
    message: string,
    { line = 1, column = 1, cause }: { line?: number; column?: number; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.line = line;
    this.column = column;
  }
}

/**
 * The status of a file that is worth opening. A FIFO would block the reader for ever, a device may never end, and a
 * name says nothing of either, so that every reader looks here first.
 *
 * @throws FileError `file-not-found`, `file-not-regular`, `file-too-large` or `file-unreadable`.
 */
export function statRegularFile(path: string, maximumBytes = Number.POSITIVE_INFINITY): Stats {
  return checked(
    attempt(() => statSync(path)),
    maximumBytes,
  );
}

/**
 * The bytes of a regular file of at most `maximumBytes`.
 *
 * @throws FileError
 */
export function readRegularFile(path: string, maximumBytes: number): Buffer {
  statRegularFile(path, maximumBytes);
  // Without waiting: the path may have become a FIFO since.
  const descriptor = attempt(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  try {
    const { size } = checked(
      attempt(() => fstatSync(descriptor)),
      maximumBytes,
    );
    const chunks: Buffer[] = [];
    let length = 0;
    // Files of /proc have no size, and any file may grow while it is read.
    for (let next = size + 1; ; next = 65_536) {
      const chunk = Buffer.allocUnsafe(next);
      const read = attempt(() => readSync(descriptor, chunk, 0, next, null));
      if (read === 0) return Buffer.concat(chunks, length);
      chunks.push(chunk.subarray(0, read));
      length += read;
      if (length > maximumBytes) throw tooLarge(length, maximumBytes);
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The text of a regular file: UTF-8, or UTF-16 as Windows tools write it, with a byte order mark or without.
 *
 * @throws FileError, with `file-encoding` and a place for bytes that are neither.
 */
export function readTextFile(path: string, maximumBytes: number): string {
  return decodeText(readRegularFile(path, maximumBytes));
}

/**
 * Bytes as text; a byte order mark is left out.
 *
 * @throws FileError `file-encoding`. A replacement character would make a value that silently matches nothing.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  if (encoding === "utf-32") throw encodingError("is in UTF-32", bytes, 0);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    if (encoding !== "utf-8")
      throw encodingError(`looks like ${encoding.toUpperCase()}, but is damaged`, bytes, 0);
    const at = validLength(bytes);
    const byte = `0x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
    throw encodingError(`is neither UTF-8 nor UTF-16 (byte ${byte})`, bytes, at);
  }
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32";

/** By the byte order mark, else by where the zeros of the first two ASCII characters are. */
function encodingOf(bytes: Uint8Array): Encoding {
  const [a = 1, b = 1, c = 1, d = 1] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length >= 4 ? "utf-32" : "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0 && b === 0) return c === 0xfe && d === 0xff ? "utf-32" : "utf-8";
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return "utf-16le";
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return "utf-16be";
  return "utf-8";
}

/** How many leading bytes are whole characters of UTF-8. */
function validLength(bytes: Uint8Array): number {
  const isValid = (length: number, stream: boolean): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream });
      return true;
    } catch {
      return false;
    }
  };
  let valid = 0;
  let invalid = bytes.length;
  while (valid < invalid) {
    const middle = Math.ceil((valid + invalid) / 2);
    if (isValid(middle, true)) valid = middle;
    else invalid = middle - 1;
  }
  // A character that is cut is wrong from its first byte.
  while (valid > 0 && !isValid(valid, false)) valid--;
  return valid;
}

function encodingError(message: string, bytes: Uint8Array, at: number): FileError {
  const before = bytes.subarray(0, at);
  const line = before.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 1);
  const start = before.lastIndexOf(0x0a) + 1;
  const column = new TextDecoder().decode(before.subarray(start)).length + 1;
  return new FileError("file-encoding", `${message}: save it as UTF-8`, { line, column });
}

function checked(stats: Stats, maximumBytes: number): Stats {
  const kind = kindOf(stats);
  if (kind !== undefined) throw new FileError("file-not-regular", `is ${kind}, not a regular file`);
  if (stats.size > maximumBytes) throw tooLarge(stats.size, maximumBytes);
  return stats;
}

function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function tooLarge(size: number, maximum: number): FileError {
  return new FileError("file-too-large", `has ${inUnits(size)}, but at most ${inUnits(maximum)} are read`);
}

function inUnits(bytes: number): string {
  const [divisor, unit] = (
    [
      [2 ** 30, "GiB"],
      [2 ** 20, "MiB"],
      [2 ** 10, "KiB"],
    ] as const
  ).find(([size]) => bytes >= size) ?? [1, "bytes"];
  return `${Math.round((bytes / divisor) * 10) / 10} ${unit}`;
}

const reasons: Readonly<Record<string, readonly [FileErrorCode, string]>> = {
  ENOENT: ["file-not-found", "does not exist"],
  ENOTDIR: ["file-not-found", "does not exist: a part of its path is not a folder"],
  EACCES: ["file-unreadable", "may not be read by this user"],
  EPERM: ["file-unreadable", "may not be read by this user"],
  EISDIR: ["file-not-regular", "is a folder, not a regular file"],
  ENXIO: ["file-not-regular", "is a socket or a device, not a regular file"],
  ELOOP: ["file-unreadable", "is a circle of symbolic links"],
  ENAMETOOLONG: ["file-unreadable", "has a name that is too long"],
};

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const found = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    const [code, message] = found ?? ["file-unreadable", `cannot be read: ${errorMessage(error)}`];
    throw new FileError(code, message, { cause: error });
  }
}
