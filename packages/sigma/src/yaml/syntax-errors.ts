import type { YAMLParseError } from "yaml";

/** One thing to fix in a text that is not YAML. */
export interface SyntaxError {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Errors that end with their value: the rest of the document is still read as it was meant. */
const localCodes: ReadonlySet<string> = new Set(["BAD_ALIAS", "BAD_SCALAR_START", "BAD_DQ_ESCAPE"]);

/**
 * What to fix, one error per cause. The library reads on after an error and reports the consequences of one slip as errors
 * of their own: a single tab gave up to six.
 */
export function firstCauses(errors: readonly YAMLParseError[], text: string): SyntaxError[] {
  const tab = firstTab(errors, text);
  if (tab !== undefined) {
    return [tab];
  }
  const isJson = /^\s*[{[]/.test(text);
  const causes: SyntaxError[] = [];
  let lineEnd = -1;
  for (const error of errors) {
    const offset = error.pos[0];
    if (causes.length === 0 || (localCodes.has(error.code) && offset > lineEnd)) {
      const message = `This is not ${isJson ? "JSON" : "YAML"}: ${sentence(error.message)}`;
      const hint = isJson ? jsonHint(error) : syntaxHint(error, text);
      causes.push({ offset, message, hint });
      lineEnd = endOfLine(text, offset);
      if (!localCodes.has(error.code)) {
        break;
      }
    }
  }
  return causes;
}

/** The first tab that indents a line with an error. Whoever uses tabs uses them throughout, so one error is enough. */
function firstTab(errors: readonly YAMLParseError[], text: string): SyntaxError | undefined {
  let first: number | undefined;
  for (const { code, pos } of errors) {
    const offset = code === "TAB_AS_INDENT" ? pos[0] : tabInIndent(text, pos[0]);
    if (offset !== undefined && (first === undefined || offset < first)) {
      first = offset;
    }
  }
  return first === undefined
    ? undefined
    : {
        offset: first,
        message: "This is not YAML: tabs are not allowed as indentation.",
        hint: "Indent with spaces.",
      };
}

function tabInIndent(text: string, offset: number): number | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start, start + longestLine))?.[0] ?? "";
  return indent.includes("\t") ? start + indent.indexOf("\t") : undefined;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

export function sentence(text: string): string {
  return text.trim().replace(/\.?$/, ".");
}

const quoteStar = "Quote texts that begin with `*`";

/** The fix for the commonest slips, where the YAML library has no advice. */
function syntaxHint({ code, message, pos }: YAMLParseError, text: string): string | undefined {
  const before = text.slice(Math.max(text.lastIndexOf("\n", pos[0] - 1) + 1, pos[0] - longestLine), pos[0]);
  const [line = ""] = text.slice(pos[0], pos[0] + longestLine).split("\n");
  switch (code) {
    case "BAD_ALIAS":
      return `${quoteStar}.`;
    case "BAD_SCALAR_START":
      return `Quote texts that begin with \`${line[0] ?? ""}\`.`;
    case "BAD_DQ_ESCAPE":
      return "Use single quotes, in which a backslash is only a backslash.";
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

function jsonHint({ code }: YAMLParseError): string | undefined {
  return code === "BAD_DQ_ESCAPE" ? "Write `\\\\` for one backslash." : undefined;
}

/** As much of a line as is ever needed: a file may consist of one. */
const longestLine = 1000;

export function unknownAliasHint(name: string): string {
  return `${quoteStar}: '*${name}'.`;
}
