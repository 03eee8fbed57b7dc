import type { CloudTrailRecord, JsonObject } from "@streamwarden/cloudtrail";
import { FileSummary } from "./evaluate/file-part.ts";
import type { FileOutcome, ReplayProblem } from "./read/problem.ts";
import { RecordReader } from "./read/record-reader.ts";
import { readSource } from "./read/source-bytes.ts";
import { findSources } from "./read/sources.ts";
import { Tally } from "./read/tally.ts";

/** What stands in a file: a record, or an event of Amazon IVS or of the pipeline with its envelope. */
export type FileItem =
  | { readonly kind: "record"; readonly record: CloudTrailRecord }
  | { readonly kind: "event"; readonly envelope: JsonObject };

export interface RecordFile {
  readonly outcome: FileOutcome;
  /** In the order of the file. */
  readonly items: readonly FileItem[];
  /** What was not read as a record, each reason once, with where it is. Of events it says that they are none. */
  readonly problems: readonly ReplayProblem[];
}

export interface ReadRecordFileOptions {
  readonly standardInput?: NodeJS.ReadableStream;
  /** Most bytes, as stored and as unpacked: all is held in memory. Default 256 MiB. */
  readonly maximumBytes?: number;
}

const mebibyte = 1024 * 1024;

/**
 * All that one file holds, `-` for standard input, for commands that look at every record: read as a replay reads it, in
 * every shape and packing. Never throws for what is wrong with the file: that is part of the result.
 */
export async function readRecordFile(path: string, options: ReadRecordFileOptions = {}): Promise<RecordFile> {
  const { standardInput, maximumBytes = 256 * mebibyte } = options;
  const { sources, problems } = findSources([path], standardInput);
  const [source] = sources;
  const [problem] = problems;
  const failed = (reason: ReplayProblem["reason"], message: string): RecordFile => ({
    outcome: "unreadable",
    items: [],
    problems: [{ path, outcome: "unreadable", reason, message, count: 1, records: [] }],
  });
  if (source === undefined && problem !== undefined)
    return { outcome: problem.outcome === "skipped" ? "skipped" : "unreadable", items: [], problems };
  if (source?.path !== path) return failed("not-a-file", "It is a folder: name the files in it.");
  const tooLarge = `It holds more than ${Math.floor(maximumBytes / mebibyte)} MiB, which is too much to look at at once: \`streamwarden replay\` reads files of any size.`;
  if (source.size > maximumBytes) return failed("too-large", tooLarge);
  const items: FileItem[] = [];
  const reader = new RecordReader(undefined, {
    record: (record) => items.push({ kind: "record", record }),
    event: (envelope) => items.push({ kind: "event", envelope }),
  });
  const tally = new Tally();
  let taken = 0;
  const ending = await readSource(source, { tally, ...(standardInput && { standardInput }) }, (bytes) => {
    taken += bytes.length;
    if (taken > maximumBytes) tally.stop();
    else reader.push(bytes);
  });
  if (taken > maximumBytes) return failed("too-large", tooLarge);
  reader.end(ending.kind === "whole");
  const summary = new FileSummary();
  summary.add({ ...reader.part(), matches: [] });
  const result = summary.result(source, ending);
  return { outcome: result.outcome, items, problems: result.problems };
}
