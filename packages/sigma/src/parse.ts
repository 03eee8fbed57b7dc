import { isMap, LineCounter, parseAllDocuments, type YAMLMap } from "yaml";
import { readDetection } from "./detection.ts";
import type { LogSource, RuleReference, SigmaDocument } from "./document.ts";
import type { Expression } from "./expression.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import { type Position, type Problem, ProblemList } from "./problem.ts";
import { YamlSource } from "./yaml-source.ts";

/** A file: where it is (for messages) and what it says. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Characters. A file that is larger is no collection of rules; and reading takes a second per megabyte. */
const LARGEST_FILE = 4 * 1024 * 1024;

export interface ParseResult {
  /** The documents without errors, in the order of the files. */
  readonly documents: SigmaDocument[];
  /** All problems of all files. A document with an error is not among `documents`. */
  readonly problems: Problem[];
}

/** Reads Sigma files. Never throws: whatever is wrong is a problem with its place. */
export function parse(files: readonly SourceFile[]): ParseResult {
  const documents: SigmaDocument[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    const result = parseFile(file);
    append(documents, result.documents);
    append(problems, result.problems);
  }
  return { documents, problems };
}

/** Without spreading into a call, whose arguments overflow the stack where a file has many problems. */
function append<T>(list: T[], more: readonly T[]): void {
  for (const item of more) {
    list.push(item);
  }
}

function parseFile({ path, text: written }: SourceFile): ParseResult {
  const text = written.replace(/^\ufeff/, "");
  const documents: SigmaDocument[] = [];
  const problems: Problem[] = [];
  const lines = new LineCounter();
  const start: Position = { path, line: 1, column: 1 };
  if (text.length > LARGEST_FILE) {
    const list = new ProblemList();
    list.add(
      "too-large",
      start,
      `The file has ${text.length} characters; one file may have ${LARGEST_FILE}.`,
      "Split it into several files.",
    );
    return { documents: [], problems: list.problems };
  }
  let isEmpty = true;
  try {
    const sources = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
      // The library compares every key with all others; the survey of the document finds the same in one walk.
      uniqueKeys: false,
    });
    for (const yaml of Array.isArray(sources) ? sources : []) {
      const source = new YamlSource(path, text, lines, yaml);
      const list = new ProblemList();
      reportYaml(source, list);
      if (!list.hasErrors && yaml.contents !== null && !isNothing(source)) {
        isEmpty = false;
        const document = readDocument(source, list);
        if (document !== undefined && !list.hasErrors) {
          documents.push(document);
        }
      }
      isEmpty &&= !list.hasErrors;
      append(problems, list.problems);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    // The YAML parser is recursive; nothing that a person writes overflows the stack.
    const list = new ProblemList();
    list.add("yaml-syntax", start, "The file is nested too deeply to be read.");
    return { documents: [], problems: [...problems, ...list.problems] };
  }
  if (isEmpty) {
    const list = new ProblemList();
    list.add("empty-file", start, "The file holds no document.");
    append(problems, list.problems);
  }
  return { documents, problems };
}

const isNothing = (source: YamlSource): boolean => source.scalar(source.document.contents)?.value === null;

const sentence = (text: string): string => text.trim().replace(/\.?$/, ".");

function reportYaml(source: YamlSource, problems: ProblemList): void {
  for (const error of source.document.errors) {
    const at = source.atOffset(error.pos[0]);
    problems.add("yaml-syntax", at, `This is not YAML: ${sentence(error.message)}`);
  }
  for (const at of source.repeatedKeys) {
    problems.add("duplicate-key", at, "The map has this key twice; only one of the two would count.");
  }
  for (const warning of source.document.warnings) {
    problems.add("yaml-warning", source.atOffset(warning.pos[0]), sentence(warning.message));
  }
  if (!problems.hasErrors && source.isAliasBomb()) {
    problems.add(
      "alias-bomb",
      source.at(source.document.contents),
      "The aliases of this document expand without end.",
    );
  }
}

function readDocument(source: YamlSource, problems: ProblemList): SigmaDocument | undefined {
  const root = source.map(source.document.contents);
  if (root === undefined) {
    problems.add("not-a-map", source.at(source.document.contents), "A Sigma document must be a map.");
    return undefined;
  }
  const action = root.get("action", true);
  if (action !== undefined) {
    problems.add(
      "legacy-action",
      source.at(action),
      "`action:` collections (global, reset, repeat) are not part of Sigma 2.",
      "Write each rule out in full; several may share a file, separated by `---`.",
    );
    return undefined;
  }
  const metadata = readMetadata(source, root, problems);
  const at: Position = source.at(source.entries(root)[0]?.keyNode ?? root);
  if (root.has("correlation")) {
    return readCorrelation(source, root, metadata, at, problems);
  }
  return root.has("filter")
    ? readFilter(source, root, metadata, at, problems)
    : readRule(source, root, metadata, at, problems);
}

function readRule(
  source: YamlSource,
  root: YAMLMap,
  metadata: Metadata,
  at: Position,
  problems: ProblemList,
): SigmaDocument | undefined {
  const logsource = readLogSource(source, root, at, problems);
  const body = readBody(source, root, "detection", at, problems);
  const detection = body === undefined ? undefined : readDetection(source, body, [], problems);
  return detection === undefined ? undefined : { kind: "rule", ...metadata, logsource, detection, at };
}

function readFilter(
  source: YamlSource,
  root: YAMLMap,
  metadata: Metadata,
  at: Position,
  problems: ProblemList,
): SigmaDocument | undefined {
  const logsource = readLogSource(source, root, at, problems);
  const body = readBody(source, root, "filter", at, problems);
  if (body === undefined) {
    return undefined;
  }
  const rules = readRules(source, body, problems);
  const detection = readDetection(source, body, ["rules"], problems);
  if (detection === undefined) {
    return undefined;
  }
  const hasNegation = saysNot(detection.expression);
  if (!hasNegation) {
    problems.add(
      "filter-without-not",
      detection.conditionAt,
      "A filter is added to its rules with `and`, so this one lets them match only what it describes.",
      `To exclude what it describes, write \`condition: not ${detection.selections[0]?.name ?? "selection"}\`.`,
    );
  }
  return { kind: "filter", ...metadata, logsource, rules, detection, hasNegation, at };
}

function readCorrelation(
  source: YamlSource,
  root: YAMLMap,
  metadata: Metadata,
  at: Position,
  problems: ProblemList,
): SigmaDocument | undefined {
  const body = readBody(source, root, "correlation", at, problems);
  const generate = source.scalar(root.get("generate", true))?.value;
  return body === undefined
    ? undefined
    : {
        kind: "correlation",
        ...metadata,
        body,
        source,
        ...(typeof generate === "boolean" ? { generate } : {}),
        at,
      };
}

function readBody(
  source: YamlSource,
  root: YAMLMap,
  key: "detection" | "filter" | "correlation",
  at: Position,
  problems: ProblemList,
): YAMLMap | undefined {
  const node = root.get(key, true);
  const body = source.map(node);
  if (body === undefined && !root.has(key)) {
    problems.add("missing-detection", at, "The document has no `detection`, `correlation` or `filter`.");
  } else if (body === undefined || !isMap(body)) {
    problems.add("invalid-detection", source.at(node), `\`${key}\` must be a map.`);
  }
  return body;
}

function readLogSource(source: YamlSource, root: YAMLMap, at: Position, problems: ProblemList): LogSource {
  const node = root.get("logsource", true);
  const map = source.map(node);
  const attributes: [string, string][] = [];
  for (const { key, value } of map === undefined ? [] : source.entries(map)) {
    const text = source.string(value);
    if (key !== "category" && key !== "product" && key !== "service") {
      continue;
    }
    if (text === undefined || text.trim() === "") {
      problems.add(
        "invalid-attribute",
        source.at(value),
        `\`logsource.${key}\` must be a text that is not empty.`,
      );
    } else {
      attributes.push([key, text.trim().toLowerCase()]);
    }
  }
  if (attributes.length === 0 && !problems.hasErrors) {
    problems.add(
      "missing-logsource",
      map === undefined ? at : source.at(node),
      "The document does not say which logs it is about.",
      "Add `logsource:` with category, product or service.",
    );
  }
  return Object.fromEntries(attributes);
}

function readRules(source: YamlSource, body: YAMLMap, problems: ProblemList): "any" | RuleReference[] {
  const node = body.get("rules", true);
  if (node === undefined) {
    problems.add(
      "missing-rules",
      source.at(body),
      "The filter does not say which rules it narrows.",
      "Add `rules:` with ids or names, or `rules: any`.",
    );
    return [];
  }
  const items = source.items(node) ?? [node];
  const references = items.flatMap((item): RuleReference[] => {
    const rule = source.string(item);
    if (rule === undefined || rule.trim() === "") {
      problems.add("invalid-attribute", source.at(item), "A rule is referred to by its id or name.");
      return [];
    }
    return [{ rule: rule.trim(), at: source.at(item) }];
  });
  const isAny = items.length === 0 || (references.length === 1 && references[0]?.rule === "any");
  return isAny ? "any" : references;
}

function saysNot(expression: Expression): boolean {
  switch (expression.type) {
    case "and":
    case "or":
      return expression.children.some(saysNot);
    case "not":
      return true;
    case "test":
      return false;
    case "pending":
      return expression.item.modifiers.negated;
  }
}
