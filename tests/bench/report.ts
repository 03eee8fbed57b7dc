import { type Ratio, type Result, ratioOf } from "./rounds.ts";

export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? whole(perSecond) : perSecond.toPrecision(2).replace(/\.0+$/, "");
}

export function times({ median }: Ratio): string {
  return `${median.toFixed(2)} x`;
}

/** Rows with aligned columns: the first to the left, all others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}

/**
 * One line a contestant: its rate, and its time as a multiple of each yardstick's: the median of the rounds and,
 * for the first yardstick, the smallest and largest.
 */
export function table(results: readonly Result[], unit: string, yardsticks: readonly Result[]): string {
  const headings = [
    "",
    `${unit}/s`,
    ...yardsticks.flatMap(({ name }, index) => [`x ${name}`, ...(index === 0 ? ["(rounds)"] : [])]),
  ];
  const rows = results.map((result) => [
    result.name,
    rate(result.perSecond),
    ...yardsticks.flatMap((yardstick, index) => {
      const ratio = ratioOf(result, yardstick);
      const spread = `(${ratio.smallest.toFixed(2)} to ${ratio.largest.toFixed(2)})`;
      return [times(ratio), ...(index === 0 ? [spread] : [])];
    }),
  ]);
  return aligned([headings, ...rows]);
}
