import { loadClean } from "../testing.ts";
import { type Advanced, advance } from "./advance.ts";
import { closeWindows } from "./close-windows.ts";
import { type Correlation, referenceOf } from "./correlation.ts";
import { correlationEntries, type Entry, type GroupedEntry } from "./entries.ts";
import type { Firing } from "./firing.ts";
import type { WindowDocument, WindowOptions } from "./window-document.ts";

/** Rules a, b, c and d: each is true of an event whose `is` says its letter. */
export const RULES = ["a", "b", "c", "d"]
  .map(
    (name) =>
      `title: Rule ${name}\nname: ${name}\nlogsource: {product: test}\nlevel: low\n` +
      `detection:\n  s: {is: ${name}}\n  condition: s\n---\n`,
  )
  .join("");

/** A correlation document around the lines of its `correlation` map. */
export const correlationText = (body: string, attributes = "name: correlation"): string =>
  `title: A correlation\nlevel: high\n${attributes}\ncorrelation:\n${body.trim().replaceAll(/^/gm, "  ")}\n`;

export const SECOND = 1000;

/** A test event: what it is (rule letters), its time in seconds, its id, and further fields. */
export interface TestEvent {
  readonly is: string;
  readonly at: number;
  readonly id?: string;
  readonly [field: string]: unknown;
}

let counter = 0;

/** A short way to write events: `"a@0 b@5"`. Ids are unique. */
export const events = (text: string): TestEvent[] =>
  text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [is = "", at] = word.split("@");
      return { is, at: Number(at), id: `${word}#${++counter}` };
    });

/** Runs one correlation over events as a host does: groups, windows in a store, firings by id. */
export class Harness {
  readonly ruleset;
  readonly correlation: Correlation;
  readonly documents = new Map<string, WindowDocument>();
  readonly #options: WindowOptions;
  /** Every firing told so far, by group and event. */
  readonly firings = new Map<string, Firing>();
  late = 0;
  dropped = 0;

  constructor(body: string, options: WindowOptions = {}) {
    this.ruleset = loadClean(RULES + correlationText(body));
    const correlation = this.ruleset.findCorrelation("correlation");
    if (correlation === undefined) {
      throw new Error("The correlation is not active.");
    }
    this.correlation = correlation;
    this.#options = options;
  }

  entries({ at, id = `${++counter}`, ...event }: TestEvent): readonly GroupedEntry[] {
    const record = { ...event, is: event.is.split("") };
    return correlationEntries(this.ruleset, this.ruleset.match(record), record, { id, time: at * SECOND });
  }

  /** Adds events as one batch. Returns the ids of the events that fired in it, in order. */
  add(batch: readonly TestEvent[]): string[] {
    const groups = new Map<string, GroupedEntry[]>();
    for (const entry of batch.flatMap((event) => this.entries(event))) {
      groups.set(entry.groupKey, [...(groups.get(entry.groupKey) ?? []), entry]);
    }
    return [...groups].flatMap(([key, grouped]) => {
      const [scope] = grouped;
      if (scope === undefined) {
        return [];
      }
      const entries = grouped.map(({ entry }) => entry);
      const advanced: Advanced = advance(scope, this.documents.get(key), entries, this.#options);
      this.documents.set(key, advanced.document);
      this.late += advanced.late;
      this.dropped += advanced.dropped;
      return this.#tell(key, advanced.firings);
    });
  }

  /** Decides windows, as a host does whose clock minus the lateness shows `seconds`. */
  close(seconds: number): string[] {
    return [...this.documents].flatMap(([key, document]) => {
      const closed = closeWindows(this.correlation, document, seconds * SECOND);
      if (closed.document !== undefined) {
        this.documents.set(key, closed.document);
      }
      return this.#tell(key, closed.firings);
    });
  }

  /** Adds every event in order, one by one, closes all windows, and returns the events that fired as `is@at`. */
  run(given: readonly TestEvent[]): string[] {
    for (const event of given) {
      this.add([event]);
    }
    this.close(Number.MAX_SAFE_INTEGER / SECOND / 2);
    const fired = new Set([...this.firings.values()].map(({ id }) => id));
    return given.filter(({ id }) => fired.has(id ?? "")).map(({ is, at }) => `${is}@${at}`);
  }

  /** The values of all firings, by time. */
  values(): number[] {
    return [...this.firings.values()]
      .toSorted((left, right) => left.time - right.time)
      .map(({ value }) => value);
  }

  /** What a store does between two updates. */
  throughJson(): void {
    for (const [key, document] of this.documents) {
      this.documents.set(key, JSON.parse(JSON.stringify(document)) as WindowDocument);
    }
  }

  #tell(key: string, firings: readonly Firing[]): string[] {
    for (const firing of firings) {
      this.firings.set(`${key} ${firing.id}`, firing);
    }
    return firings.map(({ id }) => id);
  }
}

/** Entries of one rule, for tests that need no events. */
export const entriesOf = (correlation: Correlation, times: readonly number[], rule = 0): Entry[] =>
  times.map((time, index) => {
    const counted = correlation.rules[rule];
    return { id: `e${index}`, time: time * SECOND, rule: counted === undefined ? "" : referenceOf(counted) };
  });
