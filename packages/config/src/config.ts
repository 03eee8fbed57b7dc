import { dirname, resolve } from "node:path";
import { FileError, readTextFile } from "@streamwarden/base";
import { nearest } from "@streamwarden/sigma";
import { isMap, isScalar, LineCounter, type Pair, parseDocument } from "yaml";
import type * as z from "zod";
import { compileDestinations, type Destinations } from "./destinations.ts";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import { keyHint, shownPath } from "./known-keys.ts";
import { type ListName, type PipelinePart, pipelineLists } from "./lists.ts";
import { configSchema } from "./schema.ts";

/** `streamwarden.yml`, validated, with every default filled in. */
export interface Config {
  /** The file it came from, absolute. */
  readonly path: string;
  readonly policies: {
    readonly pack: boolean;
    /** Files and folders, absolute. */
    readonly paths: readonly string[];
    readonly disabled: readonly DisabledPolicy[];
  };
  readonly lists: Readonly<Record<ListName, readonly string[]>>;
  readonly customLists: Readonly<Record<string, readonly string[]>>;
  readonly alerts: { readonly email: readonly string[]; readonly digestAbovePerMinute: number };
  readonly destinations: Destinations;
  readonly incidents: { readonly windowSeconds: number };
  /** Role ARNs, `*` for any text: who is behind their sessions. */
  readonly identities: {
    readonly federatedRoles: readonly string[];
    readonly workloadRoles: readonly string[];
  };
  readonly capture: {
    readonly homeRegion: string;
    readonly regions: readonly string[];
    readonly accounts: readonly string[];
  };
  readonly pipeline: Readonly<Record<PipelinePart, readonly string[]>>;
}

/** A policy that is switched off, by its name or id, and who answers for that. */
export interface DisabledPolicy {
  readonly policy: string;
  readonly owner: string;
  readonly reason: string;
}

/** Far more than any configuration needs. */
const maximumBytes = 4 * 1024 * 1024;

/**
 * Reads and validates a configuration file.
 *
 * @throws ConfigError with every problem of the file and its place.
 */
export function loadConfig(path: string): Config {
  let content: string;
  try {
    content = readTextFile(path, maximumBytes);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const { line, column } = error;
    const isMissing = error.code === "file-not-found";
    const message = isMissing
      ? "The configuration file does not exist. Create it (an empty file gives the defaults) or name another one."
      : `The configuration file ${error.message}.`;
    const code = isMissing ? "config-not-found" : "config-unreadable";
    throw new ConfigError(code, path, [{ line, column, message }], { cause: error });
  }
  return parseConfig(content, path);
}

/**
 * Validates the text of a configuration file. `path` is named in errors, and its folder is where relative policy
 * paths begin. An empty text gives the defaults.
 *
 * @throws ConfigError with every problem of the text and its place.
 */
export function parseConfig(content: string, path: string): Config {
  const source = new Source(content);
  if (source.syntaxProblems.length > 0) throw new ConfigError("config-syntax", path, source.syntaxProblems);
  const parsed = configSchema.safeParse(source.value, { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, source));
    throw new ConfigError("config-invalid", path, problems);
  }
  const { incidents, policies, destinations, ...rest } = parsed.data;
  const absolute = resolve(path);
  const folder = dirname(absolute);
  return {
    ...rest,
    path: absolute,
    policies: { ...policies, paths: policies.paths.map((one) => resolve(folder, one)) },
    destinations: compileDestinations(destinations),
    incidents: { windowSeconds: incidents.window },
  };
}

/**
 * The values of every placeholder that policies may name: the lists, the custom lists, and the names of the
 * pipeline's own resources. A list nobody filled in is there, and empty.
 */
export function placeholdersOf(config: Config): Record<string, readonly string[]> {
  const placeholders: Record<string, readonly string[]> = { ...config.customLists, ...config.lists };
  for (const [part, { placeholder }] of Object.entries(pipelineLists)) {
    placeholders[placeholder] = config.pipeline[part as PipelinePart];
  }
  return placeholders;
}

/** The parsed YAML and where each of its parts stands. */
class Source {
  readonly value: unknown;
  readonly syntaxProblems: readonly ConfigProblem[];
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines = new LineCounter();

  constructor(content: string) {
    this.#document = parseDocument(content, { lineCounter: this.#lines, prettyErrors: false });
    const problems: ConfigProblem[] = this.#document.errors.map(({ pos, message }) => ({
      ...this.#position(pos[0]),
      message: `This is not valid YAML: ${message}.`,
    }));
    if (problems.length === 0) {
      try {
        // Few aliases suffice for a configuration; the bound stops an alias bomb.
        this.value = withoutEmptyKeys(this.#document.toJS({ maxAliasCount: 100 })) ?? {};
      } catch {
        problems.push({
          line: 1,
          column: 1,
          message: "The file uses more YAML aliases than a configuration needs (100).",
        });
      }
    }
    this.syntaxProblems = problems;
  }

  /** Where the value at `path` stands, or the nearest part around it that exists. */
  at(path: readonly PropertyKey[]): { line: number; column: number } {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      const range = (node as { range?: readonly [number, number, number] | null } | undefined)?.range;
      if (range) return this.#position(range[0]);
    }
    return { line: 1, column: 1 };
  }

  /** Where the key `key` of the map at `path` stands. */
  atKey(path: readonly PropertyKey[], key: string): { line: number; column: number } {
    const map = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    const pair = isMap(map) ? map.items.find((item) => keyText(item) === key) : undefined;
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    return range ? this.#position(range[0]) : this.at(path);
  }

  #position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** A key that is written without a value means its default: a section whose lines are all commented out stays valid. */
function withoutEmptyKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyKeys);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutEmptyKeys(member)]));
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function problemsOf(issue: z.core.$ZodIssue, source: Source): ConfigProblem[] {
  const where = issue.path.length === 0 ? "The file" : `\`${shownPath(issue.path)}\``;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const inside = issue.path.length === 0 ? "" : ` inside ${where}`;
      const message = `The key \`${key}\`${inside} is unknown. ${keyHint(key, issue.path)}`;
      return { ...source.atKey(issue.path, key), message };
    });
  }
  const place =
    issue.code === "invalid_key"
      ? source.atKey(issue.path.slice(0, -1), String(issue.path.at(-1)))
      : source.at(issue.path);
  const nested = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return [{ ...place, message: `${where} ${nested ?? sentenceOf(issue)}` }].map((problem) => ({
    ...problem,
    message: /[.?]$/.test(problem.message) ? problem.message : `${problem.message}.`,
  }));
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    return issue.input === undefined ? "is missing" : `must be ${article(issue.expected)}`;
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const meant = typeof issue.input === "string" ? nearest(issue.input, values) : undefined;
    const hint = meant === undefined ? "" : `. Did you mean \`${meant}\`?`;
    return `must be one of ${values.join(", ")}${hint}`;
  }
  return issue.message.replace(/\.$/, "");
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "a text (put numbers and true/false in quotes)",
    array: "a list",
    object: "a map of keys",
    record: "a map of keys",
    boolean: "true or false",
    number: "a number",
    int: "a whole number",
  };
  return names[expected] ?? expected;
}
