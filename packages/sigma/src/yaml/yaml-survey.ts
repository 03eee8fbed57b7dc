import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Pair, type Scalar } from "yaml";

/** What one walk over a YAML document finds. The library would search the whole document again for each of these. */
export interface YamlSurvey {
  /** The node that each alias names: the last one with its anchor that stands before it. */
  readonly targetOf: ReadonlyMap<unknown, unknown>;
  /** The aliases with no such node. */
  readonly unknownAliases: readonly { readonly name: string; readonly offset: number }[];
  /** Where a map has a key that it had before. */
  readonly repeatedKeys: readonly number[];
  /** The texts in double quotes that hold a control character. */
  readonly withControls: readonly Scalar[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** Walks over a document in the order of the file. It keeps its own stack, so that no depth overflows it. */
export function surveyYaml(document: Document): YamlSurvey {
  const anchored = new Map<string, unknown>();
  const targetOf = new Map<unknown, unknown>();
  const unknownAliases: { name: string; offset: number }[] = [];
  const repeatedKeys: number[] = [];
  const withControls: Scalar[] = [];
  const stack: unknown[] = [document.contents];
  while (stack.length > 0) {
    const node = stack.pop();
    if (isAlias(node)) {
      const target = anchored.get(node.source);
      if (target === undefined) {
        unknownAliases.push({ name: node.source, offset: node.range?.[0] ?? 0 });
      }
      targetOf.set(node, target);
    } else if (isPair(node)) {
      stack.push(node.value, node.key);
    } else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) {
        anchored.set(node.anchor, node);
      }
      if (isScalar(node)) {
        if (node.type === "QUOTE_DOUBLE" && typeof node.value === "string" && control.test(node.value)) {
          withControls.push(node);
        }
      } else {
        for (let index = node.items.length - 1; index >= 0; index--) {
          stack.push(node.items[index]);
        }
      }
    }
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const { key } of node.items as Pair[]) {
        const text = keyText(key);
        if (isScalar(key) && text !== undefined) {
          if (seen.has(text)) {
            repeatedKeys.push(key.range?.[0] ?? 0);
          }
          seen.add(text);
        }
      }
    }
  }
  return {
    targetOf,
    unknownAliases,
    repeatedKeys: repeatedKeys.sort((left, right) => left - right),
    withControls,
  };
}

/** The text of a key: `1` and `"1"` are one key, because Sigma's keys are texts. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) {
    return undefined;
  }
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}
