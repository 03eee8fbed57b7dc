import type { YAMLMap } from "yaml";
import type { RuleReference } from "../../parse/rule-reference.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { didYouMean } from "../../problems/spelling.ts";
import type { Entry, YamlSource } from "../../yaml/yaml-source.ts";
import { mostGroupFields } from "../correlation.ts";
import { type CorrelationType, correlationTypes } from "../correlation-type.ts";
import type { AliasDefinition, CorrelationDefinition, PlacedText } from "./definition.ts";
import { readCondition } from "./read-condition.ts";
import { timespanSeconds } from "./timespan.ts";

const keys = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"] as const;
type Key = (typeof keys)[number];

/** What to write for keys of Sigma 1 and of other tools. */
const insteadOf: ReadonlyMap<string, string> = new Map([
  ["timeframe", "Write `timespan`."],
  ["window", "Write `timespan`."],
  ["rule", "Write `rules`."],
  ["ordered", "Write `type: temporal_ordered`."],
  ["action", "Leave it out: `type` says what the correlation does."],
  ["field", "It belongs in `condition`: `condition: {field: name, gte: 10}`."],
  ...["lt", "lte", "gt", "gte", "eq", "neq"].map((operator): [string, string] => [
    operator,
    `It belongs in \`condition\`: \`condition: {${operator}: 10}\`.`,
  ]),
]);

/** The keys that show, wherever they stand, that a correlation is meant. */
export function isCorrelationKey(key: string): boolean {
  return (isKey(key) && key !== "condition" && key !== "generate") || key === "rule" || key === "timeframe";
}

/** A correlation that is being read: the map under `correlation`, and the document around it. */
export interface CorrelationSource {
  readonly source: YamlSource;
  readonly root: YAMLMap;
  readonly body: YAMLMap;
}

/** Reads the map under `correlation`. Undefined when it is rejected; every reason is in `problems`. */
export function readCorrelation(
  given: CorrelationSource,
  problems: ProblemList,
): CorrelationDefinition | undefined {
  const before = problems.errors;
  const read = new CorrelationReader(given, problems);
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
  return type === undefined || timespan === undefined || problems.errors > before
    ? undefined
    : { type, timespanSeconds: timespan, ...definition };
}

class CorrelationReader {
  readonly #source: YamlSource;
  readonly #root: YAMLMap;
  readonly #body: YAMLMap;
  readonly #problems: ProblemList;
  readonly #entries = new Map<string, Entry>();

  constructor({ source, root, body }: CorrelationSource, problems: ProblemList) {
    this.#source = source;
    this.#root = root;
    this.#body = body;
    this.#problems = problems;
    for (const entry of source.entries(body)) {
      if (isKey(entry.key)) {
        this.#entries.set(entry.key, entry);
      } else {
        problems.add(
          "unknown-correlation-key",
          source.at(entry.keyNode),
          `A correlation has no key \`${entry.key}\`.`,
          insteadOf.get(entry.key) ?? didYouMean(entry.key, keys) ?? `Its keys are ${keys.join(", ")}.`,
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
    if (type === undefined && !this.#isBeside("type")) {
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
    if (seconds === undefined && !this.#isNamedOtherwise("timespan", "timeframe", "window")) {
      const number = typeof scalar?.value === "number" ? String(scalar.value) : undefined;
      const lower = typeof scalar?.value === "string" ? scalar.value.toLowerCase() : "";
      this.#problems.add(
        "invalid-timespan",
        this.at("timespan"),
        this.#entries.has("timespan")
          ? "`timespan` must be a whole number above zero and a unit."
          : "The correlation does not say how long its window is.",
        timespanSeconds(lower) !== undefined
          ? `Write \`timespan: ${lower}\`.`
          : number === undefined
            ? "Write `timespan: 10m`; the units are s, m, h, d, w, M (month) and y."
            : `Write \`timespan: ${number}s\` if seconds are meant.`,
      );
    } else if (seconds !== undefined && String(scalar?.value).endsWith("M")) {
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
      const isNamed = this.#source.string(this.#value("condition")) !== undefined;
      if (!isNamed && !this.#isNamedOtherwise("rules", "rule")) {
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
    if (node === undefined && this.#isBeside("condition")) {
      return undefined;
    }
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

  /** Inside the correlation, as the specification says, or at the top level, as its JSON schema does. */
  generate(): boolean {
    const [inside, outside] = [this.#value("generate"), this.#root.get("generate", true)].map((node) => {
      const value = node === undefined ? undefined : this.#source.scalar(node)?.value;
      if (node !== undefined && typeof value !== "boolean") {
        this.#problems.add("invalid-correlation", this.#source.at(node), "`generate` must be true or false.");
      }
      return typeof value === "boolean" ? value : undefined;
    });
    if (inside !== undefined && outside !== undefined && inside !== outside) {
      this.#reject("generate", "`generate` has one value here and another at the top level.");
    }
    return inside ?? outside ?? false;
  }

  /** Whether a key that is missing here stands beside the correlation, which is already reported. */
  #isBeside(key: string): boolean {
    return this.#root.has(key) && !this.#body.has(key);
  }

  /** Whether what belongs under a key stands beside the correlation, or under a name that was reported as unknown. */
  #isNamedOtherwise(key: Key, ...others: readonly string[]): boolean {
    if (this.#entries.has(key)) return false;
    return [key, ...others].some((name) => this.#root.has(name) || this.#body.has(name));
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
