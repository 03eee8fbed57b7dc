import { type Evaluation, PartReplay } from "../evaluate/part-replay.ts";
import type { Chunk, ChunkResult } from "./messages.ts";

/** Evaluates chunks, and holds those open that end inside a value. */
export class ChunkRunner {
  readonly #evaluation: Evaluation;
  /** By the id of their last chunk. */
  readonly #open = new Map<number, PartReplay>();

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  run({ id, path, bytes, continues, end }: Chunk): ChunkResult {
    const continued = continues === undefined ? undefined : this.#open.get(continues);
    if (continues !== undefined) this.#open.delete(continues);
    const part = continued ?? new PartReplay(path, this.#evaluation);
    part.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (end !== undefined) part.end(end === "whole");
    const isClosed = end !== undefined || part.isBetweenValues;
    if (!isClosed) this.#open.set(id, part);
    return { found: part.take(isClosed), part: isClosed ? part.part() : undefined };
  }

  /** Nothing will continue this chunk. */
  forget(id: number): void {
    this.#open.delete(id);
  }
}
