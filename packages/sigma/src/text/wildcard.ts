/** Characters that need a backslash to stand for themselves. Most texts have none. */
const special = /[*?\\]/;

/** Matches any number of characters, none included. */
export const anyText = Symbol("*");
/** Matches exactly one character (code point). */
export const anyCharacter = Symbol("?");

/** A Sigma string after its escapes were read: literal pieces and wildcards. Never two literals side by side. */
export type WildcardPart = string | typeof anyText | typeof anyCharacter;
export type WildcardString = readonly WildcardPart[];

/**
 * Reads the escapes of a Sigma string: `\*` and `\?` are literal, `\\` is one backslash, and a backslash before
 * anything else (or at the end) stands for itself. So `\\*` is a backslash and a wildcard, `a\b` is `a\b`.
 */
export function parseWildcards(text: string): WildcardString {
  if (!special.test(text)) {
    return text === "" ? [] : [text];
  }
  const parts: WildcardPart[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") {
      parts.push(literal);
      literal = "";
    }
  };
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    const next = text[index + 1];
    if (character === "\\" && (next === "*" || next === "?" || next === "\\")) {
      literal += next;
      index++;
    } else if (character === "*" || character === "?") {
      flush();
      parts.push(character === "*" ? anyText : anyCharacter);
    } else {
      literal += character;
    }
  }
  flush();
  return parts;
}

/** The literal text of a string without wildcards, else undefined. */
export function literalText(parts: WildcardString): string | undefined {
  if (parts.length === 0) {
    return "";
  }
  const [first] = parts;
  return parts.length === 1 && typeof first === "string" ? first : undefined;
}

/** The string as a rule could write it, every backslash escaped: parsing it gives the same string again. */
export function formatWildcards(parts: WildcardString): string {
  return parts
    .map((part) =>
      part === anyText
        ? "*"
        : part === anyCharacter
          ? "?"
          : special.test(part)
            ? part.replaceAll(/[*?\\]/g, "\\$&")
            : part,
    )
    .join("");
}

/** Adds `*` before and after, where it is not there already. */
export function surround(parts: WildcardString, before: boolean, after: boolean): WildcardString {
  const result = [...parts];
  if (before && result[0] !== anyText) {
    result.unshift(anyText);
  }
  if (after && (result.at(-1) !== anyText || result.length === 0)) {
    result.push(anyText);
  }
  return result;
}

/** Every literal piece changed by `change`. */
export function mapLiterals(parts: WildcardString, change: (literal: string) => string): WildcardString {
  return parts.map((part) => (typeof part === "string" ? change(part) : part));
}

type Segment = readonly (string | typeof anyCharacter)[];

/**
 * Compiles a wildcard string to a function over texts (both already folded, or both not).
 *
 * The common shapes become one call of the string library. The rest is matched piece by piece, each at its first
 * possible place, which is right because `*` may absorb anything: the time is at most text length × pattern length
 * and never exponential.
 */
export function compileWildcards(parts: WildcardString): (text: string) => boolean {
  const literal = literalText(parts);
  if (literal !== undefined) {
    return (text) => text === literal;
  }
  const segments = splitAtAny(parts);
  const first = segments[0] ?? [];
  const last = segments.at(-1) ?? [];
  const middle = segments.slice(1, -1);
  if (segments.length === 1) {
    return (text) => matchAt(text, 0, first) === text.length;
  }
  const [only] = middle;
  if (segments.length === 2) {
    const prefix = plain(first);
    const suffix = plain(last);
    if (prefix !== undefined && suffix !== undefined) {
      const shortest = prefix.length + suffix.length;
      return (text) => text.length >= shortest && text.startsWith(prefix) && text.endsWith(suffix);
    }
  } else if (segments.length === 3 && first.length === 0 && last.length === 0 && only !== undefined) {
    const needle = plain(only);
    if (needle !== undefined) {
      return (text) => text.includes(needle);
    }
  }
  return (text) => {
    let position = matchAt(text, 0, first);
    if (position < 0) {
      return false;
    }
    for (const segment of middle) {
      position = find(text, position, segment);
      if (position < 0) {
        return false;
      }
    }
    const start = startOfSuffix(text, last);
    return start >= position;
  };
}

function splitAtAny(parts: WildcardString): Segment[] {
  let segment: (string | typeof anyCharacter)[] = [];
  const segments: Segment[] = [segment];
  for (const part of parts) {
    if (part === anyText) {
      segment = [];
      segments.push(segment);
    } else {
      segment.push(part);
    }
  }
  // Two stars side by side leave an empty segment between them, which adds nothing.
  return segments.filter((part, index) => part.length > 0 || index === 0 || index === segments.length - 1);
}

function plain(segment: Segment): string | undefined {
  const [first] = segment;
  return segment.length === 0 ? "" : segment.length === 1 && typeof first === "string" ? first : undefined;
}

function isHigh(unit: number) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
function isLow(unit: number) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The end of the segment when it stands at `position`, else -1. */
function matchAt(text: string, position: number, segment: Segment): number {
  let at = position;
  for (const part of segment) {
    if (typeof part === "string") {
      if (!text.startsWith(part, at)) {
        return -1;
      }
      at += part.length;
    } else {
      if (at >= text.length) {
        return -1;
      }
      at += isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1)) ? 2 : 1;
    }
  }
  return at;
}

/** The end of the first place at or after `from` where the segment stands, else -1. */
function find(text: string, from: number, segment: Segment): number {
  const needle = plain(segment);
  if (needle !== undefined) {
    const index = text.indexOf(needle, from);
    return index < 0 ? -1 : index + needle.length;
  }
  for (let start = from; start <= text.length; start++) {
    const inPair = start > 0 && isLow(text.charCodeAt(start)) && isHigh(text.charCodeAt(start - 1));
    const end = inPair ? -1 : matchAt(text, start, segment);
    if (end >= 0) {
      return end;
    }
  }
  return -1;
}

/** Where the segment begins when it stands at the end of the text, else -1. */
function startOfSuffix(text: string, segment: Segment): number {
  let at = text.length;
  for (const part of segment.toReversed()) {
    if (typeof part === "string") {
      if (!text.endsWith(part, at)) {
        return -1;
      }
      at -= part.length;
    } else {
      if (at <= 0) {
        return -1;
      }
      at -= at >= 2 && isLow(text.charCodeAt(at - 1)) && isHigh(text.charCodeAt(at - 2)) ? 2 : 1;
    }
  }
  return at;
}
