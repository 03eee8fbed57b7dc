import type { Expression } from "./lint-calls.ts";

/** One question about one field. */
export type Matcher = Extract<Expression, { readonly type: "matcher" }>["matcher"];

/**
 * Whether a matcher is certain to be false of every object. An object is compared as its JSON text (SEMANTICS.md), so that
 * a search within it may be meant, and so may anything that begins or ends as JSON does.
 */
export function neverMatchesObject({ kind, exact, pattern }: Matcher): boolean {
  switch (kind) {
    case "equals":
      return exact !== undefined && ![...exact.texts].some((text) => text.startsWith("{"));
    case "wildcard": {
      const first = pattern?.parts.at(0);
      const last = pattern?.parts.at(-1);
      return (
        (typeof first === "string" && !first.startsWith("{")) ||
        (typeof last === "string" && !last.endsWith("}"))
      );
    }
    case "cidr":
    case "number":
    case "date":
      return true;
    default:
      return false;
  }
}
