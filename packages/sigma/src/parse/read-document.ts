import type { YAMLMap } from "yaml";
import type { Expression } from "../matchers/expression.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import type { YamlSource } from "../yaml/yaml-source.ts";
import { readDetection } from "./detection.ts";
import type { RuleReference, SigmaDocument } from "./document.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import { readLogSource } from "./read-logsource.ts";

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
    problems.add(
      "legacy-action",
      source.at(action),
      "`action:` collections (global, reset, repeat) are not part of Sigma 2; what builds on this is not read.",
      "Write each rule out in full; several may share a file, separated by `---`.",
    );
    return undefined;
  }
  const at: Position = source.at(source.entries(root)[0]?.keyNode ?? root);
  const kinds = kindNames.filter((kind) => root.has(kind));
  const [kind, second] = kinds;
  if (kind === undefined && !root.has("title") && !root.has("logsource")) {
    problems.add(
      "missing-detection",
      at,
      "This is no Sigma document: it has no title, logsource or detection.",
      source.entries(root).some(({ key }) => /^(?:title|logsource|detection)$/i.test(key))
        ? "The keys of Sigma are in small letters."
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
      return readCorrelation(reading, metadata);
    case "filter":
      return readFilter(reading, metadata);
    default:
      return readRule(reading, metadata);
  }
}

function keyPosition(source: YamlSource, root: YAMLMap, key: string): Position {
  return source.at(source.entries(root).find((entry) => entry.key === key)?.keyNode ?? root);
}

function readRule(reading: Reading, metadata: Metadata): SigmaDocument | undefined {
  const { source, root, at, problems } = reading;
  const logsource = readLogSource(source, root, at, problems);
  const body = readBody(reading, "detection");
  const detection = body === undefined ? undefined : readDetection(source, body, [], problems);
  return detection === undefined ? undefined : { kind: "rule", ...metadata, logsource, detection, at };
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

function readCorrelation(reading: Reading, metadata: Metadata): SigmaDocument | undefined {
  const { source, root, at } = reading;
  const body = readBody(reading, "correlation");
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

/** The map under the key of the document's kind. */
function readBody(reading: Reading, kind: Kind): YAMLMap | undefined {
  const { source, root, at, problems } = reading;
  const node = root.get(kind, true);
  const body = source.map(node);
  if (body !== undefined) {
    reportStrayCondition(reading, body, kind);
  } else if (root.has(kind)) {
    problems.add("invalid-detection", source.at(node), `\`${kind}\` must be a map.`);
  } else {
    problems.add("missing-detection", at, "The document has no `detection`, `correlation` or `filter`.");
  }
  return body;
}

/** A condition beside its body would be kept as an attribute of one's own, and decide nothing. */
function reportStrayCondition({ source, root, problems }: Reading, body: YAMLMap, kind: Kind): void {
  if (root.has("condition")) {
    const hasOwn = source.entries(body).some(({ key }) => key === "condition");
    problems.add(
      hasOwn || kind === "correlation" ? "unknown-key" : "missing-condition",
      keyPosition(source, root, "condition"),
      `\`condition\` stands beside \`${kind}\` and not in it, where it says nothing.`,
      `Indent it, so that it belongs to \`${kind}\`.`,
    );
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
