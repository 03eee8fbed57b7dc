import type { YAMLMap } from "yaml";
import type { Position, ProblemList } from "../problems/problem.ts";
import { misspelled } from "../problems/spelling.ts";
import type { YamlSource } from "../yaml/yaml-source.ts";
import type { LogSource } from "./document.ts";

const attributeNames = ["category", "product", "service"] as const;
type Attribute = (typeof attributeNames)[number];

function isAttribute(key: string): key is Attribute {
  return (attributeNames as readonly string[]).includes(key);
}

/**
 * Which logs a document is about. Other keys are legal (`definition` is in many rules) and say nothing; a misspelled
 * one would make the rule one about more logs than was meant, and warns.
 */
export function readLogSource(
  source: YamlSource,
  root: YAMLMap,
  at: Position,
  problems: ProblemList,
): LogSource {
  const node = root.get("logsource", true);
  const map = source.map(node);
  const attributes: [string, string][] = [];
  for (const { key, keyNode, value } of map === undefined ? [] : source.entries(map)) {
    const text = source.string(value);
    if (!isAttribute(key)) {
      const meant = misspelled(key, attributeNames);
      if (meant !== undefined) {
        const message = `A logsource has no \`${key}\`, so this narrows nothing.`;
        problems.add("unknown-key", source.at(keyNode), message, `Did you mean \`${meant}\`?`);
      }
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
    const isOther = map === undefined && node !== undefined && node !== null;
    problems.add(
      "missing-logsource",
      isOther || map !== undefined ? source.at(node) : at,
      isOther ? "`logsource` must be a map." : "The document does not say which logs it is about.",
      isOther
        ? "Write `logsource: { product: aws, service: cloudtrail }`."
        : "Add `logsource:` with category, product or service.",
    );
  }
  return Object.fromEntries(attributes);
}
