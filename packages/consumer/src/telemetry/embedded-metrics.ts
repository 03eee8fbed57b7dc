import type { Balance } from "@streamwarden/detection";

/**
 * The balance of one batch in CloudWatch's embedded metric format: a log line that becomes metrics by itself, because
 * nothing can scrape a function. Names are the lines of the balance: `MessagesReceived`, `RecordsAlerted` ...
 */
export function embeddedMetrics(balance: Balance, timestamp: number): Readonly<Record<string, unknown>> {
  const values = Object.fromEntries(
    Object.entries(balance).flatMap(([line, counts]) =>
      Object.entries<number>(counts).map(([name, count]) => [`${capital(line)}${capital(name)}`, count]),
    ),
  );
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: "Streamwarden",
          Dimensions: [[]],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: "Count" })),
        },
      ],
    },
    ...values,
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
