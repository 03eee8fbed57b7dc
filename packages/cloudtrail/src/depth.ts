/**
 * Whether a parsed JSON value nests at most `maximumDepth` levels. Returns at the first level too many, so its own
 * recursion is bounded by that number.
 */
export const isWithinDepth = (value: unknown, maximumDepth: number): boolean => {
  if (typeof value !== "object" || value === null) return true;
  if (maximumDepth <= 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object" && item !== null && !isWithinDepth(item, maximumDepth - 1)) return false;
    }
    return true;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === "object" && member !== null && !isWithinDepth(member, maximumDepth - 1))
      return false;
  }
  return true;
};

/**
 * Whether the text could nest deeper than `maximumDepth`: it has more opening brackets than that. Two native scans
 * are much cheaper than a walk, and nearly every message is settled by them.
 */
export const mayExceedDepth = (text: string, maximumDepth: number): boolean => {
  let openings = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > maximumDepth) return true;
    }
  }
  return false;
};
