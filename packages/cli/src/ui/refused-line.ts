import { type PolicyFinding, visibleText } from "@streamwarden/replay";

const longest = 300;

/** A refused policy in one line, however its path and message came about: `path:line:column message [code]`. */
export const refusedLine = ({ path, line, column, message, code }: PolicyFinding): string =>
  `${visibleText(path, longest)}:${line}:${column} ${visibleText(message, longest)} [${code}]`;
