import type { JsonObject } from "../record.ts";
import { decodeArn, looksLikeArn } from "./arn.ts";

const maximumResources = 50;
const maximumValues = 5000;
const maximumDepth = 16;

/**
 * The ARNs that the request, the response and the record's own `resources` list name, decoded, each once, in that
 * order. Bounded: at most 50 ARNs out of the first 5,000 values.
 */
export function resourcesOf(record: JsonObject): string[] {
  const found = new Set<string>();
  let left = maximumValues;
  const visit = (value: unknown, depth: number): void => {
    if (left <= 0 || found.size >= maximumResources) return;
    left -= 1;
    if (typeof value === "string") {
      if (looksLikeArn(value)) found.add(decodeArn(value));
      return;
    }
    if (typeof value !== "object" || value === null || depth >= maximumDepth) return;
    for (const member of Object.values(value)) visit(member, depth + 1);
  };
  visit(record.requestParameters, 0);
  visit(record.responseElements, 0);
  visit(record.resources, 0);
  return [...found];
}
