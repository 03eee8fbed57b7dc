import type { PolicyFinding } from "@streamwarden/replay";
import { shortened } from "./text.ts";

const longest = 300;

/** A rejected policy in one line: `path:line:column message [code]`. */
export function rejectedLine({ path, line, column, message, code }: PolicyFinding): string {
  return `${shortened(path, longest)}:${line}:${column} ${shortened(message, longest)} [${code}]`;
}
