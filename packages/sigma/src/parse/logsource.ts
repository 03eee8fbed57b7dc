import type { LogSource } from "./document.ts";

const ATTRIBUTES = ["category", "product", "service"] as const;

/** Whether every attribute that `general` gives is the same in `specific`. */
export const containsLogSource = (general: LogSource, specific: LogSource): boolean =>
  ATTRIBUTES.every(
    (attribute) =>
      general[attribute] === undefined || general[attribute] === specific[attribute]?.toLowerCase(),
  );
