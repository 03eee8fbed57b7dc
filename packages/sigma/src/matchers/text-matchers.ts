import { isContainer } from "../event/json.ts";
import type { Leaf } from "../event/leaf.ts";
import { fold } from "../text/fold.ts";
import type { CompiledRegex } from "../text/regex.ts";
import { quoted, quotedShort, shortText } from "../text/show-text.ts";
import {
  anyText,
  compileWildcards,
  formatWildcards,
  literalText,
  type WildcardPart,
  type WildcardString,
} from "../text/wildcard.ts";
import { anyLeaf, type Denial, denialOf, keyOf, type Matcher } from "./matcher.ts";

function isSubstring(parts: WildcardString) {
  return parts[0] === anyText && parts.at(-1) === anyText;
}

/**
 * A wildcard pattern over the whole text of a value. On an object it sees the compact JSON text; a substring search
 * also sees each string inside, decoded, because JSON kept in a string has its quotes escaped in the outer text.
 */
export function wildcardMatcher(field: string | undefined, pattern: WildcardString, cased: boolean): Matcher {
  const folded = cased ? pattern : pattern.map(foldPart);
  // Made when first asked: of a long list of values, which are searched for together, none ever is.
  let compiled: ((text: string) => boolean) | undefined;
  const matchesText = (text: string): boolean => {
    compiled ??= compileWildcards(folded);
    return compiled(text);
  };
  const textOf = cased ? (leaf: Leaf) => leaf.text : (leaf: Leaf) => leaf.folded;
  const looksInside = isSubstring(folded);
  const matchesLeaf = (leaf: Leaf): boolean => {
    const text = textOf(leaf);
    return (
      text !== undefined &&
      (matchesText(text) ||
        (looksInside &&
          isContainer(leaf.value) &&
          leaf.inner.some((inner) => matchesText(textOf(inner) as string))))
    );
  };
  return {
    kind: "wildcard",
    key: keyOf(field, "wildcard", cased, formatWildcards(folded)),
    field,
    get text() {
      return `${describePattern(pattern)}${cased ? " (same case)" : ""}`;
    },
    denial: () => denialOfPattern(field, pattern, cased),
    literal: longestPiece(cased ? pattern.map(foldPart) : folded),
    pattern: { parts: folded, cased },
    matches: anyLeaf(matchesLeaf),
  };
}

/** The folded text, where the whole question is whether a value contains it: many such questions are one search. */
export function containedText({ pattern }: Matcher): string | undefined {
  const [before, text, after] = pattern?.parts ?? [];
  const isOnePiece = pattern?.parts.length === 3 && before === anyText && after === anyText;
  return isOnePiece && !pattern.cased && typeof text === "string" ? text : undefined;
}

function foldPart(part: WildcardPart): WildcardPart {
  return typeof part === "string" ? fold(part) : part;
}

/** The longest literal of a pattern. */
function longestPiece(pattern: WildcardString): string {
  let longest = "";
  for (const part of pattern) {
    if (typeof part === "string" && part.length > longest.length) {
      longest = part;
    }
  }
  return longest;
}

function describePattern(pattern: WildcardString): string {
  const { verb, text } = wordsOf(pattern);
  return text === undefined ? verb : `${verb} ${quoted(text)}`;
}

/** A pattern as a verb and the text that it is about; `*` is about none. */
function wordsOf(pattern: WildcardString): { readonly verb: keyof typeof denials; readonly text?: string } {
  const before = pattern[0] === anyText;
  const after = pattern.at(-1) === anyText;
  const core = pattern.slice(before ? 1 : 0, after && pattern.length > 1 ? -1 : undefined);
  const text = literalText(core);
  if (text !== undefined && pattern.length > 1) {
    return { verb: before && after ? "contains" : before ? "ends with" : after ? "starts with" : "=", text };
  }
  return pattern.length === 1 && before
    ? { verb: "has a value" }
    : { verb: "is like", text: formatWildcards(pattern) };
}

const denials = {
  "=": "is not",
  contains: "does not contain",
  "starts with": "does not start with",
  "ends with": "does not end with",
  "is like": "is not like",
  "has a value": "has no value",
} as const;

/** Of keywords "no value" stands before the verb, so that the verb itself denies nothing. */
function denialOfPattern(field: string | undefined, pattern: WildcardString, cased: boolean): Denial {
  const { verb, text } = wordsOf(pattern);
  const said = field === undefined ? verb : denials[verb];
  return denialOf(`${said}${cased ? " (same case)" : ""}`, text === undefined ? [] : [text], quotedShort);
}

/** A regular expression found anywhere in the text of a value (on an object as `wildcardMatcher` does). */
export function regexMatcher(field: string | undefined, regex: CompiledRegex): Matcher {
  const matchesLeaf = (leaf: Leaf): boolean => {
    const { text } = leaf;
    return (
      text !== undefined &&
      (regex.test(text) ||
        (isContainer(leaf.value) && leaf.inner.some((inner) => regex.test(inner.text as string))))
    );
  };
  return {
    kind: "regex",
    key: keyOf(field, "regex", regex.source, regex.flags),
    field,
    text: `matches /${regex.source}/${regex.flags}`,
    denial: () =>
      denialOf(
        field === undefined ? "matches" : "does not match",
        [`/${regex.source}/${regex.flags}`],
        shortText,
      ),
    literal: fold(regex.literal),
    matches: anyLeaf(matchesLeaf),
  };
}
