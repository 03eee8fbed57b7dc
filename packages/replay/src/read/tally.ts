/** Counts that all threads add to and anyone may look at, and the wish to stop. */
export class Tally {
  readonly shared: SharedArrayBuffer;
  readonly #counts: BigInt64Array;
  readonly #flags: Int32Array;

  /** @param shared that of another thread's tally. */
  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(64)) {
    this.shared = shared;
    this.#counts = new BigInt64Array(shared, 0, 3);
    this.#flags = new Int32Array(shared, 32, 1);
  }

  /** Bytes of files, packed as they are. */
  get bytes(): number {
    return Number(Atomics.load(this.#counts, 0));
  }

  /** Records and what was quarantined. */
  get records(): number {
    return Number(Atomics.load(this.#counts, 1));
  }

  get matches(): number {
    return Number(Atomics.load(this.#counts, 2));
  }

  get isStopped(): boolean {
    return Atomics.load(this.#flags, 0) === 1;
  }

  addBytes(bytes: number): void {
    Atomics.add(this.#counts, 0, BigInt(bytes));
  }

  addRecords(records: number): void {
    Atomics.add(this.#counts, 1, BigInt(records));
  }

  addMatch(): void {
    Atomics.add(this.#counts, 2, 1n);
  }

  stop(): void {
    Atomics.store(this.#flags, 0, 1);
  }
}
