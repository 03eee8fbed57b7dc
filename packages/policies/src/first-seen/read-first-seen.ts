import { parseDuration } from "@streamwarden/config";
import { nearest } from "@streamwarden/sigma";
import type { Attributes } from "../load/attributes.ts";
import type { FirstSeen } from "./first-seen.ts";

const name = "first_seen";
const keys = ["of", "by", "within", "learn"];
const account = "recipientAccountId";

/** Reads `streamwarden.first_seen`. Undefined where it is absent or does not fit, which is then reported. */
export function readFirstSeen(attributes: Attributes): FirstSeen | undefined {
  const map = attributes.map(name);
  if (map === undefined) return undefined;
  let isValid = true;
  const reject = (message: string, hint?: string): void => {
    isValid = false;
    attributes.report("invalid-attribute-value", name, message, hint);
  };
  for (const key of Object.keys(map).filter((one) => !keys.includes(one))) {
    const meant = nearest(key, keys);
    const hint = meant === undefined ? `Known: ${keys.join(", ")}.` : `Did you mean \`${meant}\`?`;
    reject(`\`streamwarden.first_seen\` has the unknown key \`${key}\`.`, hint);
  }
  const fields = (key: string, value: unknown): readonly string[] => {
    const list = typeof value === "string" ? [value] : value;
    const isFields =
      Array.isArray(list) &&
      list.length > 0 &&
      list.every((item) => typeof item === "string" && item.trim() !== "");
    if (isFields) return [...new Set(list as string[])];
    reject(`\`streamwarden.first_seen.${key}\` must be a list of field names.`);
    return [];
  };
  const seconds = (key: string, fallback: string, shortest: string, longest: string): number => {
    const found = parseDuration(map[key] ?? fallback) ?? Number.NaN;
    if (found >= (parseDuration(shortest) ?? 0) && found <= (parseDuration(longest) ?? 0)) return found;
    reject(`\`streamwarden.first_seen.${key}\` must be a duration between ${shortest} and ${longest}.`);
    return 0;
  };
  const firstSeen = {
    of: fields("of", map.of),
    by: [...new Set([account, ...("by" in map ? fields("by", map.by) : [])])],
    withinSeconds: seconds("within", "30d", "1h", "365d"),
    learnSeconds: seconds("learn", "7d", "1h", "90d"),
  };
  return isValid ? firstSeen : undefined;
}
