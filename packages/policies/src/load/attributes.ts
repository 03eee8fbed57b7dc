import { isObject } from "@streamwarden/cloudtrail";
import { parseDuration, suggest } from "@streamwarden/config";
import type { Metadata, Position } from "@streamwarden/sigma";
import type { PolicyProblem, PolicyProblemCode } from "../problem.ts";

const prefix = "streamwarden.";

/** Reads the `streamwarden.*` attributes of one document, and reports what does not fit at its line. */
export class Attributes {
  readonly #document: Metadata;
  readonly #lines: readonly string[];
  readonly #problems: PolicyProblem[];

  /** `text` is the file's text: the documents carry attributes without their places. */
  constructor(document: Metadata, text: string, known: readonly string[], problems: PolicyProblem[]) {
    this.#document = document;
    this.#lines = text.split("\n");
    this.#problems = problems;
    for (const key of Object.keys(document.customAttributes)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (known.includes(name)) continue;
      const meant = suggest(name, known);
      const hint =
        meant === undefined
          ? `Known: ${known.map((one) => prefix + one).join(", ")}.`
          : `Did you mean \`${prefix}${meant}\`?`;
      this.report("unknown-attribute", name, `The attribute \`${key}\` is unknown here.`, hint);
    }
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value.trim();
    return this.#invalid(name, "must be a text that is not empty");
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const list = typeof value === "string" ? [value] : value;
    const isTexts =
      Array.isArray(list) && list.every((item) => typeof item === "string" && item.trim() !== "");
    return isTexts ? (list as string[]) : this.#invalid(name, "must be a list of field names");
  }

  map(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return isObject(value) ? value : this.#invalid(name, "must be a map");
  }

  choice<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? this.#invalid(name, `must be one of ${choices.join(", ")}`);
  }

  /** Seconds of a duration between two others. */
  duration(name: string, shortest: string, longest: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const seconds = parseDuration(value);
    const isInside =
      seconds !== undefined &&
      seconds >= (parseDuration(shortest) ?? 0) &&
      seconds <= (parseDuration(longest) ?? 0);
    return isInside
      ? seconds
      : this.#invalid(name, `must be a duration between ${shortest} and ${longest}, such as 15m or 4h`);
  }

  /** Midnight UTC at the end of a day such as `2026-12-31`, in milliseconds since the epoch. */
  endOfDay(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const start =
      typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)
        ? Date.parse(`${value}T00:00:00Z`)
        : Number.NaN;
    const isDay = !Number.isNaN(start) && new Date(start).toISOString().startsWith(String(value));
    return isDay ? start + 86_400_000 : this.#invalid(name, "must be a day such as 2026-12-31");
  }

  report(code: PolicyProblemCode, name: string, message: string, hint?: string): void {
    const place = this.#place(name);
    this.#problems.push({
      code,
      severity: "error",
      message,
      ...place,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #value(name: string): unknown {
    const { customAttributes } = this.#document;
    const key = prefix + name;
    return Object.hasOwn(customAttributes, key) ? customAttributes[key] : undefined;
  }

  #invalid(name: string, rule: string): undefined {
    this.report("invalid-attribute-value", name, `\`${prefix}${name}\` ${rule}.`);
  }

  /** The attribute's line, else the beginning of the document. */
  #place(name: string): Position {
    const { path, line } = this.#document;
    const offset = this.#lines
      .slice(line - 1)
      .findIndex((one) => one.trimStart().startsWith(`${prefix}${name}:`));
    if (offset < 0) return { path, line, column: 1 };
    const found = this.#lines[line - 1 + offset] ?? "";
    return { path, line: line + offset, column: found.length - found.trimStart().length + 1 };
  }
}
