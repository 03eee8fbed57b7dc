import { derivedFields, type JsonObject } from "@streamwarden/cloudtrail";
import { link, type PlaceholderValues, parse, type SourceFile } from "@streamwarden/sigma";
import { parseAllDocuments, stringify } from "yaml";

interface RuleText {
  readonly title?: string;
  readonly id?: string;
  readonly name?: string;
  readonly detection?: Record<string, unknown>;
}

/**
 * For each selection of a rule, whether it alone is true of a record, one line each; the condition last. A failed test
 * shows it, because the selection that is not as expected is where the mistake is.
 *
 * `reference` is the rule's name, else its id, else its title.
 */
export const explainSelections = (
  file: SourceFile,
  reference: string,
  record: JsonObject,
  placeholders: PlaceholderValues,
): string[] => {
  const documents = parseAllDocuments(file.text).map((document) => document.toJS() as RuleText | null);
  const found = documents.find((one) => (one?.name ?? one?.id ?? one?.title) === reference);
  const { condition, ...selections } = found?.detection ?? {};
  const lines = Object.entries(selections).map(([name, selection]) => {
    const alone = {
      title: name,
      level: "low",
      logsource: { product: "aws" },
      detection: { [name]: selection, condition: name },
    };
    const { documents: rules } = parse([{ path: file.path, text: stringify(alone) }]);
    const { ruleset } = link(rules, { placeholders, derived: derivedFields });
    const [rule] = ruleset.match(record);
    const reasons = rule === undefined ? "" : `: ${ruleset.reasons(rule, record).join("; ")}`;
    return `${name} is ${rule === undefined ? "false" : "true"}${reasons}`;
  });
  return [...lines, `condition: ${String(condition)}`];
};
