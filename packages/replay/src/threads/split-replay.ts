import { type FileResult, FileSummary } from "../evaluate/file-part.ts";
import type { Emit } from "../evaluate/file-replay.ts";
import { Evaluation, type EvaluationOptions, isNothing, numberedFrom } from "../evaluate/part-replay.ts";
import { type Ending, readSource } from "../read/source-bytes.ts";
import type { Source } from "../read/sources.ts";
import { ChunkRunner } from "./chunk-runner.ts";
import { type ChunkThread, ThisThread, WorkerThread } from "./chunk-thread.ts";
import { type Chunk, type ChunkResult, startWorker, type WorkerStart } from "./messages.ts";

/** Large against the cost of handing it over, small against memory. */
export const defaultChunkBytes = 2 * 1024 * 1024;
/** Chunks that a thread has in hand, so that none waits for work. */
const chunksPerThread = 2;
const lineFeed = 0x0a;

/**
 * Evaluates a ruleset over large files, one after the other, each on several threads: it is cut behind line breaks, and
 * each chunk is taken to begin a new value, as it does where each line is a record. When the chunk before it turns out
 * to end inside a value, what was found is thrown away, and the rest of the file is read in order. So nothing depends on
 * where it is cut, or on the number of threads.
 */
export class SplitReplay {
  readonly #options: SplitOptions;
  readonly #chunkBytes: number;
  readonly #alone: readonly [ChunkThread];
  #workers: readonly ChunkThread[] = [];

  constructor(options: SplitOptions, chunkBytes = defaultChunkBytes) {
    this.#options = options;
    this.#chunkBytes = chunkBytes;
    this.#alone = [new ThisThread(new ChunkRunner(new Evaluation(options.evaluation)))];
  }

  /** @throws whatever a thread died of. */
  async run(source: Source, emit: Emit): Promise<FileResult> {
    const file = new SplitFile(source, () => this.#crew(), this.#chunkBytes, emit);
    const ending = await readSource(source, this.#options.evaluation, (bytes) => file.push(bytes));
    return await file.end(ending);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((thread) => thread.terminate()));
  }

  /** This thread alone until others are worth their start; from then on it only cuts, and finishes what it has begun. */
  #crew(): readonly ChunkThread[] {
    const { threads, start } = this.#options;
    const wanted = threads();
    if (wanted < 2) return this.#alone;
    if (this.#workers.length === 0)
      this.#workers = Array.from({ length: wanted }, () => new WorkerThread(startWorker(start)));
    return this.#workers;
  }
}

export interface SplitOptions {
  /** How many threads are worth it, by what is known so far. The results do not depend on it, or on when it changes. */
  readonly threads: () => number;
  readonly evaluation: EvaluationOptions;
  readonly start: WorkerStart;
}

interface Waiting {
  readonly chunk: Omit<Chunk, "id" | "continues">;
  /** Whether its last byte is a line break. */
  readonly endsLine: boolean;
  /** Whether the last byte before it is one, so that it may begin a value. */
  readonly isAfterLine: boolean;
  run?: Run | undefined;
}

/** A chunk in the hands of a thread; begun anew it is another run. */
interface Run {
  readonly id: number;
  readonly thread: ChunkThread;
  readonly result: Promise<ChunkResult>;
}

let lastId = 0;

class SplitFile {
  readonly #source: Source;
  readonly #crew: () => readonly ChunkThread[];
  readonly #chunkBytes: number;
  readonly #emit: Emit;
  readonly #summary = new FileSummary();
  /** What is not yet known to stand where it was taken to stand, in order. */
  readonly #waiting: Waiting[] = [];
  /** The chunk that the first of them goes on with. */
  #open: Run | undefined;
  /** A chunk that ended a line did not end a value: each must wait for the one before it. */
  #isInOrder = false;
  #bytes: Buffer;
  #filled = 0;
  #isAfterLine = true;

  constructor(source: Source, crew: () => readonly ChunkThread[], chunkBytes: number, emit: Emit) {
    this.#source = source;
    this.#crew = crew;
    this.#chunkBytes = chunkBytes;
    this.#emit = emit;
    this.#bytes = sharedBytes(chunkBytes);
  }

  async push(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const taken = rest.subarray(0, this.#chunkBytes - this.#filled);
      this.#bytes.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === this.#chunkBytes) await this.#cut();
    }
  }

  async end(ending: Ending): Promise<FileResult> {
    this.#add(this.#bytes.subarray(0, this.#filled), false, ending.kind === "whole" ? "whole" : "early");
    while (this.#waiting.length > 0) await this.#confirm();
    return this.#summary.result(this.#source, ending);
  }

  async #cut(): Promise<void> {
    const line = this.#bytes.lastIndexOf(lineFeed);
    const end = line < 0 ? this.#filled : line + 1;
    const bytes = this.#bytes;
    this.#bytes = sharedBytes(this.#chunkBytes);
    this.#filled = bytes.copy(this.#bytes, 0, end);
    this.#add(bytes.subarray(0, end), line >= 0, undefined);
    while (this.#waiting.length > this.#crew().length * chunksPerThread) await this.#confirm();
  }

  #add(bytes: Buffer, endsLine: boolean, end: Chunk["end"]): void {
    const chunk = { path: this.#source.path, bytes, end };
    const added: Waiting = { chunk, endsLine, isAfterLine: this.#isAfterLine };
    this.#isAfterLine = endsLine;
    this.#waiting.push(added);
    if (this.#waiting.length === 1 || (added.isAfterLine && !this.#isInOrder)) this.#start(added);
  }

  #start(one: Waiting): Run {
    const open = this.#waiting[0] === one ? this.#open : undefined;
    const thread = open?.thread ?? leastBusy(this.#crew());
    const id = ++lastId;
    one.run = { id, thread, result: thread.run({ ...one.chunk, id, continues: open?.id }) };
    return one.run;
  }

  /** Waits for the first chunk: where it ended tells whether the others stand where they were taken to stand. */
  async #confirm(): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const run = first.run ?? this.#start(first);
    const { found, part } = await run.result;
    this.#waiting.shift();
    const numbered = numberedFrom(found, this.#summary.values);
    if (!isNothing(numbered)) await this.#emit(numbered);
    if (part !== undefined) {
      this.#summary.add(part);
      this.#open = undefined;
      return;
    }
    this.#open = run;
    this.#isInOrder ||= first.endsLine;
    for (const one of this.#waiting) {
      one.run?.thread.forget(one.run.id);
      one.run = undefined;
    }
  }
}

/** Memory that threads see without a copy; here it is kept until it is known that nobody needs it again. */
function sharedBytes(length: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(length));
}

function leastBusy(threads: readonly ChunkThread[]): ChunkThread {
  return threads.reduce((best, thread) => (thread.inHand < best.inHand ? thread : best));
}
