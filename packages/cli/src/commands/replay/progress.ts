import type { Progress } from "@streamwarden/replay";
import type { Terminal } from "../../ui/terminal.ts";

const millisecondsBetween = 100;
const barWidth = 20;
const clearLine = "\r\u001b[2K";

/** One line on stderr that says how far a long work is, on a terminal only. */
export class ProgressBar {
  readonly #stderr: Terminal["stderr"];
  readonly #line: (seconds: number) => string;
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;

  /** @param line what to show, so many seconds after the start. */
  constructor(stderr: Terminal["stderr"], line: (seconds: number) => string) {
    this.#stderr = stderr;
    this.#line = line;
    this.#timer = setInterval(() => this.#draw(), millisecondsBetween);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stderr.write(clearLine);
  }

  #draw(): void {
    const columns = (this.#stderr as { readonly columns?: number }).columns ?? 80;
    const seconds = (performance.now() - this.#start) / 1000;
    this.#stderr.write(`${clearLine}${this.#line(seconds).slice(0, columns - 1)}`);
  }
}

/** `[#####     ]  25%  3/12 files  210 MB/s  180,000 records/s  109 matches  0:07 left` */
export function progressLine(progress: Progress, seconds: number): string {
  const { files, filesDone, bytes, totalBytes, records, matches } = progress;
  const megabytes = `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  const speed = `${Math.round(records / seconds).toLocaleString("en-US")} records/s`;
  const counts = `${filesDone}/${files} files  ${megabytes}  ${speed}  ${matches.toLocaleString("en-US")} matches`;
  // Of standard input nobody knows the size.
  if (totalBytes === 0) return counts;
  const share = Math.min(1, bytes / totalBytes);
  const bar = "#".repeat(Math.round(share * barWidth)).padEnd(barWidth);
  const left = share === 0 ? "" : `  ${minutes((seconds / share) * (1 - share))} left`;
  return `[${bar}] ${`${Math.floor(share * 100)}%`.padStart(4)}  ${counts}${left}`;
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
