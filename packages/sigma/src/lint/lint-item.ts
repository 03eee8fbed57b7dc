import type { DetectionItem } from "../parse/detection-item.ts";
import { placeholdersOf } from "../parse/placeholder.ts";
import type { ProblemList } from "../problems/problem.ts";

/**
 * What looks like a placeholder. Two hexadecimal digits are a character of an address, as in `%C3%A9`, and capitals alone
 * are a variable of Windows, as in `%TEMP%`.
 */
const placeholder = /(?<!\\)%(?![0-9A-Fa-f]{2}%)(?![A-Z0-9_]+%)([A-Za-z][A-Za-z0-9_]*)%/g;
/** Windows variables that public rules do not write in capitals. */
const windowsVariables: ReadonlySet<string> = new Set(
  `allusersprofile appdata cd commonprogramfiles computername comspec date errorlevel homedrive homepath localappdata
  logonserver onedrive os path pathext processor_architecture programdata programfiles programw6432 public random
  sessionname systemdrive systemroot temp time tmp userdomain username userprofile windir`.split(/\s+/),
);
/** Part of a path, then an escaped wildcard: `\Temp\*` lacks one backslash to mean what is in a folder. */
const escapedWildcard = /\\[\w .-]+(\\([*?]))/;

/** Warns about one line of a selection that does not mean what it seems to. */
export function lintItem(item: DetectionItem, isList: boolean, problems: ProblemList): void {
  const { modifiers, values, at } = item;
  if (modifiers.all && values.length === 1 && !modifiers.expand) {
    problems.add("single-value-all", at, "`all` on a single value has no effect.", "Remove `|all`.");
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
    // Lists are long, and few values hold what the expressions look for.
    if (typeof value !== "string" || !/[%\\]/.test(value)) {
      continue;
    }
    const names = [...value.matchAll(placeholder)].map(([, name = ""]) => name);
    const found = names.find((name) => !windowsVariables.has(name.toLowerCase()));
    if (found !== undefined) {
      problems.add(
        "placeholder-without-expand",
        valueAt,
        `Without \`expand\`, \`%${found}%\` is only this text.`,
        `Write \`${item.field ?? ""}|expand\` where the list is meant.`,
      );
    }
    const [, escaped, wildcard] = escapedWildcard.exec(value) ?? [];
    if (escaped !== undefined) {
      problems.add(
        "escaped-wildcard",
        valueAt,
        `\`${escaped}\` is the character ${wildcard}, not a backslash and ${wildcard === "*" ? "anything" : "one character"} after it.`,
        `Write \`\\\\${wildcard}\` for a backslash and a wildcard.`,
      );
    }
  }
}
