/** Why a regular expression is rejected, and what to write instead where that is known. */
export interface RegexRejection {
  readonly message: string;
  readonly hint?: string;
}

/** Replacements for escapes of other engines that RE2 does not know. */
const insteadOf: ReadonlyMap<string, string> = new Map([
  ["\\Z", "\\z"],
  ["\\h", "[ \\t]"],
  ["\\R", "\\r?\\n"],
  ["\\e", "\\x1b"],
  ["\\u", "\\x{...}"],
  ["\\c", "\\x{...}"],
]);

/** The first pattern that fits what the RE2 library says decides the hint. `$1` is what the library quotes. */
const hints: readonly (readonly [RegExp, string | ((quoted: string) => string)])[] = [
  [
    /`\(\?(?:<?[=!])/,
    "Expressions run in linear time (RE2), so look-around does not exist: test it on a line of its own, under `not` if it is negative.",
  ],
  [
    /escape sequence: `\\[1-9k]|`\(\?P`|`\(\?P[=>]/,
    "Expressions run in linear time (RE2), so back-references do not exist: write the repeated part out.",
  ],
  [/`\(\?>/, "Atomic groups do not exist: write `(?:`, which takes linear time here."],
  [/`\(\?[x#]/, "Comments do not exist in expressions: leave them out."],
  [/nested repetition/, "Write one repetition sign; possessive ones (`++`) do not exist and are not needed."],
  [
    /invalid repeat count/,
    "A repetition counts at most to 1,000, repetitions inside it multiplied, and its smaller number comes first.",
  ],
  [/missing argument/, "Write `\\` before a sign that is meant as a character."],
  [/missing closing|unexpected \)/, "Close it, or write `\\` before a bracket that is meant as a character."],
  [/trailing backslash/, "Write `\\\\` for one backslash."],
  [
    /escape sequence/,
    (quoted) => {
      const instead = insteadOf.get(quoted.slice(0, 2));
      return instead === undefined
        ? "Leave the backslash out, or write `\\x{...}`."
        : `Write \`${instead}\`.`;
    },
  ],
];

/** Turns a message of the RE2 library into one that helps. */
export function explainRegexError(libraryMessage: string): RegexRejection {
  const reason = libraryMessage.replace(/^error parsing regexp: /, "");
  const message = `The regular expression cannot be used: ${reason}.`;
  const found = hints.find(([pattern]) => pattern.test(reason));
  if (found === undefined) {
    return { message };
  }
  const [, hint] = found;
  return {
    message,
    hint: typeof hint === "string" ? hint : hint(/`(.*)`/s.exec(reason)?.[1] ?? ""),
  };
}
