import { shortDigest } from "@streamwarden/base";
import { type JsonObject, redactText } from "@streamwarden/cloudtrail";
import type { Ruleset } from "@streamwarden/sigma";
import type { Policy } from "./policy.ts";

/** What stands for a field that the record does not have. */
export const absentGroupValue = "-";

const maximumLength = 512;
const maximumValues = 20;
/** How far beyond the cut a secret may reach and still be recognised by its form. */
const windowBeyondCut = 4096;

/**
 * What a record's incident is about: the policy's group fields with their values as text, in the policy's order. A
 * list gives its values sorted, so that their order makes no new incident; a field that is absent, null or empty gives
 * `-`. Secrets are redacted, because these texts are stored and sent. A text that does not say all (a list, or what is
 * cut or redacted) ends with a digest of the whole, so that no two actors share an incident.
 */
export function groupValues(
  ruleset: Ruleset,
  policy: Policy,
  record: JsonObject,
): { readonly field: string; readonly value: string }[] {
  return policy.groupBy.map((field) => {
    const texts = ruleset.read(record, field).map(textOf);
    const values = [...new Set(texts)].filter((value) => value !== "").toSorted();
    return { field, value: groupText(values) };
  });
}

function groupText(values: readonly string[]): string {
  const [first] = values;
  if (first === undefined) return absentGroupValue;
  const listed = values.slice(0, maximumValues).join(",");
  const text = listed.slice(0, maximumLength + windowBeyondCut);
  const shown = redactText(text).slice(0, maximumLength);
  const isWhole = values.length === 1 && shown === first && first !== absentGroupValue;
  return isWhole ? shown : `${shown} ${shortDigest(JSON.stringify(values), 12)}`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
