import { type JsonObject, redactText } from "@streamwarden/cloudtrail";
import type { Ruleset } from "@streamwarden/sigma";
import type { Policy } from "./policy.ts";

/** What stands for a field that the record does not have. */
export const absentGroupValue = "-";

const maximumLength = 512;
const maximumValues = 20;

/**
 * What a record's incident is about: the policy's group fields with their values as text, in the policy's order. A
 * list gives its values sorted, so that their order makes no new incident; a field that is absent, null or empty gives
 * `-`. Secrets are redacted, because these texts are stored and sent. Long texts are cut.
 */
export const groupValues = (
  ruleset: Ruleset,
  policy: Policy,
  record: JsonObject,
): { readonly field: string; readonly value: string }[] =>
  policy.groupBy.map((field) => {
    const values = ruleset.read(record, field).slice(0, maximumValues).map(textOf).toSorted();
    const text = [...new Set(values)].filter((value) => value !== "").join(",");
    return { field, value: redactText(text.slice(0, maximumLength)) || absentGroupValue };
  });

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return JSON.stringify(value).slice(0, maximumLength);
};
