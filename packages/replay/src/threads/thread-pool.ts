import type { Worker } from "node:worker_threads";
import type { FileResult } from "../evaluate/file-part.ts";
import type { Found } from "../evaluate/part-replay.ts";
import type { Source } from "../read/sources.ts";
import { type FromWorker, post, startWorker, type WorkerStart } from "./messages.ts";

/** Gets the results of all files in the order of the files, whatever thread was faster. */
export interface ResultHandler {
  found(found: Found): Promise<void>;
  file(result: FileResult): void;
}

/** Files that a thread has in hand, so that none waits for work. */
const filesPerWorker = 2;

interface Slot {
  readonly batches: (readonly [worker: Worker, found: Found])[];
  result?: FileResult;
}

/**
 * Runs files on several threads. What is found in a file that is not yet next waits here; a thread that has much waiting
 * pauses until its file is next, and the thread of the next file never does, so nothing can lock up.
 */
export class ThreadPool {
  readonly #sources: readonly Source[];
  readonly #handler: ResultHandler;
  readonly #workers: readonly Worker[];
  readonly #slots = new Map<number, Slot>();
  readonly #settled = Promise.withResolvers<void>();
  readonly #isStopped: () => boolean;
  #nextFile = 0;
  #nextResult = 0;
  #running = 0;
  #delivery: Promise<void> = Promise.resolve();

  constructor(
    sources: readonly Source[],
    threads: number,
    start: WorkerStart,
    isStopped: () => boolean,
    handler: ResultHandler,
  ) {
    this.#sources = sources;
    this.#handler = handler;
    this.#isStopped = isStopped;
    this.#workers = Array.from({ length: threads }, () => {
      const worker = startWorker(start);
      worker.on("message", (message: FromWorker) => this.#receive(worker, message));
      worker.on("error", (error) => this.#settled.reject(error));
      return worker;
    });
  }

  /** @throws whatever a thread died of. */
  async run(): Promise<void> {
    try {
      for (let round = 0; round < filesPerWorker; round++) {
        for (const worker of this.#workers) this.#assign(worker);
      }
      this.#settleWhenDone();
      await this.#settled.promise;
    } finally {
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    }
  }

  #assign(worker: Worker): void {
    const index = this.#nextFile;
    const source = this.#sources[index];
    if (source === undefined || this.#isStopped()) return;
    this.#nextFile++;
    this.#running++;
    this.#slots.set(index, { batches: [] });
    post(worker, { type: "file", index, source });
  }

  #receive(worker: Worker, message: FromWorker): void {
    if (message.type === "chunk") return;
    const slot = this.#slots.get(message.index);
    if (message.type === "found") {
      slot?.batches.push([worker, message.found]);
    } else {
      if (slot !== undefined) slot.result = message.result;
      this.#running--;
      this.#assign(worker);
    }
    this.#delivery = this.#delivery.then(() => this.#deliver());
    this.#delivery.catch((error: unknown) => this.#settled.reject(error));
    this.#settleWhenDone();
  }

  async #deliver(): Promise<void> {
    for (
      let slot = this.#slots.get(this.#nextResult);
      slot !== undefined;
      slot = this.#slots.get(this.#nextResult)
    ) {
      for (let batch = slot.batches.shift(); batch !== undefined; batch = slot.batches.shift()) {
        const [worker, found] = batch;
        await this.#handler.found(found);
        post(worker, { type: "credit" });
      }
      if (slot.result === undefined) return;
      this.#handler.file(slot.result);
      this.#slots.delete(this.#nextResult);
      this.#nextResult++;
    }
  }

  #settleWhenDone(): void {
    if (this.#running > 0) return;
    this.#delivery.then(this.#settled.resolve, this.#settled.reject);
  }
}
