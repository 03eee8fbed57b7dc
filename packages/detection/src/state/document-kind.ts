import * as z from "zod";
import { StateStoreError } from "../errors.ts";
import type { StateStore } from "./state-store.ts";

/** Reads one format of a document. Throws when what is stored does not have this format. */
export type FormatReader<T> = (stored: unknown) => T;

/**
 * A reader that checks a stored document against a schema and then makes the document of it. The schema checks and
 * changes nothing: what it is given is what `decode` gets, so that texts keep the very order of their fields.
 */
export function formatReader<S, T>(schema: z.ZodType<S>, decode: (stored: S) => T): FormatReader<T> {
  return (stored) => {
    const { success, error } = schema.safeParse(stored);
    if (!success) throw error;
    return decode(stored as S);
  };
}

export interface DocumentKindOptions<T, Stored extends object> {
  /** In words, for errors: `incident`. */
  readonly name: string;
  /** What this release writes. */
  readonly format: number;
  /** The oldest format whose readers understand what this release writes, and lose at most what is new. */
  readonly readableSince: number;
  /** A reader for each format that this release understands: its own and the previous release's. */
  readonly readers: Readonly<Record<number, FormatReader<T>>>;
  /** What is stored of a document, without its format number. */
  readonly encode: (document: T) => Stored;
}

/** What a document says of its own format. Documents of the first release say nothing: they have format 1. */
const formatOf = z.object({
  format: z.int().positive().default(1),
  readableSince: z.int().positive().optional(),
});

/**
 * One kind of stored document: its format, what it is checked against, and how it is stored. Code above it sees only
 * checked documents in the shape of this release; the store below sees only JSON.
 *
 * Why each document has a number: consumers of two releases work on one table while a release is rolled out or rolled
 * back, and a document that is read as what it is not would be a lost alert or a wrong one. So a release
 *
 * - reads what the release before it wrote, and rewrites it in its own format when it changes,
 * - reads what a later release wrote, if that says it may (`readableSince`): fields that it does not know are dropped
 *   when it writes, and the later release takes the document as one of the older format again,
 * - and rejects everything else with a code, the key and what to do. The messages that need the document go back to
 *   the queue. An unreadable document is never treated as an absent one: that would forget an incident.
 *
 * To change a document: raise `format`, move the present schema to the reader of the previous format, and give what
 * is new a default there. Add fields under new names; a field that changes its meaning makes `readableSince` rise.
 */
export class DocumentKind<T extends object> {
  readonly #options: DocumentKindOptions<T, object>;
  /** Documents that were checked in this process: a store in memory hands out what it was given. */
  readonly #known = new WeakMap<object, T>();

  constructor(options: DocumentKindOptions<T, object>) {
    this.#options = options;
  }

  /**
   * The document under a key, if there is one.
   *
   * @throws StateStoreError as the store does, `state-document-unreadable`, `state-format-unknown`.
   */
  async read(store: StateStore, key: string): Promise<T | undefined> {
    const stored = await store.read(key);
    return stored === undefined ? undefined : this.parse(key, stored);
  }

  /**
   * Changes the document under a key as `StateStore.update` does. Returning `current` writes nothing, also where it
   * has an older format.
   *
   * @throws StateStoreError as the store does, `state-document-unreadable`, `state-format-unknown`.
   */
  async update<R extends T | undefined>(
    store: StateStore,
    key: string,
    ttlSeconds: number,
    change: (current: T | undefined) => R,
  ): Promise<R> {
    let result: { readonly document: R } | undefined;
    await store.update<unknown>(key, ttlSeconds, (stored) => {
      const current = stored === undefined ? undefined : this.parse(key, stored);
      const document = change(current);
      result = { document };
      return document === undefined || document === current ? stored : this.serialize(document);
    });
    if (result === undefined) throw new Error(`The state store did not apply a change of ${key}.`);
    return result.document;
  }

  /**
   * The document in what is stored under a key.
   *
   * @throws StateStoreError `state-document-unreadable`, `state-format-unknown`.
   */
  parse(key: string, stored: unknown): T {
    const known = typeof stored === "object" && stored !== null ? this.#known.get(stored) : undefined;
    if (known !== undefined) return known;
    const document = this.#parse(key, stored);
    if (typeof stored === "object" && stored !== null) this.#known.set(stored, document);
    return document;
  }

  /** What is stored of a document. */
  serialize(document: T): object {
    const { format, readableSince, encode } = this.#options;
    const stored = { format, ...(readableSince === format ? {} : { readableSince }), ...encode(document) };
    this.#known.set(stored, document);
    return stored;
  }

  #parse(key: string, stored: unknown): T {
    const { name, readers } = this.#options;
    const header = formatOf.safeParse(stored);
    if (!header.success) throw unreadable(name, key, "its format number", header.error);
    const { format, readableSince = format } = header.data;
    const known = Object.keys(readers).map(Number);
    // What a later release wrote is read as the latest format that is known here, if the document allows it.
    const readAs = known.includes(format) ? format : Math.max(...known.filter((one) => one < format));
    const read = readers[readAs];
    if (read === undefined || readAs < Math.min(readableSince, format)) {
      throw new StateStoreError(
        "state-format-unknown",
        `The ${name} document ${key} has format ${format}, which this release cannot read (it reads ${known.join(" and ")}): ${
          format > Math.max(...known)
            ? "a later release wrote it. Deploy that release again, or go back as docs/operations.md says"
            : "an older release wrote it. Deploy the release between the two first"
        }. Its messages wait in the queue.`,
      );
    }
    try {
      return read(stored);
    } catch (error) {
      throw unreadable(name, key, `format ${format}`, error);
    }
  }
}

function unreadable(name: string, key: string, what: string, error: unknown): StateStoreError {
  const reason =
    error instanceof z.ZodError
      ? error.issues
          .slice(0, 3)
          .map(({ path, message }) => `${path.join(".") || "the document"}: ${message}`)
          .join("; ")
      : String(error);
  return new StateStoreError(
    "state-document-unreadable",
    `The ${name} document ${key} does not fit ${what} (${reason}). Its messages wait in the queue: restore the item from a backup of the table, or delete it and lose what it knew (docs/operations.md, "A state document that cannot be read").`,
    { cause: error },
  );
}
