import type { DetectionItem } from "./detection-item.ts";
import { placeholdersOf } from "./placeholder.ts";
import type { ProblemList } from "./problem.ts";

/**
 * What looks like a placeholder. Two hexadecimal digits are a character of an address, as in `%C3%A9`, and capitals alone
 * are a variable of Windows, as in `%TEMP%`.
 */
const PLACEHOLDER = /(?<!\\)%(?![0-9A-Fa-f]{2}%)(?![A-Z0-9_]+%)[A-Za-z][A-Za-z0-9_]*%/;

/** Warns about one line of a selection that says something else than it seems to. */
export function lintItem(item: DetectionItem, isList: boolean, problems: ProblemList): void {
  const { modifiers, values, at } = item;
  if (modifiers.all && values.length === 1 && !modifiers.expand) {
    problems.add("single-value-all", at, "`all` on a single value says nothing.", "Remove `|all`.");
  }
  const inList = isList ? values.find(({ value }) => value === null) : undefined;
  if (inList !== undefined && values.length > 1) {
    problems.add(
      "null-in-list",
      inList.at,
      "Sigma allows no null inside a list; it counts as one more alternative.",
      "Use a second selection with `field: null`.",
    );
  }
  if (modifiers.expand && placeholdersOf(item).length === 0) {
    problems.add(
      "expand-without-placeholder",
      at,
      "`expand` has no `%placeholder%` to expand.",
      "Write the value as '%Name%', or remove `|expand`.",
    );
  }
  for (const { value, at: valueAt } of modifiers.expand || modifiers.kind !== "text" ? [] : values) {
    const found = typeof value === "string" ? PLACEHOLDER.exec(value)?.[0] : undefined;
    if (found !== undefined) {
      problems.add(
        "placeholder-without-expand",
        valueAt,
        `Without \`expand\`, \`${found}\` is only this text.`,
        `Write \`${item.field ?? ""}|expand\` where the list is meant.`,
      );
    }
  }
}
