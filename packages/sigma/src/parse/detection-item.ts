import type { Scalar } from "yaml";
import type { Position } from "../problems/problem.ts";
import type { YamlSource } from "../yaml/yaml-source.ts";
import type { Modifiers } from "./modifiers.ts";

/** A value of a rule with its place. `source` is how a number is written in the file. */
export interface ItemValue {
  readonly value: string | number | boolean | null;
  readonly source: string;
  readonly at: Position;
}

/** One line of a selection: a field (or none, for keywords), its modifiers and its values. */
export interface DetectionItem {
  readonly field: string | undefined;
  readonly modifiers: Modifiers;
  readonly values: readonly ItemValue[];
  readonly at: Position;
}

/** The value of a scalar node. Undefined for anything a matcher cannot be made of (a binary or a date by a custom tag). */
export function itemValue(source: YamlSource, node: Scalar): ItemValue | undefined {
  const { value } = node;
  const isKnown =
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isKnown
    ? {
        value,
        source: typeof value === "string" ? value : (node.source ?? String(value)),
        at: source.at(node),
      }
    : undefined;
}
