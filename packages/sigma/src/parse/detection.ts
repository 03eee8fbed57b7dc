import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { lintCondition } from "../lint/lint-condition.ts";
import { lintItem } from "../lint/lint-item.ts";
import { combine, type Expression, labelled, treeSize } from "../matchers/expression.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import { misspelled } from "../problems/spelling.ts";
import type { Entry, YamlSource } from "../yaml/yaml-source.ts";
import { buildItem } from "./build-item.ts";
import { type ConditionNode, parseCondition } from "./condition.ts";
import { type DetectionItem, type ItemValue, itemValue } from "./detection-item.ts";
import { parseModifiers } from "./modifiers.ts";
import { type PlaceholderUse, placeholdersOf } from "./placeholder.ts";
import { ConditionResolver, type Selection } from "./resolve-condition.ts";

/** The detection of a rule or a filter: its selections and what the condition makes of them. */
export interface Detection {
  readonly selections: readonly Selection[];
  readonly expression: Expression;
  readonly conditionAt: Position;
  /** All placeholders that must be defined, each once. */
  readonly placeholders: readonly PlaceholderUse[];
}

/** A few seconds of work. A condition that repeats patterns over many selections multiplies. */
const largestCondition = 200_000;

/** Reads a detection map. Undefined when it has errors, which are in `problems`. */
export function readDetection(
  source: YamlSource,
  map: YAMLMap,
  reserved: readonly string[],
  problems: ProblemList,
): Detection | undefined {
  const reader = new SelectionReader(source, problems);
  const selections = new Map<string, Selection>();
  let condition: Entry | undefined;
  for (const entry of source.entries(map)) {
    if (entry.key === "condition") {
      condition = entry;
    } else if (entry.key === "timeframe") {
      problems.add(
        "legacy-timeframe",
        source.at(entry.keyNode),
        "`timeframe` belongs to aggregations inside conditions, which Sigma 2 does not have.",
        "Write a correlation document with `timespan`.",
      );
    } else if (!reserved.includes(entry.key)) {
      const at = source.at(entry.keyNode);
      const expression = reader.selection(entry.value, at);
      selections.set(entry.key, { name: entry.key, expression: labelled(expression, entry.key), at });
    }
  }
  if (selections.size === 0) {
    problems.add("empty-detection", source.at(map), "The detection has no selection.");
  }
  if (condition === undefined) {
    if (!problems.has("missing-condition")) {
      const meant = misspelled("condition", selections.keys());
      const hint = meant === undefined ? "Add `condition: ...`." : `Write \`condition\` for \`${meant}\`.`;
      problems.add("missing-condition", source.at(map), "The detection has no condition.", hint);
    }
    return undefined;
  }
  const conditionAt = source.at(condition.value);
  const trees = readConditions(source, condition, selections, problems);
  const resolver = new ConditionResolver(selections, problems);
  const expression = combine(
    "or",
    trees.map((tree) => resolver.resolve(tree)),
  );
  const size = treeSize(expression);
  if (size > largestCondition) {
    problems.add(
      "too-large",
      conditionAt,
      `With its selections written out, the condition has ${size} parts; the limit is ${largestCondition}.`,
      "Name each selection only once, or split the rule.",
    );
  }
  if (problems.hasErrors) {
    return undefined;
  }
  for (const { name, at } of selections.values()) {
    if (!resolver.used.has(name)) {
      const message = `The condition never uses the selection \`${name}\`.`;
      problems.add("unused-selection", at, message, "Use it in the condition, or remove it.");
    }
  }
  lintCondition(expression, conditionAt, problems);
  return {
    selections: [...selections.values()],
    expression,
    conditionAt,
    placeholders: [...reader.placeholders.values()],
  };
}

function readConditions(
  source: YamlSource,
  { value }: Entry,
  selections: ReadonlyMap<string, Selection>,
  problems: ProblemList,
): ConditionNode[] {
  const nodes = source.items(value) ?? [value];
  if (nodes.length === 0) {
    problems.add("condition-syntax", source.at(value), "The list of conditions is empty.");
  }
  return nodes.flatMap((node) => {
    const text = source.string(node);
    if (text === undefined) {
      problems.add("condition-syntax", source.at(node), "A condition must be a text.");
      return [];
    }
    const tree = parseCondition(
      text,
      (index, token) => source.inside(source.resolve(node), index, token),
      new Set(selections.keys()),
      problems,
    );
    return tree === undefined ? [] : [tree];
  });
}

/** The selectors proposed for a later version of Sigma; here they would be part of a name that no event has. */
const arraySelector = /\[(?:any|all|all_or_empty|none|-?\d+)\]/;

/** Reads the values of selections into expressions. */
class SelectionReader {
  /** By name, as it is first used. */
  readonly placeholders = new Map<string, PlaceholderUse>();
  readonly #source: YamlSource;
  readonly #problems: ProblemList;

  constructor(source: YamlSource, problems: ProblemList) {
    this.#source = source;
    this.#problems = problems;
  }

  selection(node: unknown, at: Position): Expression {
    const resolved = this.#source.resolve(node);
    if (isMap(resolved)) {
      return this.#all(resolved, at);
    }
    if (isSeq(resolved)) {
      const items = resolved.items.map((item) => this.#source.resolve(item));
      if (items.length === 0) {
        return this.#empty(at);
      }
      return items.every((item) => isScalar(item))
        ? this.#keywords(resolved, at)
        : combine(
            "or",
            items.map((item) => this.selection(item, this.#source.at(item))),
          );
    }
    const isNothing = !isScalar(resolved) || resolved.value === null;
    return isNothing ? this.#empty(at) : this.#keywords(resolved, at);
  }

  #empty(at: Position): Expression {
    this.#problems.add("empty-detection", at, "The selection is empty: it would be true of every event.");
    return { type: "and", children: [] };
  }

  #all(map: YAMLMap, at: Position): Expression {
    const entries = this.#source.entries(map);
    if (entries.length === 0) {
      return this.#empty(at);
    }
    return combine(
      "and",
      entries.map((entry) => this.#item(entry.key, entry.value, this.#source.at(entry.keyNode))),
    );
  }

  #keywords(node: unknown, at: Position): Expression {
    return this.#item("", node, at);
  }

  #item(key: string, node: unknown, at: Position): Expression {
    const [name = "", ...modifierNames] = key.split("|").map((part) => part.trim());
    const field = name === "" ? undefined : name;
    if (arraySelector.test(name)) {
      this.#problems.add(
        "array-selector",
        at,
        `\`${name}\` selects members of a list, which Sigma 2.1 cannot do: a list stands for each of its members.`,
        `Write \`${name.replace(arraySelector, "")}\`.`,
      );
    }
    // How Splunk writes each member of a list; public rules for its data use it.
    if (name.includes("{}")) {
      this.#problems.add(
        "field-braces",
        at,
        `\`{}\` would be a part of the name \`${name}\`, which no JSON event has: a list already stands for each of its members.`,
        `Write \`${name.replaceAll("{}", "")}\`.`,
      );
    }
    const values = this.#values(field, node, at);
    const modifiers = parseModifiers(modifierNames, field === undefined);
    if ("code" in modifiers) {
      this.#problems.add(modifiers.code, at, modifiers.message, modifiers.hint);
      return { type: "and", children: [] };
    }
    const item: DetectionItem = { field, modifiers, values, at };
    lintItem(item, this.#source.items(node) !== undefined, this.#problems);
    for (const use of placeholdersOf(item)) {
      if (!this.placeholders.has(use.name)) {
        this.placeholders.set(use.name, use);
      }
    }
    return buildItem(item, this.#problems);
  }

  #values(field: string | undefined, node: unknown, at: Position): ItemValue[] {
    const items = this.#source.items(node) ?? [node];
    if (items.length === 0) {
      const message = "The list of values is empty and counts as null.";
      this.#problems.add(
        field === undefined ? "empty-detection" : "empty-list",
        at,
        message,
        "Write `null`.",
      );
      return [{ value: null, source: "null", at }];
    }
    return items.flatMap((item) => {
      const resolved = this.#source.resolve(item);
      const value = isScalar(resolved) ? itemValue(this.#source, resolved) : undefined;
      if (value === undefined) {
        this.#rejectValue(field, resolved, item);
      }
      return value === undefined ? [] : [value];
    });
  }

  #rejectValue(field: string | undefined, resolved: unknown, node: unknown): void {
    const at = this.#source.at(resolved ?? node);
    if (!isMap(resolved)) {
      this.#problems.add("invalid-detection", at, "A value must be a text, a number, true, false or null.");
      return;
    }
    const inner = this.#source.entries(resolved)[0];
    this.#problems.add(
      "nested-map",
      inner === undefined ? at : this.#source.at(inner.keyNode),
      `The value of \`${field ?? ""}\` is a map: Sigma names nested fields with dots.`,
      `Write \`${field ?? ""}.${inner?.key ?? "name"}: ...\`.`,
    );
  }
}
