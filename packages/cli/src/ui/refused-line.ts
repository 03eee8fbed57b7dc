import type { PolicyFinding } from "@streamwarden/replay";
import { shortened } from "./text.ts";

const longest = 300;

/** A refused policy in one line: `path:line:column message [code]`. */
export const refusedLine = ({ path, line, column, message, code }: PolicyFinding): string =>
  `${shortened(path, longest)}:${line}:${column} ${shortened(message, longest)} [${code}]`;
