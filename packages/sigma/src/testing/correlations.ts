import type { Correlation } from "../correlation/correlation.ts";
import { advance } from "../correlation/window/advance.ts";
import { closeWindows } from "../correlation/window/close-windows.ts";
import { chainedEntries, correlationEntries, type GroupedEntry } from "../correlation/window/entries.ts";
import type { Firing } from "../correlation/window/firing.ts";
import type { WindowDocument, WindowOptions } from "../correlation/window/window-document.ts";
import type { Ruleset } from "../ruleset.ts";
import { loadClean } from "./rules.ts";

/** Rules a, b, c and d: each is true of an event whose `is` says its letter. */
export const rulesText = ["a", "b", "c", "d"]
  .map(
    (name) =>
      `title: Rule ${name}\nname: ${name}\nlogsource: {product: test}\nlevel: low\n` +
      `detection:\n  s: {is: ${name}}\n  condition: s\n---\n`,
  )
  .join("");

/** A correlation document around the lines of its `correlation` map. */
export function correlationText(body: string, attributes = "name: correlation"): string {
  return `title: A correlation\nlevel: high\n${attributes}\ncorrelation:\n${body.trim().replaceAll(/^/gm, "  ")}\n`;
}

export const second = 1000;

/** A test event: what it is (rule letters), its time in seconds, its id, and further fields. */
export interface TestEvent {
  readonly is: string;
  readonly at: number;
  readonly id?: string;
  readonly [field: string]: unknown;
}

let counter = 0;

/** A short way to write events: `"a@0 b@5"`. Ids are unique. */
export function events(text: string): TestEvent[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [is = "", at] = word.split("@");
      return { is, at: Number(at), id: `${word}#${++counter}` };
    });
}

const rulesets = new Map<string, Ruleset>();

/** Loaded once for each text: property tests make thousands of harnesses. */
function rulesetOf(text: string): Ruleset {
  const ruleset = rulesets.get(text) ?? loadClean(text);
  rulesets.set(text, ruleset);
  return ruleset;
}

interface Kept {
  readonly correlation: Correlation;
  readonly document: WindowDocument;
}

/**
 * Runs correlations over events as a host does: windows in a store, firings by name, firings of inner correlations as
 * events of outer ones. `firings` are those of the correlation named `correlation`; `inner` those of all others.
 */
export class Harness {
  readonly ruleset: Ruleset;
  readonly correlation: Correlation;
  readonly kept = new Map<string, Kept>();
  readonly #options: WindowOptions;
  /** Every firing told so far, by group and event. */
  readonly firings = new Map<string, Firing>();
  readonly inner = new Map<string, Firing>();
  late = 0;
  dropped = 0;

  constructor(body: string, options: WindowOptions = {}, more = "") {
    this.ruleset = rulesetOf(`${rulesText}${more}${correlationText(body)}`);
    const correlation = this.ruleset.findCorrelation("correlation");
    if (correlation === undefined) {
      throw new Error("The correlation is not active.");
    }
    this.correlation = correlation;
    this.#options = options;
  }

  /** The documents of `correlation`, by group. */
  get documents(): Map<string, WindowDocument> {
    const own = [...this.kept].filter(([, { correlation }]) => correlation === this.correlation);
    return new Map(own.map(([key, { document }]) => [key, document]));
  }

  entries({ at, id = `${++counter}`, ...event }: TestEvent): readonly GroupedEntry[] {
    const record = { ...event, is: event.is.split("") };
    return correlationEntries(this.ruleset, this.ruleset.match(record), record, {
      id,
      time: Math.round(at * second),
    });
  }

  /** Adds events as one batch. Returns the ids of the events that fired in it. */
  add(batch: readonly TestEvent[]): string[] {
    return this.#feed(batch.flatMap((event) => this.entries(event)));
  }

  /** Decides windows, as a host does whose clock minus the lateness shows `seconds`. */
  close(seconds: number): string[] {
    const inner = [...this.kept.keys()].filter((key) => this.kept.get(key)?.correlation !== this.correlation);
    return [
      ...inner.flatMap((key) => this.#close(key, seconds)),
      ...[...this.documents.keys()].flatMap((key) => this.#close(key, seconds)),
    ];
  }

  /** Adds every event in order, one by one, closes all windows, and returns the events that fired as `is@at`. */
  run(given: readonly TestEvent[]): string[] {
    for (const event of given) {
      this.add([event]);
    }
    this.close(Number.MAX_SAFE_INTEGER / second / 2);
    const fired = new Set([...this.firings.values()].map(({ id }) => id.replace(/^.*:/, "")));
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
    for (const [key, { correlation, document }] of this.kept) {
      this.kept.set(key, { correlation, document: JSON.parse(JSON.stringify(document)) as WindowDocument });
    }
  }

  #feed(entries: readonly GroupedEntry[]): string[] {
    const groups = new Map<string, GroupedEntry[]>();
    for (const entry of entries) {
      const key = this.#keyOf(entry);
      groups.set(key, [...(groups.get(key) ?? []), entry]);
    }
    return [...groups].flatMap(([key, grouped]) => {
      const [scope] = grouped;
      if (scope === undefined) {
        return [];
      }
      const advanced = advance(
        scope,
        this.kept.get(key)?.document,
        grouped.map(({ entry }) => entry),
        this.#options,
      );
      this.kept.set(key, { correlation: scope.correlation, document: advanced.document });
      this.late += advanced.late;
      this.dropped += advanced.dropped;
      return this.#tell(key, advanced.firings);
    });
  }

  #close(key: string, seconds: number): string[] {
    const kept = this.kept.get(key);
    if (kept === undefined) {
      return [];
    }
    const closed = closeWindows(kept.correlation, kept.document, seconds * second);
    this.kept.set(key, { ...kept, document: closed.document ?? kept.document });
    return this.#tell(key, closed.firings);
  }

  #keyOf({ correlation, groupKey }: GroupedEntry): string {
    return correlation === this.correlation ? groupKey : `${correlation.name} ${groupKey}`;
  }

  #tell(key: string, firings: readonly Firing[]): string[] {
    for (const firing of firings) {
      const told = firing.correlation === this.correlation ? this.firings : this.inner;
      told.set(`${key} ${firing.id}`, firing);
    }
    const outer = this.#feed(chainedEntries(this.ruleset, firings));
    return [...firings.map(({ id }) => id), ...outer];
  }
}
