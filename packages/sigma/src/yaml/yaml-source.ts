import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Position } from "../problems/problem.ts";
import { keyText, surveyYaml, type YamlSurvey } from "./yaml-survey.ts";

/** Aliases repeat nodes. A document whose tree, aliases written out, is larger than this is rejected as an alias bomb. */
const largestTree = 1_000_000;

/** One entry of a YAML map: its key as text, and where key and value stand. */
export interface Entry {
  readonly key: string;
  readonly keyNode: unknown;
  readonly value: unknown;
}

/**
 * A YAML document with its text: reads nodes, aliases resolved, and knows where each stands.
 *
 * Readers take values from here and not from the library's plain data, which has no positions, expands aliases without end
 * and lets a repeated key win silently.
 */
export class YamlSource {
  readonly path: string;
  readonly document: Document;
  readonly text: string;
  readonly lines: LineCounter;
  readonly #survey: YamlSurvey;

  constructor(path: string, text: string, lines: LineCounter, document: Document) {
    this.path = path;
    this.document = document;
    this.text = text;
    this.lines = lines;
    this.#survey = surveyYaml(document);
  }

  /** The aliases that name nothing. */
  get unknownAliases(): YamlSurvey["unknownAliases"] {
    return this.#survey.unknownAliases;
  }

  /** The texts in double quotes that hold a control character. */
  get withControls(): YamlSurvey["withControls"] {
    return this.#survey.withControls;
  }

  /** Where a map has a key that it already had. */
  get repeatedKeys(): Position[] {
    return this.#survey.repeatedKeys.map((offset) => this.atOffset(offset));
  }

  /** Where a node, or the node of an entry, begins. */
  at(node: unknown): Position {
    return this.atOffset(this.offsetOf(node) ?? this.offsetOf(this.document.contents) ?? 0);
  }

  /** The index in the text at which a node begins. Undefined where YAML only implies it: the value of `key:`. */
  offsetOf(node: unknown): number | undefined {
    return (node as Partial<Node> | null | undefined)?.range?.[0];
  }

  atOffset(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { path: this.path, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /**
   * Where `text` stands inside a scalar at `index` of its value. Exact for scalars written on one line;
   * otherwise (folded text, escapes) the beginning of the scalar.
   */
  inside(node: unknown, index: number, text: string): Position {
    const start = isScalar(node) ? node.range?.[0] : undefined;
    if (start === undefined) {
      return this.at(node);
    }
    for (const quote of [0, 1]) {
      const offset = start + quote + index;
      if (text !== "" && this.text.startsWith(text, offset)) {
        return this.atOffset(offset);
      }
    }
    return this.at(node);
  }

  /** The node itself, with an alias replaced by what it names. */
  resolve(node: unknown): unknown {
    let current = node;
    for (let steps = 0; isAlias(current) && steps < 100; steps++) {
      current = this.#survey.targetOf.get(current);
    }
    return isAlias(current) ? undefined : current;
  }

  map(node: unknown): YAMLMap | undefined {
    const resolved = this.resolve(node);
    return isMap(resolved) ? resolved : undefined;
  }

  items(node: unknown): readonly unknown[] | undefined {
    const resolved = this.resolve(node);
    return isSeq(resolved) ? resolved.items : undefined;
  }

  scalar(node: unknown): Scalar | undefined {
    const resolved = this.resolve(node);
    return isScalar(resolved) ? resolved : undefined;
  }

  /** The text of a string scalar. */
  string(node: unknown): string | undefined {
    const value = this.scalar(node)?.value;
    return typeof value === "string" ? value : undefined;
  }

  /** The entries of a map in the order of the file. A plain `<<` merges the maps it names, as YAML 1.1 did. */
  entries(map: YAMLMap): Entry[] {
    const entries = new Map<string, Entry>();
    const merged: unknown[] = [];
    for (const pair of map.items as Pair[]) {
      const key = this.#keyText(pair.key);
      if (key === "<<" && !isScalar(this.resolve(pair.value))) {
        for (const node of this.items(pair.value) ?? [pair.value]) {
          merged.push(node);
        }
      } else {
        entries.set(key, { key, keyNode: pair.key, value: pair.value });
      }
    }
    for (const node of merged) {
      const other = this.map(node);
      for (const entry of other === undefined || other === map ? [] : this.entries(other)) {
        if (!entries.has(entry.key)) {
          entries.set(entry.key, entry);
        }
      }
    }
    return [...entries.values()];
  }

  /** The value as plain data (map keys become strings). */
  plain(node: unknown): unknown {
    const resolved = this.resolve(node);
    if (isScalar(resolved)) {
      return resolved.value;
    }
    if (isSeq(resolved)) {
      return resolved.items.map((item) => this.plain(item));
    }
    if (isMap(resolved)) {
      return Object.fromEntries(this.entries(resolved).map(({ key, value }) => [key, this.plain(value)]));
    }
    return null;
  }

  /** Whether the document, aliases written out, is too large to be honest or contains itself. */
  isAliasBomb(): boolean {
    const sizes = new Map<unknown, number>();
    const measure = (node: unknown): number => {
      const resolved = this.resolve(node);
      if (!isMap(resolved) && !isSeq(resolved)) {
        return 1;
      }
      const known = sizes.get(resolved);
      if (known !== undefined) {
        return known;
      }
      sizes.set(resolved, Number.POSITIVE_INFINITY);
      let size = 1;
      for (const item of resolved.items) {
        size += isMap(resolved) ? 1 + measure((item as Pair).value) : measure(item);
      }
      sizes.set(resolved, size);
      return size;
    };
    return measure(this.document.contents) > largestTree;
  }

  #keyText(key: unknown): string {
    return keyText(this.resolve(key)) ?? "";
  }
}
