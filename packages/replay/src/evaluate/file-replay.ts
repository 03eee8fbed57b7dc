import { readSource } from "../read/source-bytes.ts";
import type { Source } from "../read/sources.ts";
import { type FileResult, FileSummary } from "./file-part.ts";
import { Evaluation, type EvaluationOptions, type Found, isNothing, PartReplay } from "./part-replay.ts";

export interface FileReplayOptions extends EvaluationOptions {
  readonly standardInput?: NodeJS.ReadableStream;
}

/** Takes what was found, in order; the file goes on when the promise settles. */
export type Emit = (found: Found) => Promise<void>;

/** Evaluates a ruleset over files, one after the other. */
export class FileReplay {
  readonly #options: FileReplayOptions;
  readonly #evaluation: Evaluation;

  constructor(options: FileReplayOptions) {
    this.#options = options;
    this.#evaluation = new Evaluation(options);
  }

  /** Never throws for what is wrong with a file: that is part of the result. */
  async run(source: Source, emit: Emit): Promise<FileResult> {
    const whole = new PartReplay(source.path, this.#evaluation);
    const give = async (all: boolean): Promise<void> => {
      const found = whole.take(all);
      if (!isNothing(found)) await emit(found);
    };
    const ending = await readSource(source, this.#options, async (bytes) => {
      whole.push(bytes);
      if (whole.isFull) await give(false);
    });
    whole.end(ending.kind === "whole");
    await give(true);
    const summary = new FileSummary();
    summary.add(whole.part());
    return summary.result(source, ending);
  }
}
