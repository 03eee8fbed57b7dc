import { expect } from "vitest";
import { load, ruleText } from "./rules.ts";

/** What the linter says of lines that are all in one selection: nothing, or a warning with or without a doubt. */
export function satisfiability(detection: string): "never" | "lists only" | "possible" {
  const { problems } = load(ruleText(detection));
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const found = problems.find(({ code }) => code === "unsatisfiable");
  return found === undefined ? "possible" : found.message.includes("(unless") ? "lists only" : "never";
}
