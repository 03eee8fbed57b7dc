import { isObject } from "@streamwarden/cloudtrail";
import type { Output } from "../../ui/output.ts";
import { line, styled, type Text } from "../../ui/text.ts";

const levelStyles = { warn: "yellow", error: "red", fatal: "redBright" } as const;

/**
 * Shows the consumer's log, which is a JSON object a line: `12:34:56 warn The table is away. attempt=2`. It quotes records
 * and answers of AWS, so it takes the same way to the terminal as everything else.
 */
export function logDestination(out: Output): { write(entry: string): void } {
  return {
    write: (entry) => out.print(logLine(entry)),
  };
}

export function logLine(entry: string): Text {
  const fields: unknown = JSON.parse(entry);
  if (!isObject(fields)) return entry.trimEnd();
  const { level, time, msg, service: _, ...others } = fields;
  const name = String(level);
  const style = name in levelStyles ? levelStyles[name as keyof typeof levelStyles] : "dim";
  const more = Object.entries(others).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const clock = String(time).slice(11, 19);
  return line`${styled("dim", clock)} ${styled(style, name)} ${String(msg ?? "")}${styled("dim", more.join(""))}`;
}
