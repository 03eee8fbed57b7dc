import type { YAMLMap } from "yaml";
import type { CorrelationDocument, RuleReference } from "../../parse/document.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { nearest } from "../../problems/spelling.ts";
import type { Entry, YamlSource } from "../../yaml/yaml-source.ts";
import { type CorrelationType, correlationTypes, mostGroupFields } from "../correlation.ts";
import type { AliasDefinition, CorrelationDefinition, PlacedText } from "./definition.ts";
import { readCondition } from "./read-condition.ts";
import { timespanSeconds } from "./timespan.ts";

const keys = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"] as const;
type Key = (typeof keys)[number];

/** Reads the map under `correlation`. Undefined when it is rejected; every reason is in `problems`. */
export function readCorrelation(
  document: CorrelationDocument,
  problems: ProblemList,
): CorrelationDefinition | undefined {
  const before = problems.problems.length;
  const read = new CorrelationReader(document, problems);
  const type = read.type();
  const timespan = read.timespan();
  const definition = {
    rules: read.rules(),
    groupBy: read.groupBy(),
    aliases: read.aliases(),
    generate: read.generate(),
    condition: type === undefined ? undefined : read.condition(type),
    conditionAt: read.at("condition"),
  };
  const isRejected = problems.problems.slice(before).some(({ severity }) => severity === "error");
  return type === undefined || timespan === undefined || isRejected
    ? undefined
    : { type, timespanSeconds: timespan, ...definition };
}

class CorrelationReader {
  readonly #source: YamlSource;
  readonly #body: YAMLMap;
  readonly #document: CorrelationDocument;
  readonly #problems: ProblemList;
  readonly #entries = new Map<string, Entry>();

  constructor(document: CorrelationDocument, problems: ProblemList) {
    this.#document = document;
    this.#source = document.source;
    this.#body = document.body;
    this.#problems = problems;
    for (const entry of this.#source.entries(this.#body)) {
      if (isKey(entry.key)) {
        this.#entries.set(entry.key, entry);
      } else {
        problems.add(
          "unknown-correlation-key",
          this.#source.at(entry.keyNode),
          `A correlation has no key \`${entry.key}\`.`,
          didYouMean(entry.key, keys) ?? `Its keys are ${keys.join(", ")}.`,
        );
      }
    }
  }

  /** Where the value of a key stands; the correlation, where it is missing. */
  at(key: Key): Position {
    const entry = this.#entries.get(key);
    return this.#source.at(entry?.value ?? entry?.keyNode ?? this.#body);
  }

  type(): CorrelationType | undefined {
    const text = this.#source.string(this.#value("type"));
    const type = correlationTypes.find((known) => known === text);
    if (type === undefined) {
      const given = text === undefined ? "does not say its type." : `cannot be of type "${text}".`;
      const hint = text === undefined ? undefined : didYouMean(text, correlationTypes);
      const types = `The types are ${correlationTypes.join(", ")}.`;
      this.#reject("type", `The correlation ${given}`, hint ?? types);
    }
    return type;
  }

  timespan(): number | undefined {
    const scalar = this.#source.scalar(this.#value("timespan"));
    const seconds = typeof scalar?.value === "string" ? timespanSeconds(scalar.value) : undefined;
    if (seconds === undefined) {
      const number = typeof scalar?.value === "number" ? String(scalar.value) : undefined;
      this.#problems.add(
        "invalid-timespan",
        this.at("timespan"),
        this.#entries.has("timespan")
          ? "`timespan` must be a whole number above zero and a unit."
          : "The correlation does not say how long its window is.",
        number === undefined
          ? "Write `timespan: 10m`; the units are s, m, h, d, w, M (month) and y."
          : `Write \`timespan: ${number}s\` if seconds are meant.`,
      );
    } else if (String(scalar?.value).endsWith("M")) {
      const count = String(scalar?.value).slice(0, -1);
      this.#problems.add(
        "timespan-in-months",
        this.at("timespan"),
        `\`${count}M\` is ${count} months.`,
        `Minutes are \`${count}m\`; write months as days to be clear.`,
      );
    }
    return seconds;
  }

  rules(): RuleReference[] | undefined {
    const texts = this.#texts("rules", "A rule is referred to by its id or name.");
    if (texts === undefined) {
      if (this.#source.string(this.#value("condition")) === undefined) {
        this.#problems.add(
          "missing-rules",
          this.at("rules"),
          "The correlation does not say which rules it is about.",
          "Add `rules:` with ids or names.",
        );
      }
      return undefined;
    }
    if (texts.length === 0) {
      this.#problems.add("missing-rules", this.at("rules"), "The list of rules is empty.");
    }
    return texts.map(({ text, at }) => ({ rule: text, at }));
  }

  groupBy(): PlacedText[] {
    const fields = this.#texts("group-by", "A field to group by must be a text that is not empty.") ?? [];
    if (fields.length > mostGroupFields) {
      this.#reject("group-by", `A correlation groups by at most ${mostGroupFields} fields.`);
    }
    return this.#withoutRepeats(fields);
  }

  condition(type: CorrelationType): CorrelationDefinition["condition"] {
    const node = this.#value("condition");
    return readCondition({ type, source: this.#source, node, at: this.at("condition") }, this.#problems);
  }

  aliases(): AliasDefinition[] {
    const node = this.#value("aliases");
    const map = this.#source.map(node);
    if (map === undefined) {
      if (node !== undefined && this.#source.plain(node) !== null) {
        this.#rejectAlias(this.at("aliases"), "`aliases` must be a map.");
      }
      return [];
    }
    return this.#source.entries(map).flatMap(({ key, keyNode, value }): AliasDefinition[] => {
      const fields = this.#source.map(value);
      if (fields === undefined || fields.items.length === 0) {
        this.#rejectAlias(
          this.#source.at(value ?? keyNode),
          `The alias \`${key}\` must map rules to fields.`,
        );
        return [];
      }
      const read = this.#source.entries(fields).flatMap((entry) => {
        const field = this.#source.string(entry.value)?.trim();
        if (field === undefined || field === "") {
          const at = this.#source.at(entry.value ?? entry.keyNode);
          this.#rejectAlias(at, `The alias \`${key}\` must name one field for "${entry.key}".`);
          return [];
        }
        return [{ rule: entry.key, at: this.#source.at(entry.keyNode), field }];
      });
      return [{ alias: key, at: this.#source.at(keyNode), fields: read }];
    });
  }

  generate(): boolean {
    const root = this.#source.map(this.#source.document.contents);
    const inside = this.#value("generate");
    const outside = root?.get("generate", true);
    for (const node of [inside, outside]) {
      const value = node === undefined ? false : this.#source.scalar(node)?.value;
      if (typeof value !== "boolean") {
        this.#problems.add("invalid-correlation", this.#source.at(node), "`generate` must be true or false.");
      }
    }
    const value = this.#source.scalar(inside)?.value;
    const { generate } = this.#document;
    if (typeof value === "boolean" && generate !== undefined && value !== generate) {
      this.#reject("generate", "`generate` says one thing here and another at the top level.");
    }
    return typeof value === "boolean" ? value : (generate ?? false);
  }

  #value(key: Key): unknown {
    return this.#entries.get(key)?.value ?? undefined;
  }

  /** The texts of a list, or of a single text. Undefined when the key is missing or null. */
  #texts(key: Key, message: string): PlacedText[] | undefined {
    const node = this.#value(key);
    if (node === undefined || this.#source.scalar(node)?.value === null) {
      return undefined;
    }
    return (this.#source.items(node) ?? [node]).flatMap((item): PlacedText[] => {
      const text = this.#source.string(item)?.trim();
      if (text === undefined || text === "") {
        this.#problems.add("invalid-correlation", this.#source.at(item), message);
        return [];
      }
      return [{ text, at: this.#source.at(item) }];
    });
  }

  #withoutRepeats(texts: readonly PlacedText[]): PlacedText[] {
    const seen = new Set<string>();
    return texts.filter(({ text, at }) => {
      if (seen.has(text)) {
        this.#problems.add("invalid-correlation", at, `\`${text}\` stands in this list twice.`);
      }
      return !seen.has(text) && seen.add(text);
    });
  }

  #reject(key: Key, message: string, hint?: string): void {
    this.#problems.add("invalid-correlation", this.at(key), message, hint);
  }

  #rejectAlias(at: Position, message: string): void {
    this.#problems.add("invalid-alias", at, message, "Write `aliases: {alias: {rule: field}}`.");
  }
}

function isKey(key: string): key is Key {
  return (keys as readonly string[]).includes(key);
}

export function didYouMean(word: string, words: Iterable<string>): string | undefined {
  const meant = nearest(word, words);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}
