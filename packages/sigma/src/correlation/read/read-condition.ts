import type { YAMLMap } from "yaml";
import { parseCondition } from "../../parse/condition.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { didYouMean } from "../../problems/spelling.ts";
import type { YamlSource } from "../../yaml/yaml-source.ts";
import { mostEntries } from "../correlation.ts";
import { type CorrelationType, isTemporal } from "../correlation-type.ts";
import { type ThresholdOperator, thresholdOperators } from "../threshold.ts";
import type {
  CorrelationDefinition,
  PlacedText,
  RulesDefinition,
  ThresholdDefinition,
} from "./definition.ts";

/** What a condition is read from, and the type of its correlation, which decides what it may say. */
export interface ConditionSource {
  readonly type: CorrelationType;
  readonly source: YamlSource;
  readonly node: unknown;
  readonly at: Position;
}

/** Reads `condition`. Undefined when there is none, or it is rejected (the reason is in `problems`). */
export function readCondition(
  given: ConditionSource,
  problems: ProblemList,
): CorrelationDefinition["condition"] {
  const { type, source, node, at } = given;
  const scalar = source.scalar(node);
  if (node === undefined || scalar?.value === null) {
    if (!isTemporal(type)) {
      const hint = type === "event_count" ? "`condition: {gte: 10}`" : "`condition: {field: name, gte: 10}`";
      problems.add("missing-condition", at, "The correlation has no `condition`.", `Write ${hint}.`);
    }
    return undefined;
  }
  const map = source.map(node);
  if (map !== undefined) {
    return new ThresholdReader(given, problems).read(map);
  }
  if (typeof scalar?.value === "string") {
    return readRulesCondition(given, scalar.value, problems);
  }
  problems.add("invalid-correlation", at, "`condition` must be a map like `{gte: 10}`.");
  return undefined;
}

function readRulesCondition(
  { type, source, node, at }: ConditionSource,
  text: string,
  problems: ProblemList,
): RulesDefinition | undefined {
  if (!isTemporal(type)) {
    const message = `Only temporal correlations have a condition over rules; ${type} compares a number.`;
    problems.add("invalid-correlation", at, message, "Write `condition: {gte: 10}`.");
    return undefined;
  }
  const scalar = source.resolve(node);
  const locate = (index: number, token: string): Position => source.inside(scalar, index, token);
  const tree = parseCondition(text, locate, new Set(), problems);
  return tree === undefined ? undefined : { kind: "rules", tree, text: text.trim() };
}

class ThresholdReader {
  readonly #given: ConditionSource;
  readonly #problems: ProblemList;

  constructor(given: ConditionSource, problems: ProblemList) {
    this.#given = given;
    this.#problems = problems;
  }

  read(map: YAMLMap): ThresholdDefinition | undefined {
    const { source, type, at } = this.#given;
    const before = this.#problems.problems.length;
    const threshold: { [operator in ThresholdOperator]?: number } = {};
    let fields: PlacedText[] | undefined;
    let percentile: number | undefined;
    for (const { key, keyNode, value } of source.entries(map)) {
      const operator = thresholdOperators.find((known) => known === key);
      if (operator !== undefined) {
        threshold[operator] = this.#number(operator, value ?? keyNode);
      } else if (key === "field" && type.startsWith("value_")) {
        fields = this.#fields(value ?? keyNode);
      } else if (key === "percentile" && type === "value_percentile") {
        percentile = this.#percentile(value ?? keyNode);
      } else {
        this.#rejectKey(key, keyNode);
      }
    }
    if (type.startsWith("value_") && fields === undefined) {
      this.#reject(at, `${type} needs to know the field whose values it is about.`, "Add `field: name`.");
    }
    if (Object.keys(threshold).length === 0) {
      this.#reject(
        at,
        "The condition compares with no number.",
        `Add one of ${thresholdOperators.join(", ")}.`,
      );
    }
    return this.#problems.problems.length > before
      ? undefined
      : { kind: "threshold", threshold, fields: fields ?? [], percentile };
  }

  #number(operator: string, node: unknown): number {
    const { source, type } = this.#given;
    const value = source.scalar(node)?.value;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      const hint = typeof value === "string" && value !== "" ? "Write it without quotes." : undefined;
      this.#reject(source.at(node), `\`${operator}\` must be a number.`, hint);
    } else if ((type === "event_count" || type === "value_count") && value > mostEntries) {
      this.#problems.add(
        "threshold-too-high",
        source.at(node),
        `A window holds at most ${mostEntries} events, so a count of ${value} is never reached.`,
        "Use a shorter timespan with a lower threshold, or chain two correlations.",
      );
    }
    return Number(value);
  }

  #fields(node: unknown): PlacedText[] {
    const { source, type } = this.#given;
    const items = source.items(node) ?? [node];
    const fields = items.map((item) => ({ text: source.string(item)?.trim() ?? "", at: source.at(item) }));
    const unreadable = fields.find(({ text }) => text === "");
    if (unreadable !== undefined || fields.length === 0) {
      this.#reject(unreadable?.at ?? source.at(node), "`field` must be a field name that is not empty.");
    } else if (fields.length > 1 && type !== "value_count") {
      this.#reject(source.at(node), `${type} is about one field.`, "Only value_count counts tuples.");
    }
    return fields;
  }

  #percentile(node: unknown): number {
    const value = this.#given.source.scalar(node)?.value;
    if (typeof value !== "number" || !(value >= 0 && value <= 100)) {
      this.#reject(this.#given.source.at(node), "`percentile` must be a number from 0 to 100.");
    }
    return Number(value);
  }

  #rejectKey(key: string, keyNode: unknown): void {
    const { source, type } = this.#given;
    const known = [
      ...thresholdOperators,
      ...(type.startsWith("value_") ? ["field"] : []),
      ...(type === "value_percentile" ? ["percentile"] : []),
    ];
    this.#problems.add(
      "unknown-correlation-key",
      source.at(keyNode),
      `A condition of type ${type} has no key \`${key}\`.`,
      didYouMean(key, known) ?? `Its keys are ${known.join(", ")}.`,
    );
  }

  #reject(at: Position, message: string, hint?: string): void {
    this.#problems.add("invalid-correlation", at, message, hint);
  }
}
