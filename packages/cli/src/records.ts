import { gunzipSync } from "node:zlib";
import { type CloudTrailRecord, decode } from "@streamwarden/cloudtrail";
import { CliError } from "./errors.ts";
import { readInput } from "./input.ts";
import type { Terminal } from "./ui/terminal.ts";

const maximumBytes = 64 * 1024 * 1024;

/**
 * The records of a file that a person looks at: in any carrier, gz or not, or one of them a line.
 *
 * @throws CliError `cli-input` when the file cannot be read or holds no record; of lines it names the first that holds none.
 */
export async function readRecords(path: string, terminal: Terminal): Promise<readonly CloudTrailRecord[]> {
  const bytes = await readInput(path, terminal);
  const decoded = decode(bytes, { maximumBytes });
  if (decoded.outcome === "rejected" && decoded.rejection.reason === "not-json") {
    const lines = linesOf(bytes);
    if (lines.length > 1) return lines.flatMap(({ text, number }) => recordsOf(text, `${path}:${number}`));
  }
  return recordsOf(decoded, path);
}

function recordsOf(body: string | ReturnType<typeof decode>, place: string): readonly CloudTrailRecord[] {
  const decoded = typeof body === "string" ? decode(body, { maximumBytes }) : body;
  if (decoded.outcome === "records" && decoded.records.length > 0) return decoded.records;
  const reason =
    decoded.outcome === "rejected" ? decoded.rejection.message : "It is an event of another kind.";
  throw new CliError("cli-input", `${place} holds no CloudTrail record: ${reason}`);
}

function linesOf(bytes: Buffer): { readonly text: string; readonly number: number }[] {
  // What cannot be unpacked was rejected as such before.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isPacked ? gunzipSync(bytes, { maxOutputLength: maximumBytes }) : bytes;
  return plain
    .toString("utf8")
    .split("\n")
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text.trim() !== "");
}
