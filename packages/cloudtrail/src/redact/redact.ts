import { isIvsRecord, operationsNamed } from "../catalog/catalog.ts";
import { ivsOperations } from "../catalog/catalog-data.ts";
import type { JsonObject } from "../record.ts";
import { redacted, redactText } from "./redact-text.ts";

export interface RedactOptions {
  /** Longest string, in characters; longer ones are cut and say so. Default 1,024. */
  readonly maximumStringLength?: number;
  /** Most values in the copy. Default 1,000. */
  readonly maximumEntries?: number;
  /** Deepest nesting of the copy. Default 16 levels. */
  readonly maximumDepth?: number;
  /** Most characters of all keys and strings together. Default 65,536. */
  readonly maximumCharacters?: number;
}

/**
 * A copy of the record that may be stored, logged and sent: secrets are replaced by `[redacted]`, and the copy is
 * bounded in every direction. A value is secret by its path (the IVS catalog), by the name of its key, or by its
 * form. CloudTrail omits or hides most of these itself, but promises it for none of ours.
 */
export function redact(record: JsonObject, options: RedactOptions = {}): JsonObject {
  const copier = new Copier(record, options);
  return copier.copyRecord(record);
}

/** Where free text of the caller or a person's identity stands, in requests and responses of IVS. */
const privateIvsKeys: ReadonlySet<string> = new Set(["attributes", "userid", "ingestendpoint"]);

const secretKeys: ReadonlySet<string> = new Set([
  "passwd",
  "token",
  "secret",
  "secretkey",
  "clientsecret",
  "secretstring",
  "secretbinary",
  "authorization",
  "streamkey",
  "participanttoken",
]);
const secretEndings =
  /(?:password|passphrase|secretaccesskey|(?:session|security|access|refresh|id|auth|bearer)token|apikey|privatekey)$/;
/** Of these, IVS makes objects whose other parts (ARNs) a person needs. */
const structuredKeys: ReadonlySet<string> = new Set(["streamkey", "participanttoken", "token", "secret"]);

/** Secret paths of all operations of IVS, in lower case, below the record. */
const ivsSecretPaths: ReadonlySet<string> = new Set(
  ivsOperations.flatMap(({ secretInput, secretOutput }) => [
    ...secretInput.map((path) => `requestparameters.${path.toLowerCase()}`),
    ...secretOutput.map((path) => `responseelements.${path.toLowerCase()}`),
  ]),
);

/** Whether a field (`requestParameters.passphrase`) holds what `redact` hides because of its name. */
export function isSecretField(field: string): boolean {
  const name = (field.split(".").at(-1) ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");
  return secretKeys.has(name) || secretEndings.test(name) || ivsSecretPaths.has(field.toLowerCase());
}

/** The text of a field as it may be shown: hidden by the field's name, or redacted by the form of its secrets. */
export function redactValue(field: string, text: string): string {
  return isSecretField(field) ? redacted : redactText(text);
}

const windowBeyondCut = 4096;
const maximumKeyLength = 256;
const keptKeyMaterial = 40;

/** Secret paths of an IVS record, in lower case, below the record. All of them when the operation is unknown. */
function secretPathsOf(record: JsonObject): ReadonlySet<string> {
  if (!isIvsRecord(record)) return new Set();
  const named = operationsNamed(String(record.eventSource), String(record.eventName));
  const paths = new Set<string>();
  for (const operation of named.length > 0 ? named : ivsOperations) {
    for (const path of operation.secretInput) paths.add(`requestparameters.${path.toLowerCase()}`);
    for (const path of operation.secretOutput) paths.add(`responseelements.${path.toLowerCase()}`);
  }
  return paths;
}

class Copier {
  readonly #secretPaths: ReadonlySet<string>;
  readonly #isIvs: boolean;
  readonly #maximumStringLength: number;
  readonly #maximumDepth: number;
  #entriesLeft: number;
  #charactersLeft: number;

  constructor(record: JsonObject, options: RedactOptions) {
    this.#secretPaths = secretPathsOf(record);
    this.#isIvs = isIvsRecord(record);
    this.#maximumStringLength = options.maximumStringLength ?? 1024;
    this.#maximumDepth = options.maximumDepth ?? 16;
    this.#entriesLeft = options.maximumEntries ?? 1000;
    this.#charactersLeft = options.maximumCharacters ?? 65_536;
  }

  /** Single values first, so that a huge request cannot push out when and where the call was made. */
  copyRecord(record: JsonObject): JsonObject {
    const isNested = (value: unknown): boolean => typeof value === "object" && value !== null;
    const entries = Object.entries(record);
    const single = entries.filter(([, value]) => !isNested(value));
    const nested = entries.filter(([, value]) => isNested(value));
    return this.#copyEntries([...single, ...nested], "", 1);
  }

  #copy(value: unknown, key: string, path: string, depth: number): unknown {
    if (value === null || value === undefined || typeof value === "boolean") return value;
    const name = key.toLowerCase().replace(/[^a-z0-9]/g, "");
    if (this.#isSecret(value, name, path)) return redacted;
    if (typeof value === "string") {
      return name === "publickeymaterial" ? shortenKeyMaterial(value) : this.#copyText(value);
    }
    if (typeof value !== "object") return value;
    if (depth >= this.#maximumDepth) return "[cut: nested too deep]";
    if (!Array.isArray(value)) return this.#copyEntries(Object.entries(value), `${path}.`, depth + 1);
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) {
      if (this.#isFull()) {
        items.push(`[cut: ${value.length - index} more]`);
        break;
      }
      this.#entriesLeft -= 1;
      items.push(this.#copy(item, key, `${path}[]`, depth + 1));
    }
    return items;
  }

  #copyEntries(entries: readonly [string, unknown][], prefix: string, depth: number): JsonObject {
    const copied: [string, unknown][] = [];
    for (const [index, [key, value]] of entries.entries()) {
      if (this.#isFull()) {
        copied.push(["[cut]", `${entries.length - index} more`]);
        break;
      }
      this.#entriesLeft -= 1;
      const name = cut(redactText(key.slice(0, maximumKeyLength * 2)), maximumKeyLength);
      this.#charactersLeft -= name.length;
      copied.push([name, this.#copy(value, key, `${prefix}${key.toLowerCase()}`, depth)]);
    }
    // fromEntries defines own properties, so a key like `__proto__` stays a key.
    return Object.fromEntries(copied);
  }

  #isSecret(value: unknown, name: string, path: string): boolean {
    if (this.#secretPaths.has(path)) return true;
    if (this.#isIvs && privateIvsKeys.has(name) && /^(?:requestparameters|responseelements)[.[]/.test(path))
      return true;
    if (!secretKeys.has(name) && !secretEndings.test(name)) return false;
    return typeof value !== "object" || !structuredKeys.has(name);
  }

  #copyText(text: string): string {
    // Looks beyond the cut, so that a secret that the cut would halve is recognised whole.
    const seen = redactText(text.slice(0, this.#maximumStringLength + windowBeyondCut));
    const room = Math.max(0, Math.min(this.#maximumStringLength, this.#charactersLeft));
    const isCut = seen.length > room || text.length > this.#maximumStringLength + windowBeyondCut;
    const copied = isCut ? `${seen.slice(0, room)}… [cut: ${text.length} characters]` : seen;
    this.#charactersLeft -= copied.length;
    return copied;
  }

  #isFull(): boolean {
    return this.#entriesLeft <= 0 || this.#charactersLeft <= 0;
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** Public, but large: the beginning says that it is a key, and of which kind. */
function shortenKeyMaterial(text: string): string {
  return cut(redactText(text.slice(0, windowBeyondCut)), keptKeyMaterial);
}
