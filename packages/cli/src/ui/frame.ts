import type { Output } from "./output.ts";
import { line, linesOf, styled, type Text } from "./text.ts";

/**
 * A message between two rules, with a bar on its left, which sets it apart from what we say about it. Without colour the
 * bar is ASCII, so that logs stay readable anywhere.
 */
export function framed(output: Pick<Output, "hasColor">, title: string, message: string): Text[] {
  const [bar, corner, end] = output.hasColor ? ["│", "┌─", "└─"] : ["|", "+-", "+-"];
  return [
    line`${styled("dim", corner)} ${styled("bold", title)}`,
    ...linesOf(message).map((text) =>
      text.trimEnd() === "" ? styled("dim", bar) : line`${styled("dim", bar)} ${text.trimEnd()}`,
    ),
    styled("dim", end),
  ];
}
