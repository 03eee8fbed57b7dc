export interface Effort {
  /** How often each contestant runs, after a warm-up. */
  readonly rounds: number;
  /** How much of the full number of items is used: all, or a twentieth with `--quick`. */
  items(full: number): number;
}

/** One part of the benchmark. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly run: (effort: Effort) => Promise<void>;
}
