/**
 * The proof that nothing was lost. Three lines that hold per batch and in total:
 *
 *     messages received = processed + quarantined + returned
 *     records seen      = alerted + merged + quiet + duplicate + dry-run
 *     alerts owed       = published + pending
 *
 * A message that is returned to the queue is received again later, and an alert that is pending is owed again by
 * the batch that retries it: each line counts attempts, so it balances at every instant.
 */
export interface Balance {
  readonly messages: {
    readonly received: number;
    readonly processed: number;
    readonly quarantined: number;
    readonly returned: number;
  };
  readonly records: {
    readonly seen: number;
    readonly alerted: number;
    readonly merged: number;
    readonly quiet: number;
    readonly duplicate: number;
    readonly dryRun: number;
  };
  readonly alerts: { readonly owed: number; readonly published: number; readonly pending: number };
}

export type RecordOutcome = Exclude<keyof Balance["records"], "seen">;

/** Strongest first: a record that had several outcomes counts under the strongest. */
export const recordOutcomes: readonly RecordOutcome[] = ["alerted", "merged", "quiet", "duplicate", "dryRun"];

export const emptyBalance: Balance = {
  messages: { received: 0, processed: 0, quarantined: 0, returned: 0 },
  records: { seen: 0, alerted: 0, merged: 0, quiet: 0, duplicate: 0, dryRun: 0 },
  alerts: { owed: 0, published: 0, pending: 0 },
};

export function addBalances(a: Balance, b: Balance): Balance {
  return {
    messages: addCounts(a.messages, b.messages),
    records: addCounts(a.records, b.records),
    alerts: addCounts(a.alerts, b.alerts),
  };
}

function addCounts<T extends { readonly [K in keyof T]: number }>(a: T, b: T): T {
  const sum = Object.entries<number>(a).map(([name, count]) => [name, count + b[name as keyof T]]);
  return Object.fromEntries(sum) as T;
}

/** The lines that do not add up, as sentences; empty when the balance holds. */
export function imbalances(balance: Balance): readonly string[] {
  const lines = [
    line("messages received", balance.messages.received, balance.messages, "received"),
    line("records seen", balance.records.seen, balance.records, "seen"),
    line("alerts owed", balance.alerts.owed, balance.alerts, "owed"),
  ];
  return lines.filter((text) => text !== undefined);
}

function line(name: string, total: number, counts: object, totalKey: string): string | undefined {
  const parts = Object.entries(counts).filter(([key]) => key !== totalKey);
  const sum = parts.reduce((all, [, count]) => all + Number(count), 0);
  if (sum === total) return undefined;
  return `${name} = ${total}, but ${parts.map(([key, count]) => `${key} ${count}`).join(" + ")} = ${sum}`;
}
