import type { Worker } from "node:worker_threads";
import type { ChunkRunner } from "./chunk-runner.ts";
import { type Chunk, type ChunkResult, type FromWorker, post } from "./messages.ts";

/** What takes chunks. */
export interface ChunkThread {
  /** Chunks that were given and not answered. */
  readonly inHand: number;
  run(chunk: Chunk): Promise<ChunkResult>;
  /** Lets go of what a chunk holds open. */
  forget(id: number): void;
  terminate(): Promise<void>;
}

/** The thread that asks: it does the work at once. */
export class ThisThread implements ChunkThread {
  readonly inHand = 0;
  readonly #chunks: ChunkRunner;

  constructor(chunks: ChunkRunner) {
    this.#chunks = chunks;
  }

  async run(chunk: Chunk): Promise<ChunkResult> {
    return this.#chunks.run(chunk);
  }

  forget(id: number): void {
    this.#chunks.forget(id);
  }

  async terminate(): Promise<void> {}
}

/** A thread beside this one. */
export class WorkerThread implements ChunkThread {
  readonly #worker: Worker;
  readonly #results = new Map<number, PromiseWithResolvers<ChunkResult>>();
  #death: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => {
      if (message.type !== "chunk") return;
      this.#results.get(message.id)?.resolve(message.result);
      this.#results.delete(message.id);
    });
    worker.on("error", (error) => {
      this.#death = error instanceof Error ? error : new Error(String(error));
      for (const { reject } of this.#results.values()) reject(this.#death);
    });
  }

  get inHand(): number {
    return this.#results.size;
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    const result = Promise.withResolvers<ChunkResult>();
    this.#results.set(chunk.id, result);
    // Nobody may be waiting for it yet when the thread dies.
    result.promise.catch(() => {});
    if (this.#death === undefined) post(this.#worker, { type: "chunk", chunk });
    else result.reject(this.#death);
    return result.promise;
  }

  forget(id: number): void {
    post(this.#worker, { type: "forget", id });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
