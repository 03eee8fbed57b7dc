import { Worker } from "node:worker_threads";
import type { PolicyPlan } from "@streamwarden/policies";
import type { FilePart, FileResult } from "../evaluate/file-part.ts";
import type { FirstSeenRules } from "../evaluate/first-seen.ts";
import type { Found, FoundKinds } from "../evaluate/part-replay.ts";
import type { Source } from "../read/sources.ts";

/** What a thread is started with. */
export interface WorkerStart {
  readonly plan: PolicyPlan;
  readonly firstSeen: FirstSeenRules;
  readonly wanted: FoundKinds;
  readonly preFilter: boolean;
  readonly tally: SharedArrayBuffer;
}

/** A chunk of a file's bytes. */
export interface Chunk {
  /** Unlike that of any other chunk. */
  readonly id: number;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The chunk before, where the thread holds it open and this one goes on in the middle of it. */
  readonly continues: number | undefined;
  /** Of the last chunk: whether the file ends here, or only what could be read of it. */
  readonly end: "whole" | "early" | undefined;
}

export interface ChunkResult {
  readonly found: Found;
  /** What it gave, together with the chunks it continues. Undefined: it is held open. */
  readonly part: FilePart | undefined;
}

export type ToWorker =
  | { readonly type: "file"; readonly index: number; readonly source: Source }
  /** A batch was taken: one more may be sent. */
  | { readonly type: "credit" }
  | { readonly type: "chunk"; readonly chunk: Chunk }
  /** Nothing will continue this chunk. */
  | { readonly type: "forget"; readonly id: number };

export type FromWorker =
  | { readonly type: "found"; readonly index: number; readonly found: Found }
  | { readonly type: "done"; readonly index: number; readonly result: FileResult }
  | { readonly type: "chunk"; readonly id: number; readonly result: ChunkResult };

/** Flags of the main thread, such as a test runner's loader, are not for the workers. */
export function startWorker(start: WorkerStart): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { workerData: start, execArgv: [] });
}

export function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
