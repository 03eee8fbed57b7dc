import type { YAMLMap } from "yaml";
import { isContainer } from "../event/json.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/problem-codes.ts";
import { misspelled } from "../problems/spelling.ts";
import { AttributePlaces } from "../yaml/attribute-places.ts";
import type { Entry, YamlSource } from "../yaml/yaml-source.ts";

export const levels = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof levels)[number];

const statuses = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
export type Status = (typeof statuses)[number];

/** What every Sigma document says about itself. */
export interface Metadata {
  readonly id?: string;
  readonly name?: string;
  readonly title: string;
  readonly status?: Status;
  readonly description?: string;
  /** `medium` where the document gives none (a warning says so). */
  readonly level: Level;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  readonly fields: readonly string[];
  readonly author?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly license?: string;
  readonly related: readonly unknown[];
  /** The map `custom_attributes` and every top-level key that Sigma does not know. */
  readonly customAttributes: Readonly<Record<string, unknown>>;
  /** Where each attribute stands in the file. */
  readonly places: AttributePlaces;
  readonly path: string;
  /** The line of the document's first key. */
  readonly line: number;
}

const commonKeys: ReadonlySet<string> = new Set([
  "title",
  "id",
  "name",
  "related",
  "taxonomy",
  "status",
  "description",
  "license",
  "references",
  "author",
  "date",
  "modified",
  "fields",
  "falsepositives",
  "level",
  "tags",
  "scope",
  "logsource",
  "detection",
  "correlation",
  "generate",
  "filter",
  "custom_attributes",
]);
/** Whether a key is misspelled is asked of the first only: a document with more keys of its own is no rule. */
const mostSpelled = 1000;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const datePattern = /^([1-3]\d{3})(?:-([01]\d)-([0-3]\d)|\/([01]?\d)\/([0-3]?\d))$/;
/** Sigma specification 2.1.0, "Related"; public rules also write `obsoletes`. */
const relations: readonly unknown[] = ["derived", "obsolete", "obsoletes", "merged", "renamed", "similar"];
const tagPattern = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;
const longestTitle = 256;

/** Reads the common attributes of a document. Only what an alert depends on is an error; the rest warns. */
export function readMetadata(source: YamlSource, root: YAMLMap, problems: ProblemList): Metadata {
  const entries = source.entries(root);
  const entryOf = new Map(entries.map((entry) => [entry.key, entry]));
  const read = new AttributeReader(source, entryOf, problems);
  const start = source.at(entries[0]?.keyNode ?? root);

  const title = read.text("title", "error");
  if (title === undefined && !entryOf.has("title")) {
    problems.add("missing-title", start, "The document has no title.", "Add `title: ...` as the first line.");
  } else if (title !== undefined && title.length > longestTitle) {
    read.warn("title", `The title is longer than ${longestTitle} characters.`);
  }
  const id = read.text("id", "error");
  if (id !== undefined && !uuidPattern.test(id)) {
    read.warn("id", `The id "${id}" is not a uuidPattern.`);
  }
  const name = read.text("name", "error");
  const status = read.choice("status", statuses, "invalid-metadata");
  if (status === "unsupported") {
    read.warn(
      "status",
      "The rule's own status says that it cannot be used as it is.",
      "Finish it and write `status: experimental`, or leave the file out.",
      "unsupported-rule",
    );
  }
  const taxonomy = read.text("taxonomy", "warning");
  if (taxonomy !== undefined && taxonomy !== "sigma") {
    read.warn(
      "taxonomy",
      `The fields of the rule are named as in "${taxonomy}", and fields are looked up as they are written.`,
      taxonomy.toLowerCase() === "sigma"
        ? "Write `taxonomy: sigma`, or remove it."
        : "Name them as in the log, and remove `taxonomy`.",
      "foreign-taxonomy",
    );
  }
  const level = read.choice("level", levels, "invalid-level");
  if (level === undefined && !entryOf.has("level") && !entryOf.has("filter")) {
    problems.add("missing-level", start, "The rule has no level and counts as medium.", "Add `level: ...`.");
  }
  const description = read.text("description", "warning");
  const author = read.text("author", "warning");
  const license = read.text("license", "warning");
  const date = read.date("date");
  const modified = read.date("modified");

  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    title: title ?? "",
    ...(status === undefined ? {} : { status }),
    ...(description === undefined ? {} : { description }),
    level: level ?? "medium",
    tags: read.tags(),
    references: read.list("references"),
    falsePositives: read.list("falsepositives"),
    fields: read.list("fields"),
    ...(author === undefined ? {} : { author }),
    ...(date === undefined ? {} : { date }),
    ...(modified === undefined ? {} : { modified }),
    ...(license === undefined ? {} : { license }),
    related: read.related(),
    customAttributes: readCustomAttributes(source, entries, problems),
    places: new AttributePlaces(source, root),
    path: start.path,
    line: start.line,
  };
}

class AttributeReader {
  readonly #source: YamlSource;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #problems: ProblemList;

  constructor(source: YamlSource, entries: ReadonlyMap<string, Entry>, problems: ProblemList) {
    this.#source = source;
    this.#entries = entries;
    this.#problems = problems;
  }

  at(key: string): Position {
    const entry = this.#entries.get(key);
    return this.#source.at(entry?.value ?? entry?.keyNode);
  }

  warn(key: string, message: string, hint?: string, code: ProblemCode = "invalid-metadata"): void {
    this.#problems.add(code, this.at(key), message, hint);
  }

  text(key: string, severity: "error" | "warning"): string | undefined {
    const entry = this.#entries.get(key);
    const scalar = this.#source.scalar(entry?.value);
    if (entry === undefined || (scalar !== undefined && scalar.value === null && key !== "title")) {
      return undefined;
    }
    const text = typeof scalar?.value === "string" ? scalar.value : scalar?.source;
    if (text === undefined || text.trim() === "") {
      this.#problems.add(
        severity === "error" ? "invalid-attribute" : "invalid-metadata",
        this.at(key),
        `\`${key}\` must be a text that is not empty.`,
      );
      return undefined;
    }
    return text;
  }

  choice<const T extends string>(
    key: string,
    choices: readonly T[],
    code: "invalid-metadata" | "invalid-level",
  ): T | undefined {
    const entry = this.#entries.get(key);
    const scalar = this.#source.scalar(entry?.value);
    if (entry === undefined || (scalar !== undefined && scalar.value === null)) {
      return undefined;
    }
    const given = String(scalar?.value ?? "");
    const found = choices.find((choice) => choice === given.trim().toLowerCase());
    if (found === undefined) {
      const message = `\`${key}\` is "${given}"; it must be one of ${choices.join(", ")}.`;
      const meant = misspelled(given, choices);
      this.#problems.add(
        code,
        this.at(key),
        message,
        meant === undefined ? undefined : `Write \`${meant}\`.`,
      );
    } else if (found !== given) {
      this.warn(key, `\`${key}\` is "${given}"; Sigma writes it in small letters.`, `Write \`${found}\`.`);
    }
    return found;
  }

  date(key: string): string | undefined {
    const text = this.text(key, "warning");
    if (text !== undefined && !isDate(text)) {
      this.warn(key, `\`${key}\` is "${text}"; it must be a date like 2026-01-31.`);
    }
    return text;
  }

  list(key: string): string[] {
    const entry = this.#entries.get(key);
    const value = entry === undefined ? null : this.#source.plain(entry.value);
    if (value === null) {
      return [];
    }
    if (!Array.isArray(value)) {
      this.warn(key, `\`${key}\` must be a list.`);
      return typeof value === "string" ? [value] : [];
    }
    return value.filter((item) => item !== null && typeof item !== "object").map(String);
  }

  related(): readonly unknown[] {
    const entry = this.#entries.get("related");
    const value = entry === undefined ? null : this.#source.plain(entry.value);
    if (value === null) {
      return [];
    }
    const isRelation = (item: unknown): boolean =>
      isContainer(item) &&
      "id" in item &&
      uuidPattern.test(String(item.id)) &&
      "type" in item &&
      relations.includes(item.type);
    if (!Array.isArray(value) || !value.every(isRelation)) {
      const types = "derived, obsolete, merged, renamed or similar";
      this.warn(
        "related",
        `\`related\` must be a list of rules, each with an \`id\` (a UUID) and a \`type\`: ${types}.`,
      );
    }
    return Array.isArray(value) ? value : [];
  }

  tags(): string[] {
    const tags = this.list("tags");
    for (const tag of tags) {
      if (!tagPattern.test(tag)) {
        this.warn("tags", `The tag "${tag}" is not of the form namespace.name in lower case.`);
      }
    }
    return tags;
  }
}

function isDate(text: string): boolean {
  const parts = datePattern.exec(text);
  if (parts === null) {
    return false;
  }
  const [year = 0, month = 0, day = 0] = parts.slice(1).filter(Boolean).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function readCustomAttributes(
  source: YamlSource,
  entries: readonly Entry[],
  problems: ProblemList,
): Record<string, unknown> {
  const attributes: [string, unknown][] = [];
  for (const { key, keyNode, value } of entries) {
    if (key === "custom_attributes") {
      const map = source.map(value);
      if (map === undefined) {
        problems.add("invalid-attribute", source.at(value), "`custom_attributes` must be a map.");
        continue;
      }
      for (const inner of source.entries(map)) {
        attributes.push([inner.key, source.plain(inner.value)]);
      }
    } else if (!commonKeys.has(key)) {
      const meant = attributes.length < mostSpelled ? misspelled(key, commonKeys, 2) : undefined;
      if (meant !== undefined) {
        const hint = `Did you mean \`${meant}\`?`;
        problems.add("unknown-key", source.at(keyNode), `Sigma knows no attribute \`${key}\`.`, hint);
      }
      attributes.push([key, source.plain(value)]);
    }
  }
  return Object.fromEntries(attributes);
}
