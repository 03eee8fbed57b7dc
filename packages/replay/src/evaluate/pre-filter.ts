import { parseEventTime } from "@streamwarden/cloudtrail";
import type { Rule, Ruleset } from "@streamwarden/sigma";
import { type JsonScanner, type ScannedField, scannedFields } from "../read/json-scanner.ts";
import type { RecordFilter } from "../read/record-reader.ts";

/** The fields that show a record to be unwanted without being parsed. */
const decidingFields = [
  "eventSource",
  "eventName",
  "eventType",
  "eventCategory",
  "errorCode",
  "userAgent",
  "userIdentity.type",
] as const satisfies readonly ScannedField[];
type DecidingField = (typeof decidingFields)[number];

type Requirements = readonly { readonly field: number; readonly texts: ReadonlySet<string> }[];

/** How many different texts are remembered, so that hostile records cannot fill the memory. */
const mostRemembered = 16_384;
/** Longer texts are not remembered. */
const longestText = 256;

const sourceIndex = scannedFields.indexOf("eventSource");
const nameIndex = scannedFields.indexOf("eventName");
const timeIndex = scannedFields.indexOf("eventTime");
const versionIndex = scannedFields.indexOf("eventVersion");

/**
 * Tells records that no rule can be true of by what the scanner noted of them. It knows three answers and gives only
 * one of them without parsing: a well-formed record whose deciding fields fit no rule. What is malformed, written
 * with escapes or unusual in any way is left to the parser, so the results are the same with and without it.
 */
export class PreFilter implements RecordFilter {
  readonly #rules: readonly Requirements[];
  /** The deciding fields that any rule requires: the others need not be read. */
  readonly #fields: readonly { readonly index: number; readonly classes: TextClasses }[];
  readonly #verdicts = new Map<number, boolean>();
  #lastTime: string | undefined;

  private constructor(rules: readonly Requirements[]) {
    this.#rules = rules;
    this.#fields = decidingFields.flatMap((name, field) => {
      const texts = new Set(
        rules.flatMap((rule) => [...(rule.find((one) => one.field === field)?.texts ?? [])]),
      );
      return texts.size > 0
        ? [{ index: scannedFields.indexOf(name), classes: new TextClasses(name, texts) }]
        : [];
    });
  }

  /** The filter for a ruleset; undefined when some rule could be true of any record. */
  static of(ruleset: Ruleset): PreFilter | undefined {
    const rules = ruleset.rules.map((rule) => requirementsOf(ruleset, rule));
    return rules.some((requirements) => requirements.length === 0) ? undefined : new PreFilter(rules);
  }

  /** Whether the value that the scanner found is a valid record of which no rule is true. */
  isUnwanted(bytes: Buffer, start: number, scanner: JsonScanner): boolean {
    if (!scanner.isPlain || bytes[start] !== 0x7b) return false;
    const { starts, ends } = scanner;
    if (isEmpty(starts, ends, sourceIndex) || isEmpty(starts, ends, nameIndex)) return false;
    if (!this.#hasTime(bytes, starts, ends) || !hasKnownVersion(bytes, starts, ends)) return false;
    let key = 0;
    for (const { index, classes } of this.#fields) {
      const from = starts[index] as number;
      const found = from < 0 ? absent : classes.of(bytes, from, ends[index] as number);
      if (found === unusual) return false;
      key = key * classes.count + found;
    }
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#fitsNoRule(bytes, starts, ends);
    if (this.#verdicts.size >= mostRemembered) this.#verdicts.clear();
    // Beyond the safe integers two combinations could share a key.
    if (Number.isSafeInteger(key)) this.#verdicts.set(key, verdict);
    return verdict;
  }

  #fitsNoRule(bytes: Buffer, starts: Int32Array, ends: Int32Array): boolean {
    const texts = decidingFields.map((name) => {
      const index = scannedFields.indexOf(name);
      const from = starts[index] as number;
      return from < 0 ? undefined : bytes.toString("latin1", from, ends[index]).toLowerCase();
    });
    return !this.#rules.some((requirements) =>
      requirements.every(({ field, texts: wanted }) => {
        const text = texts[field];
        return text !== undefined && wanted.has(text);
      }),
    );
  }

  #hasTime(bytes: Buffer, starts: Int32Array, ends: Int32Array): boolean {
    const from = starts[timeIndex] as number;
    const end = ends[timeIndex] as number;
    if (from < 0 || end - from > 40) return false;
    const time = bytes.toString("latin1", from, end);
    if (time === this.#lastTime) return true;
    if (Number.isNaN(parseEventTime(time))) return false;
    this.#lastTime = time;
    return true;
  }
}

function requirementsOf(ruleset: Ruleset, rule: Rule): Requirements {
  const found = new Map<DecidingField, ReadonlySet<string>>();
  for (const field of decidingFields) {
    const texts = ruleset.requiredValues(rule, field);
    if (texts !== undefined) found.set(field, texts);
  }
  return [...found].map(([field, texts]) => ({ field: decidingFields.indexOf(field), texts }));
}

function isEmpty(starts: Int32Array, ends: Int32Array, index: number): boolean {
  const start = starts[index] as number;
  return start < 0 || start === ends[index];
}

/** `1.x` with one or two digits, or none at all: everything else is left to the decoder. */
function hasKnownVersion(bytes: Buffer, starts: Int32Array, ends: Int32Array): boolean {
  const start = starts[versionIndex] as number;
  if (start < 0) return true;
  const length = (ends[versionIndex] as number) - start;
  if (length < 3 || length > 4 || bytes[start] !== 0x31 || bytes[start + 1] !== 0x2e) return false;
  return isDigit(bytes[start + 2]) && (length === 3 || isDigit(bytes[start + 3]));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const unusual = -1;
const absent = 0;
const unmentioned = 1;

/** Puts the texts of a field into classes: one for each that a rule mentions, one for all others. */
class TextClasses {
  readonly count: number;
  readonly #classOf: ReadonlyMap<string, number>;
  readonly #byText = new Map<string, number>();
  readonly #name: DecidingField;
  readonly #longestBytes: number;

  constructor(name: DecidingField, texts: ReadonlySet<string>) {
    this.#name = name;
    // Folding keeps the length in UTF-16 units, and none of them takes more than three bytes.
    this.#longestBytes = 3 * Math.max(0, ...[...texts].map((text) => text.length));
    this.#classOf = new Map([...texts].map((text, index) => [text, index + unmentioned + 1]));
    this.count = texts.size + unmentioned + 1;
  }

  /** The class of the text between two offsets; `unusual` where only a parser can tell. */
  of(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length > longestText) {
      // Names that are too long reject a record; other texts are only no text that a rule mentions.
      const isName = this.#name === "eventSource" || this.#name === "eventName";
      return isName || length <= this.#longestBytes ? unusual : unmentioned;
    }
    const text = bytes.toString("latin1", start, end);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const found = this.#classify(text);
    if (this.#byText.size >= mostRemembered) this.#byText.clear();
    this.#byText.set(text, found);
    return found;
  }

  #classify(text: string): number {
    // Other letters fold in ways of their own: U+212A, the Kelvin sign, is a `k`.
    if (!/^[\x20-\x7e]*$/.test(text)) return unusual;
    return this.#classOf.get(text.toLowerCase()) ?? unmentioned;
  }
}
