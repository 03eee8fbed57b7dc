import { setTimeout as delay } from "node:timers/promises";
import { addBalances, type Balance, emptyBalance, imbalances } from "@streamwarden/detection";
import type { ConsumerProcess } from "./consumer-process.ts";

const families = {
  messages: "streamwarden_messages_total",
  records: "streamwarden_records_total",
  alerts: "streamwarden_alerts_total",
} as const;

/** The three lines of a consumer, as its /metrics tells them. */
export async function balanceOf(url: string): Promise<Balance> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const family = (name: string): Record<string, number> =>
    Object.fromEntries(
      [...text.matchAll(new RegExp(`^${name}\\{outcome="([^"]+)"\\} (\\d+)$`, "gm"))].map(
        ([, outcome = "", count]) => [outcome, Number(count)],
      ),
    );
  return {
    messages: { ...emptyBalance.messages, ...family(families.messages) },
    records: { ...emptyBalance.records, ...family(families.records) },
    alerts: { ...emptyBalance.alerts, ...family(families.alerts) },
  };
}

export async function sumOfBalances(consumers: readonly ConsumerProcess[]): Promise<Balance> {
  return (await Promise.all(consumers.map(({ url }) => balanceOf(url)))).reduce(addBalances, emptyBalance);
}

export interface BalanceWatch {
  /** Ends watching; the lines that were seen out of balance, and how often was looked. */
  stop(): Promise<{ readonly violations: readonly string[]; readonly samples: number }>;
}

/** Looks at every consumer again and again while a test runs. A consumer that is gone is not asked. */
export function watchBalance(consumers: () => readonly ConsumerProcess[]): BalanceWatch {
  const ended = new AbortController();
  const violations: string[] = [];
  let samples = 0;
  const watching = (async () => {
    while (!ended.signal.aborted) {
      for (const { url } of [...consumers()]) {
        const balance = await balanceOf(url).catch(() => undefined);
        if (balance === undefined) continue;
        samples += 1;
        violations.push(...imbalances(balance));
      }
      await delay(100, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      ended.abort();
      await watching;
      return { violations, samples };
    },
  };
}
