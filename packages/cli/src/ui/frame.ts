import { hasColor, paint, type Terminal } from "./terminal.ts";

/**
 * A text between two rules, with a bar on its left: what a message looks like, apart from what we say about it.
 * On a plain terminal the bar is ASCII, so that logs stay readable anywhere.
 */
export function framed(terminal: Terminal, title: string, text: string): string {
  const [bar, corner, end] = hasColor(terminal) ? ["│", "┌─", "└─"] : ["|", "+-", "+-"];
  const dim = (part: string): string => paint(terminal, "dim", part);
  const lines = text.replace(/\n+$/, "").split("\n");
  return [
    `${dim(corner)} ${paint(terminal, "bold", title)}`,
    ...lines.map((line) => `${dim(bar)} ${line}`.trimEnd()),
    dim(end),
  ].join("\n");
}
