import type { YAMLMap } from "yaml";
import { isCorrelationKey, readCorrelation } from "../correlation/read/read-correlation.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/problem-codes.ts";
import type { YamlSource } from "../yaml/yaml-source.ts";
import { readDetection } from "./detection.ts";
import type { SigmaDocument } from "./document.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import { readLogSource } from "./read-logsource.ts";
import type { RuleReference } from "./rule-reference.ts";

/** The key under which a document of each kind has its body. */
const kindNames = ["detection", "correlation", "filter"] as const;
type Kind = (typeof kindNames)[number];

/** A document of a known kind that is being read. */
interface Reading {
  readonly source: YamlSource;
  readonly root: YAMLMap;
  /** Where the document begins. */
  readonly at: Position;
  readonly problems: ProblemList;
}

/** Reads one YAML document. Undefined when it is rejected; the reasons are in `problems`. */
export function readDocument(source: YamlSource, problems: ProblemList): SigmaDocument | undefined {
  const root = source.map(source.document.contents);
  if (root === undefined) {
    problems.add("not-a-map", source.at(source.document.contents), "A Sigma document must be a map.");
    return undefined;
  }
  const action = root.get("action", true);
  if (action !== undefined) {
    reportAction(source, root, action, problems);
    return undefined;
  }
  const at: Position = source.at(source.entries(root)[0]?.keyNode ?? root);
  const kinds = kindNames.filter((kind) => root.has(kind));
  const [kind, second] = kinds;
  if (kind === undefined && !root.has("title") && !root.has("logsource")) {
    problems.add(
      "missing-detection",
      at,
      "This is not a Sigma document: it has no title, logsource or detection.",
      source.entries(root).some(({ key }) => /^(?:title|logsource|detection)$/i.test(key))
        ? "Sigma's keys are lower case."
        : undefined,
    );
    return undefined;
  }
  if (second !== undefined) {
    problems.add(
      "several-kinds",
      keyPosition(source, root, second),
      `The document has both \`${kind}\` and \`${second}\`; one document is of one kind.`,
      "Write two documents, separated by `---`.",
    );
    return undefined;
  }
  const reading: Reading = { source, root, at, problems };
  const metadata = readMetadata(source, root, problems);
  switch (kind) {
    case "correlation":
      return readCorrelationDocument(reading, metadata);
    case "filter":
      return readFilter(reading, metadata);
    default:
      return readRule(reading, metadata);
  }
}

/** What to write for a correlation whose keys stand at the top level, as in drafts of Sigma 2. */
const correlationHint =
  "Write `correlation:`, and `type`, `rules`, `group-by`, `timespan` and `condition` under it.";

/** `action` made collections of rules in Sigma 1, and correlations in drafts of Sigma 2. */
function reportAction(source: YamlSource, root: YAMLMap, action: unknown, problems: ProblemList): void {
  const value = source.string(action) ?? "";
  const isCorrelation =
    /^correlation$/i.test(value) || source.entries(root).some(({ key }) => isCorrelationKey(key));
  problems.add(
    "legacy-action",
    source.at(action),
    isCorrelation
      ? "`action: correlation` is not part of Sigma 2: a correlation is a document with the key `correlation`."
      : "`action:` collections (global, reset, repeat) are not part of Sigma 2; documents that build on it are not read.",
    isCorrelation
      ? correlationHint
      : "Write each rule out in full; several may share a file, separated by `---`.",
  );
}

function keyPosition(source: YamlSource, root: YAMLMap, key: string): Position {
  return source.at(source.entries(root).find((entry) => entry.key === key)?.keyNode ?? root);
}

function readRule(reading: Reading, metadata: Metadata): SigmaDocument | undefined {
  const { source, root, at, problems } = reading;
  // A correlation has none, and the missing body says already that it is one.
  const logsource = looksLikeCorrelation(reading) ? {} : readLogSource(source, root, at, problems);
  const body = readBody(reading, "detection");
  const detection = body === undefined ? undefined : readDetection(source, body, [], problems);
  return detection === undefined ? undefined : { kind: "rule", ...metadata, logsource, detection, at };
}

/** Whether a document without a body has the keys of a correlation at the top level. */
function looksLikeCorrelation({ source, root }: Reading): boolean {
  return (
    !root.has("detection") && source.entries(root).some(({ key }) => key === "timespan" || key === "group-by")
  );
}

function readFilter(reading: Reading, metadata: Metadata): SigmaDocument | undefined {
  const { source, root, at, problems } = reading;
  const logsource = readLogSource(source, root, at, problems);
  const body = readBody(reading, "filter");
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

function readCorrelationDocument(reading: Reading, metadata: Metadata): SigmaDocument | undefined {
  const { source, root, at, problems } = reading;
  const body = readBody(reading, "correlation");
  const definition = body === undefined ? undefined : readCorrelation({ source, root, body }, problems);
  return definition === undefined ? undefined : { kind: "correlation", ...metadata, definition, at };
}

/** The map under the key of the document's kind. */
function readBody(reading: Reading, kind: Kind): YAMLMap | undefined {
  const { source, root, at, problems } = reading;
  const node = root.get(kind, true);
  const body = source.map(node);
  if (body !== undefined) {
    reportStrayKeys(reading, body, kind);
  } else if (root.has(kind)) {
    problems.add("invalid-detection", source.at(node), `\`${kind}\` must be a map.`);
  } else {
    const isCorrelation = looksLikeCorrelation(reading);
    problems.add(
      "missing-detection",
      at,
      "The document has no `detection`, `correlation` or `filter`.",
      isCorrelation ? correlationHint : undefined,
    );
  }
  return body;
}

/** What a document lacks whose body is without a key that stands beside it. */
const codeOfMissing: ReadonlyMap<string, ProblemCode> = new Map([
  ["condition", "missing-condition"],
  ["rules", "missing-rules"],
  ["rule", "missing-rules"],
  ["timespan", "invalid-timespan"],
  ["timeframe", "invalid-timespan"],
]);

/** A key that belongs to the body would, beside it, be kept as an attribute of one's own, and decide nothing. */
function reportStrayKeys({ source, root, problems }: Reading, body: YAMLMap, kind: Kind): void {
  const own = new Set(source.entries(body).map(({ key }) => key));
  for (const { key, keyNode } of source.entries(root)) {
    if (key === "condition" || (kind === "correlation" && isCorrelationKey(key))) {
      problems.add(
        own.has(key) ? "unknown-key" : (codeOfMissing.get(key) ?? "invalid-correlation"),
        source.at(keyNode),
        `\`${key}\` stands beside \`${kind}\` and not in it, where it has no effect.`,
        `Indent it, so that it belongs to \`${kind}\`.`,
      );
    }
  }
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
    case "matcher":
      return false;
    case "pending":
      return expression.item.modifiers.negated;
  }
}
