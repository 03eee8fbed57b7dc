import type { YAMLParseError } from "yaml";

const quoteStar = "Quote texts that begin with `*`";

/** How to mend what people write most often where the YAML library has no advice. */
export function syntaxHint({ code, message, pos }: YAMLParseError, text: string): string | undefined {
  const before = text.slice(text.lastIndexOf("\n", pos[0] - 1) + 1, pos[0]);
  const [line = ""] = text.slice(pos[0], pos[0] + longestLine).split("\n");
  switch (code) {
    case "TAB_AS_INDENT":
      return "Indent with spaces.";
    case "BAD_ALIAS":
      return `${quoteStar}.`;
    case "BAD_SCALAR_START":
      return `Quote texts that begin with \`${line[0] ?? ""}\`.`;
    case "BLOCK_IN_FLOW":
      return "Quote a text that holds `: `.";
    case "BLOCK_AS_IMPLICIT_KEY":
      return /:(\s|$)/.test(line) ? "Quote a text that holds `: `." : "Indent the lines of one map equally.";
    case "UNEXPECTED_TOKEN":
      if (message.startsWith("Unexpected scalar at node end")) {
        return /[:\-,[]\s*\*\S+\s+$/.test(before)
          ? `${quoteStar}.`
          : "Quote the whole text; inside single quotes, write `''` for one.";
      }
      return undefined;
    default:
      return undefined;
  }
}

/** More of a line is never needed, and a file may be one line. */
const longestLine = 1000;

export function unknownAliasHint(name: string): string {
  return `${quoteStar}: '*${name}'.`;
}
