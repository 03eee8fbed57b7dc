import { styleText } from "node:util";

/** Where a command reads and writes: the process's own streams, or a test's. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Text in colour where a person reads it: on a terminal, unless NO_COLOR or TERM=dumb say otherwise. FORCE_COLOR
 * overrules.
 */
export function paint(terminal: Terminal, style: Parameters<typeof styleText>[0], text: string): string {
  return hasColor(terminal) ? styleText(style, text, { validateStream: false }) : text;
}

export function hasColor({ env, stdout }: Terminal): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  return stdout.isTTY === true && env.TERM !== "dumb";
}

export function print(terminal: Terminal, ...lines: readonly string[]): void {
  terminal.stdout.write(`${lines.join("\n")}\n`);
}

/** `1 policy`, `2 policies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
