import type { LogSource } from "./document.ts";

const attributeNames = ["category", "product", "service"] as const;

/** Whether every attribute that `general` gives is the same in `specific`. */
export function containsLogSource(general: LogSource, specific: LogSource): boolean {
  return attributeNames.every(
    (attribute) =>
      general[attribute] === undefined || general[attribute] === specific[attribute]?.toLowerCase(),
  );
}
