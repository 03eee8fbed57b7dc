import { isContainer } from "../event/json.ts";
import type { Leaf } from "../event/leaf.ts";
import { fold } from "../text/fold.ts";
import type { CompiledRegex } from "../text/regex.ts";
import { quoted } from "../text/show-text.ts";
import {
  anyText,
  compileWildcards,
  formatWildcards,
  literalText,
  type WildcardString,
} from "../text/wildcard.ts";
import { anyLeaf, keyOf, type Matcher } from "./matcher.ts";

function isSubstring(parts: WildcardString) {
  return parts[0] === anyText && parts.at(-1) === anyText;
}

/**
 * A wildcard pattern over the whole text of a value. On an object it sees the compact JSON text; a substring search
 * also sees each string inside, decoded, because JSON kept in a string has its quotes escaped in the outer text.
 */
export function wildcardMatcher(field: string | undefined, pattern: WildcardString, cased: boolean): Matcher {
  const folded = cased ? pattern : pattern.map((part) => (typeof part === "string" ? fold(part) : part));
  const matchesText = compileWildcards(folded);
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
    text: `${describePattern(pattern)}${cased ? " (same case)" : ""}`,
    literal: longestPiece(pattern),
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

/** The longest literal of a pattern, folded. */
function longestPiece(pattern: WildcardString): string {
  return pattern.reduce<string>((longest, part) => {
    const piece = typeof part === "string" ? fold(part) : "";
    return piece.length > longest.length ? piece : longest;
  }, "");
}

function describePattern(pattern: WildcardString): string {
  const before = pattern[0] === anyText;
  const after = pattern.at(-1) === anyText;
  const core = pattern.slice(before ? 1 : 0, after && pattern.length > 1 ? -1 : undefined);
  const literal = literalText(core);
  if (literal !== undefined && pattern.length > 1) {
    const verb = before && after ? "contains" : before ? "ends with" : after ? "starts with" : "=";
    return `${verb} ${quoted(literal)}`;
  }
  return pattern.length === 1 && before ? "has a value" : `is like ${quoted(formatWildcards(pattern))}`;
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
    literal: fold(regex.literal),
    matches: anyLeaf(matchesLeaf),
  };
}
