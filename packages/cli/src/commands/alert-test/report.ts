import { line, styled, type Text } from "../../ui/text.ts";
import type { DestinationKind } from "./destinations.ts";
import type { TestResult } from "./result.ts";

const labels: Readonly<
  Record<TestResult["result"], { readonly word: string; readonly style: "green" | "red" | "yellow" }>
> = {
  reached: { word: "reached", style: "green" },
  accepted: { word: "accepted", style: "yellow" },
  "not-reached": { word: "NOT REACHED", style: "red" },
  "not-sent": { word: "not sent", style: "yellow" },
};

const kinds = {
  email: "email",
  slack: "Slack",
  webhook: "webhook",
  amazonQ: "Amazon Q",
  queue: "queue",
} satisfies Record<DestinationKind, string>;

/** One line for each destination. */
export function resultLines(results: readonly TestResult[]): readonly Text[] {
  const name = ({ destination }: TestResult): string =>
    destination.address === undefined ? destination.name : `${destination.address} (${destination.name})`;
  const width = Math.min(48, Math.max(...results.map((result) => name(result).length)));
  return results.map((result) => {
    const { word, style } = labels[result.result];
    const time =
      result.milliseconds === undefined ? "" : ` in ${result.milliseconds.toLocaleString("en-US")} ms`;
    const advice = result.advice === undefined ? "" : `. ${result.advice}`;
    return line`${styled(style, word.padEnd(11))}  ${kinds[result.destination.kind].padEnd(8)}  ${name(result).padEnd(width)}  ${result.detail}${time}${advice}`;
  });
}

export interface AlertTestReport {
  readonly id: string;
  readonly topicArn: string;
  /** SNS's message id; absent where the test went straight to queues, or nowhere. */
  readonly messageId?: string;
  readonly results: readonly TestResult[];
}

export function reportJson({ id, topicArn, messageId, results }: AlertTestReport): object {
  return {
    id,
    topicArn,
    ...(messageId === undefined ? {} : { messageId }),
    destinations: results.map(({ destination, result, detail, advice, milliseconds }) => ({
      kind: destination.kind,
      name: destination.name,
      ...(destination.address === undefined ? {} : { address: destination.address }),
      result,
      detail,
      ...(advice === undefined ? {} : { advice }),
      ...(milliseconds === undefined ? {} : { milliseconds }),
    })),
  };
}
