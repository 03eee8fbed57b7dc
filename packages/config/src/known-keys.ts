import { misspelled, nearest } from "@streamwarden/sigma";
import { configSchema } from "./schema.ts";

/** What to write instead of an unknown key: a known one of its place, one that belongs elsewhere, or all of its place. */
export function keyHint(key: string, path: readonly PropertyKey[]): string {
  const known = keysAt(path);
  const meant = nearest(key, known);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  // A neighbour's key is no guess: `audience` of webhooks means nothing to Slack.
  const [section] = path;
  const elsewhere = pathsOf(misspelled(key, keyPaths.keys())).filter(
    (one) => section === undefined || !one.startsWith(`${String(section)}.`),
  );
  return elsewhere.length === 0
    ? `Known keys: ${known.join(", ")}.`
    : `Did you mean ${elsewhere.map((one) => `\`${one}\``).join(" or ")}?`;
}

/** A path as it is written: `destinations.slack[0].route`. */
export function shownPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** The keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    const inner = unwrap(schema);
    schema = inner.shape?.[part] ?? inner.element;
  }
  return Object.keys(unwrap(schema).shape ?? {});
}

interface Inner {
  readonly shape?: Readonly<Record<PropertyKey, unknown>>;
  readonly element?: unknown;
}

/** A schema without its defaults and descriptions. */
function unwrap(schema: unknown): Inner {
  const inner = (schema as { readonly def?: { readonly innerType?: unknown } } | undefined)?.def?.innerType;
  return inner === undefined ? ((schema ?? {}) as Inner) : unwrap(inner);
}

/** A key that belongs to more places than these is no guess: `name`, `route`. */
const mostPlaces = 2;

function pathsOf(key: string | undefined): readonly string[] {
  const paths = key === undefined ? [] : (keyPaths.get(key) ?? []);
  return paths.length > mostPlaces ? [] : paths;
}

/** Where each key of the schema belongs. */
const keyPaths = collect(configSchema, "", new Map());

function collect(schema: unknown, path: string, found: Map<string, string[]>): Map<string, string[]> {
  const { shape = {}, element } = unwrap(schema);
  if (element !== undefined) return collect(element, `${path}[]`, found);
  for (const [key, inner] of Object.entries(shape)) {
    const whole = path === "" ? key : `${path}.${key}`;
    found.set(key, [...(found.get(key) ?? []), whole]);
    collect(inner, whole, found);
  }
  return found;
}
