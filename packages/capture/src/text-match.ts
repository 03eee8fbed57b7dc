/**
 * How a text may be written when case is ignored: for each UTF-16 unit of the pattern its lower-case and its
 * upper-case form. The unit itself is not among them (a title-case letter matches neither), and half of a surrogate
 * pair becomes "?": both are what AWS's matcher does.
 */
type FoldedText = readonly (readonly [lower: string, upper: string])[];

export function foldCase(text: string): FoldedText {
  const units: [string, string][] = [];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text[index] ?? "";
    units.push(/[\ud800-\udfff]/.test(unit) ? ["?", "?"] : [unit.toLowerCase(), unit.toUpperCase()]);
  }
  return units;
}

/** The ends of every way to read `folded` at the start of `text`. Forms differ in length ("ß", "SS"), so there can be several. */
function endsAfter(folded: FoldedText, text: string): ReadonlySet<number> {
  let ends = new Set([0]);
  for (const forms of folded) {
    const next = new Set<number>();
    for (const end of ends) {
      for (const form of forms) if (text.startsWith(form, end)) next.add(end + form.length);
    }
    if (next.size === 0) return next;
    ends = next;
  }
  return ends;
}

export function equalsIgnoringCase(folded: FoldedText, text: string): boolean {
  return endsAfter(folded, text).has(text.length);
}

export function startsIgnoringCase(folded: FoldedText, text: string): boolean {
  return endsAfter(folded, text).size > 0;
}

export function endsIgnoringCase(folded: FoldedText, text: string): boolean {
  const shortest = folded.reduce((sum, [lower, upper]) => sum + Math.min(lower.length, upper.length), 0);
  const longest = folded.reduce((sum, [lower, upper]) => sum + Math.max(lower.length, upper.length), 0);
  for (let length = shortest; length <= longest && length <= text.length; length += 1) {
    const tail = text.slice(text.length - length);
    if (equalsIgnoringCase(folded, tail)) return true;
  }
  return false;
}

/** The literal parts between the `*` of a wildcard, escapes resolved; or why the wildcard is rejected. */
export function parseWildcard(wildcard: string): readonly string[] | { readonly rejected: string } {
  const parts: string[] = [];
  let literal = "";
  for (let index = 0; index < wildcard.length; index += 1) {
    const unit = wildcard[index] ?? "";
    const next = wildcard[index + 1];
    if (unit === "*") {
      if (next === "*") return { rejected: `"${wildcard}" has two * in a row; write one` };
      parts.push(literal);
      literal = "";
    } else if (unit === "\\") {
      if (next !== "*" && next !== "\\") {
        return {
          rejected: `"${wildcard}" has a backslash that escapes nothing; only \\* and \\\\ are escapes`,
        };
      }
      literal += next;
      index += 1;
    } else {
      literal += unit;
    }
  }
  parts.push(literal);
  return parts;
}

/** Whether `text` is the parts in order with anything between them. Greedy from the left, so linear. */
export function matchesWildcard(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? "";
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? "";
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
