import type { Output } from "./output.ts";

const millisecondsBetween = 100;

/** One line on stderr that says how far a long task is, on a terminal only. */
export class ProgressBar {
  readonly #output: Output;
  readonly #timer: NodeJS.Timeout;

  /** @param text what to show, so many seconds after the start. */
  constructor(output: Output, text: (seconds: number) => string) {
    this.#output = output;
    const start = performance.now();
    this.#timer = setInterval(
      () => output.status(text((performance.now() - start) / 1000)),
      millisecondsBetween,
    );
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#output.status("");
  }
}
