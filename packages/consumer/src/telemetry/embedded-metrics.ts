import { type Balance, emptyBalance } from "@streamwarden/detection";
import type { NotifierTotals } from "../notifier/notifier.ts";
import type { Logger } from "./logging.ts";

/**
 * Metrics of functions, which nothing can scrape: a log line in CloudWatch's embedded metric format becomes metrics by
 * itself, without any permission to write some. They are written at every log level but `silent`, because an alarm must
 * not end when somebody asks for fewer log lines. A counter is first written as 0, when the function starts.
 */
export interface EmbeddedMetrics {
  write(counts: Readonly<Record<string, number>>, timestamp: number): void;
}

/** @param dimensions the same for every line: names and values, such as `{ Destination: "on-call" }`. */
export function embeddedMetrics(
  logger: Logger,
  what: string,
  dimensions: Readonly<Record<string, string>> = {},
): EmbeddedMetrics {
  const always = logger.child({}, { level: logger.level === "silent" ? "silent" : "info" });
  return {
    write(counts, timestamp) {
      always.info(embeddedMetricsLine(counts, timestamp, dimensions), what);
    },
  };
}

function embeddedMetricsLine(
  counts: Readonly<Record<string, number>>,
  timestamp: number,
  dimensions: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: "Streamwarden",
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.keys(counts).map((Name) => ({ Name, Unit: "Count" })),
        },
      ],
    },
    ...dimensions,
    ...counts,
  };
}

/** The balance by its lines: `MessagesReceived`, `RecordsAlerted` ... */
export function balanceCounts(balance: Balance): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(balance).flatMap(([line, counts]) =>
      Object.entries<number>(counts).map(([name, count]) => [`${capital(line)}${capital(name)}`, count]),
    ),
  );
}

/** A notifier's line: `NotifierReceived`, `NotifierDelivered` ... */
export function notifierCounts(totals: NotifierTotals): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(totals).map(([outcome, count]) => [`Notifier${capital(outcome)}`, count]),
  );
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

export const noBalanceCounts = balanceCounts(emptyBalance);
