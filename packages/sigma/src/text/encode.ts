import { literalText, mapLiterals, type WildcardString } from "./wildcard.ts";

/** Modifiers that rewrite a value before it is compared. Most make one value, some several that are ORed. */
export const encoderNames = [
  "wide",
  "utf16le",
  "utf16be",
  "utf16",
  "base64",
  "base64offset",
  "windash",
] as const;
export type Encoder = (typeof encoderNames)[number];

/** A value on its way through the encoders: text, or bytes written one per character. */
interface Encoded {
  readonly parts: WildcardString;
  readonly bytes: boolean;
}

const dashCharacters = ["-", "/", "\u2013", "\u2014", "\u2015"];
/** A dash or slash that begins a word: a non-word character or the beginning before it, a word character after. */
const wordDash = /(?<![\p{L}\p{N}_])[-/](?=[\p{L}\p{N}_])/gu;
const mostDashes = 3;

const byteOrderMark = "\u00ff\u00fe";
const startOfOffset = [0, 2, 3];
const endOfRest = [undefined, -3, -2];

function bytesOfUnits(text: string, littleEndian: boolean): string {
  let bytes = "";
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const low = String.fromCharCode(unit & 0xff);
    const high = String.fromCharCode(unit >> 8);
    bytes += littleEndian ? low + high : high + low;
  }
  return bytes;
}

function bytesOfUtf8(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) {
    bytes += String.fromCharCode(byte);
  }
  return bytes;
}

/** Applies the encoders in order. A string result says why a value cannot be encoded. */
export function encode(value: WildcardString, encoders: readonly Encoder[]): WildcardString[] | string {
  if (encoders.length === 0) {
    return [value];
  }
  let values: Encoded[] = [{ parts: value, bytes: false }];
  for (const encoder of encoders) {
    const next: Encoded[] = [];
    for (const current of values) {
      const encoded = applyEncoder(current, encoder);
      if (typeof encoded === "string") {
        return encoded;
      }
      next.push(...encoded);
    }
    values = next;
  }
  const texts: WildcardString[] = [];
  for (const { parts, bytes } of values) {
    const text = bytes ? bytesToText(parts) : parts;
    if (text === undefined) {
      return "A text that is not ASCII has no UTF-16 form that is also text: add base64 or base64offset after it.";
    }
    texts.push(text);
  }
  return texts;
}

function applyEncoder({ parts, bytes }: Encoded, encoder: Encoder): Encoded[] | string {
  if (encoder === "windash") {
    return bytes ? "`windash` must come before the encodings." : expandDashes(parts);
  }
  if (encoder === "base64" || encoder === "base64offset") {
    const text = literalText(parts);
    if (text === undefined) {
      return "A value with wildcards cannot be encoded as base64.";
    }
    const data = bytes ? text : bytesOfUtf8(text);
    const forms =
      encoder === "base64"
        ? [btoa(data)]
        : // Of a single byte, one offset leaves no character that depends on it alone: searching for that finds all.
          startOfOffset.map((start, offset) =>
            btoa(" ".repeat(offset) + data).slice(start, endOfRest[(data.length + offset) % 3]),
          );
    const certain = encoder === "base64" ? forms : forms.filter((form) => form !== "");
    return certain.length === 0
      ? "An empty text has no base64 form to search for."
      : certain.map((form) => ({ parts: form === "" ? [] : [form], bytes: false }));
  }
  if (bytes) {
    return "A value can be encoded as UTF-16 only once.";
  }
  const encoded = mapLiterals(parts, (literal) => bytesOfUnits(literal, encoder !== "utf16be"));
  if (encoder !== "utf16") {
    return [{ parts: encoded, bytes: true }];
  }
  const [first, ...rest] = encoded;
  return [
    {
      parts: typeof first === "string" ? [byteOrderMark + first, ...rest] : [byteOrderMark, ...encoded],
      bytes: true,
    },
  ];
}

function bytesToText(parts: WildcardString): WildcardString | undefined {
  const isText = parts.every((part, index) => {
    const rest =
      index === 0 && typeof part === "string" && part.startsWith(byteOrderMark) ? part.slice(2) : part;
    return typeof rest !== "string" || !/[\u0080-\u00ff]/.test(rest);
  });
  return isText
    ? mapLiterals(parts, (literal) =>
        literal.startsWith(byteOrderMark) ? `\ufeff${literal.slice(byteOrderMark.length)}` : literal,
      )
    : undefined;
}

function expandDashes(parts: WildcardString): Encoded[] | string {
  const dashes = parts.reduce(
    (count, part) => count + (typeof part === "string" ? [...part.matchAll(wordDash)].length : 0),
    0,
  );
  if (dashes > mostDashes) {
    return `\`windash\` writes out at most ${mostDashes} dashes of a value and this one has ${dashes}: split it into several values.`;
  }
  let variants: WildcardString[] = [[]];
  for (const part of parts) {
    const forms: WildcardString = typeof part === "string" ? dashForms(part) : [part];
    variants = variants.flatMap((variant) => forms.map((form): WildcardString => [...variant, form]));
  }
  return variants.map((variant) => ({ parts: variant, bytes: false }));
}

function dashForms(literal: string): string[] {
  let forms = [""];
  let end = 0;
  for (const match of literal.matchAll(wordDash)) {
    const before = literal.slice(end, match.index);
    forms = forms.flatMap((form) => dashCharacters.map((dash) => form + before + dash));
    end = match.index + 1;
  }
  return forms.map((form) => form + literal.slice(end));
}
