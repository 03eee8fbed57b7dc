import { readFileBytes, readStreamBytes } from "./file-bytes.ts";
import { UnknownFormatError } from "./layers.ts";
import { type Source, standardInput } from "./sources.ts";
import type { Tally } from "./tally.ts";
import { DamagedGzipError } from "./unpacker.ts";

/** How the reading of a file ended. `bytes` is how many there were, after unpacking. */
export type Ending = { readonly bytes: number } & (
  | {
      /** `foreign` is neither by name nor by content a file of records; `empty` has nothing but white space. */
      readonly kind: "whole" | "empty" | "foreign" | "interrupted";
      readonly error?: undefined;
    }
  | { readonly kind: "damaged" | "unknown-format" | "unreadable"; readonly error: Error }
);

export interface SourceBytesOptions {
  readonly tally: Tally;
  readonly standardInput?: NodeJS.ReadableStream;
}

/**
 * Hands over the bytes of a file of records, as plain UTF-8 without a byte order mark, until the replay is stopped.
 * Never throws for what is wrong with the file, but what `take` throws.
 *
 * @param take The bytes are valid until the returned promise settles.
 */
export async function readSource(
  { path, size, isExpected }: Source,
  { tally, standardInput: stream }: SourceBytesOptions,
  take: (bytes: Buffer) => Promise<void> | void,
): Promise<Ending> {
  let kind: "whole" | "empty" | "foreign" | "interrupted" = "empty";
  let bytes = 0;
  const handler = {
    progress: (count: number) => tally.addBytes(count),
    chunk: async (chunk: Buffer): Promise<boolean> => {
      if (kind === "empty") {
        const first = firstByte(chunk);
        if (first !== undefined) kind = isExpected || first === 0x7b || first === 0x5b ? "whole" : "foreign";
      }
      bytes += chunk.length;
      if (kind === "foreign") return false;
      await take(chunk);
      if (tally.isStopped) kind = "interrupted";
      return !tally.isStopped;
    },
  };
  try {
    await (path === standardInput && stream !== undefined
      ? readStreamBytes(stream, handler)
      : readFileBytes(path, size, handler));
    return { kind: tally.isStopped ? "interrupted" : kind, bytes };
  } catch (error) {
    // Standard input is closed to interrupt the wait for it, which looks like a failure.
    if (tally.isStopped) return { kind: "interrupted", bytes };
    if (error instanceof DamagedGzipError) return { kind: "damaged", error, bytes };
    // What was only found in a folder may be anything.
    if (error instanceof UnknownFormatError)
      return isExpected ? { kind: "unknown-format", error, bytes } : { kind: "foreign", bytes };
    if (!(error instanceof Error) || isDefect(error)) throw error;
    return { kind: "unreadable", error, bytes };
  }
}

/** Errors of the file system carry a code and a system call; anything else is a mistake of ours. */
function isDefect(error: NodeJS.ErrnoException): boolean {
  return error.syscall === undefined;
}

/** The first byte that is not white space. */
function firstByte(bytes: Buffer): number | undefined {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
  }
  return undefined;
}
