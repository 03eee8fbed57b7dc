import type { Writable } from "node:stream";
import { rendered, type Text } from "./text.ts";
import { visibleJson } from "./visible.ts";

/** A stream of the process, or a test's. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

type Environment = Readonly<Record<string, string | undefined>>;

const eraseLine = "\r\u001b[2K";
const readerIsGone = new Set([
  "EPIPE",
  "EIO",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/**
 * The only way to stdout and stderr.
 *
 * It escapes whatever steers a terminal, so a command cannot forget to; and it outlives its reader, because
 * `| head` is no fault of the command: what is written afterwards goes nowhere, and `closed` says so.
 */
export class Output {
  readonly #stream: OutputStream;
  readonly #env: Environment;
  readonly #closed = new AbortController();
  #failure: Error | undefined;

  constructor(stream: OutputStream, env: Environment) {
    this.#stream = stream;
    this.#env = env;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!readerIsGone.has(error.code ?? "")) this.#failure ??= error;
      this.#closed.abort();
    });
  }

  /** Aborted when nobody reads any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Why it cannot be written, where that is not its reader's will: a full disk. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number {
    return this.#stream.columns ?? 80;
  }

  /** On a terminal, unless NO_COLOR or TERM=dumb say otherwise. FORCE_COLOR overrules. */
  get hasColor(): boolean {
    const { FORCE_COLOR = "", NO_COLOR = "", TERM } = this.#env;
    if (FORCE_COLOR !== "") return FORCE_COLOR !== "0";
    return NO_COLOR === "" && this.isTerminal && TERM !== "dumb";
  }

  /** Writes lines. */
  print(...lines: readonly Text[]): void {
    const { hasColor } = this;
    this.#write(lines.map((text) => `${rendered(text, hasColor)}\n`).join(""));
  }

  /** Writes a value as JSON: indented by two spaces, or with 0 on a line of its own. */
  json(value: unknown, indent = 2): void {
    this.#write(`${visibleJson(value, indent)}\n`);
  }

  /** Shows a line in place of the last status, cut to the terminal's width; an empty one removes it. */
  status(text: string): void {
    this.#write(`${eraseLine}${rendered(text, false).slice(0, this.columns - 1)}`);
  }

  /** Resolves when the reader has taken what was written, or is gone. */
  async drained(): Promise<void> {
    if (!this.#stream.writableNeedDrain || this.closed.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#stream.removeListener("drain", done);
        this.closed.removeEventListener("abort", done);
        resolve();
      };
      this.#stream.once("drain", done);
      this.closed.addEventListener("abort", done, { once: true });
    });
  }

  /** Resolves when everything is written, or cannot be. */
  async flushed(): Promise<void> {
    if (this.closed.aborted) return;
    await new Promise<void>((resolve) => {
      this.closed.addEventListener("abort", () => resolve(), { once: true });
      this.#stream.write("", () => resolve());
    });
  }

  #write(text: string): void {
    if (!this.closed.aborted) this.#stream.write(text);
  }
}
