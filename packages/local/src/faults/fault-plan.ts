import type { ServiceName } from "../http/service-request.ts";
import { type Random, seededRandom } from "../random.ts";
import { appliesTo, type Fault, type FaultStatus, parseFault } from "./fault.ts";

/** The faults of a local world. All randomness comes from one seed: the same calls in the same order meet the same faults. */
export interface Faults {
  /** @returns the id to remove it by. @throws FaultError */
  add(fault: Fault): string;
  /** @returns whether there was such a fault. */
  remove(id: string): boolean;
  clear(): void;
  /** Faults that are in force or used up, with their counters, in the order they were added. */
  list(): readonly FaultStatus[];
  /** Starts the random sequence anew. */
  seed(seed: number): void;
}

interface Entry {
  readonly id: string;
  readonly fault: Fault;
  seen: number;
  hits: number;
}

export class FaultPlan implements Faults {
  readonly #entries = new Map<string, Entry>();
  #added = 0;
  #random: Random;

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  get random(): Random {
    return () => this.#random();
  }

  add(fault: Fault): string {
    const checked = parseFault(fault);
    this.#added += 1;
    const id = `fault-${this.#added}`;
    this.#entries.set(id, { id, fault: checked, seen: 0, hits: 0 });
    return id;
  }

  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }

  list(): readonly FaultStatus[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }

  seed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  /** The faults that hit this call, at most one of each kind, and counts them. */
  draw(service: ServiceName, operation: string, from: "clients" | "deliveries"): readonly Fault[] {
    const drawn = new Map<string, Fault>();
    for (const entry of this.#entries.values()) {
      const { fault } = entry;
      if (!appliesTo(fault, service, operation) || (fault.from ?? from) !== from) continue;
      entry.seen += 1;
      const waiting = entry.seen <= (fault.after ?? 0);
      const usedUp = entry.hits >= (fault.times ?? Number.POSITIVE_INFINITY);
      if (waiting || usedUp || drawn.has(fault.kind)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      entry.hits += 1;
      drawn.set(fault.kind, fault);
    }
    return [...drawn.values()];
  }
}
