import { isObject } from "@streamwarden/cloudtrail";
import { parseDuration } from "@streamwarden/config";
import { type Metadata, nearest } from "@streamwarden/sigma";
import type { PolicyProblem, PolicyProblemCode } from "../problem.ts";
import { endOfDay } from "./end-of-day.ts";

const prefix = "streamwarden.";

/** Reads the `streamwarden.*` attributes of one document, and reports what does not fit at its line. */
export class Attributes {
  readonly #document: Metadata;
  readonly #problems: PolicyProblem[];

  /** `problems` gets what does not fit. */
  constructor(document: Metadata, known: readonly string[], problems: PolicyProblem[]) {
    this.#document = document;
    this.#problems = problems;
    for (const key of Object.keys(document.customAttributes)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
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

  /** A day such as `2026-12-31`, as it is written. */
  day(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return endOfDay(value) === undefined
      ? this.#invalid(name, "must be a day such as 2026-12-31")
      : String(value);
  }

  /** Reports a problem at the attribute `name`, or, where it is not there or none is meant, at the document's beginning. */
  report(
    code: PolicyProblemCode,
    name: string | undefined,
    message: string,
    hint?: string,
    severity: PolicyProblem["severity"] = "error",
  ): void {
    const { path, line, places } = this.#document;
    const place = (name === undefined ? undefined : places.key(prefix + name)) ?? { path, line, column: 1 };
    this.#problems.push({ code, severity, message, ...place, ...(hint === undefined ? {} : { hint }) });
  }

  #value(name: string): unknown {
    const { customAttributes } = this.#document;
    const key = prefix + name;
    return Object.hasOwn(customAttributes, key) ? customAttributes[key] : undefined;
  }

  #invalid(name: string, rule: string): undefined {
    this.report("invalid-attribute-value", name, `\`${prefix}${name}\` ${rule}.`);
  }
}
