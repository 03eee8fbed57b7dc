import { isSecretField } from "@streamwarden/cloudtrail";
import type { Correlation, Metadata, Position, Rule, RuleDocument, Ruleset } from "@streamwarden/sigma";
import type { Policy } from "../policy.ts";
import type { PolicyProblem, PolicyProblemCode } from "../problem.ts";
import {
  anyCall,
  both,
  type Calls,
  callsOf,
  type Expression,
  isNeverCaptured,
  shownOperations,
  unknownOperation,
  unknownRequestKey,
} from "./lint-calls.ts";
import { type Matcher, neverMatchesObject } from "./object-comparison.ts";
import { membersOf, type UnknownName, unknownField, unknownValue } from "./record-fields.ts";

/**
 * Finds what can never be true of a record of Amazon IVS, or never arrives: warnings, because the service can be
 * ahead of the catalog, and only where it is certain otherwise.
 */
export function lintPolicies(
  ruleset: Ruleset,
  documents: readonly RuleDocument[],
  policies: readonly Policy[],
): PolicyProblem[] {
  const linter = new Linter(ruleset);
  const elsewhere = new Set(ruleset.elsewhere.map(place));
  const own = documents.filter((document) => !elsewhere.has(place(document)));
  for (const document of own) linter.rule(document);
  const callsOfRule = new Map(
    own.map((document) => [place(document), callsOf(document.detection.expression)]),
  );
  for (const policy of policies) linter.policy(policy, callsOfRule.get(place(policy)) ?? anyCall);
  for (const { rule } of policies) {
    if (rule.kind === "correlation")
      linter.correlation(rule, (member) => callsOfRule.get(place(member)) ?? anyCall);
  }
  return linter.problems;
}

/** Where a word stands in an attribute of a document, else the attribute, else the document. */
function attributePlace({ places, path, line }: Metadata, attribute: string, word: string): Position {
  return places.find(word, attribute) ?? places.key(attribute) ?? { path, line, column: 1 };
}

function place({ path, line }: { readonly path: string; readonly line: number }): string {
  return `${path}:${line}`;
}

class Linter {
  readonly problems: PolicyProblem[] = [];
  readonly #ruleset: Ruleset;
  readonly #reported = new Set<string>();

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
  }

  rule({ title, detection, at }: RuleDocument): void {
    const { expression } = detection;
    this.#expression(expression, anyCall);
    const calls = callsOf(expression);
    if (!isNeverCaptured(calls)) return;
    const names = shownOperations(calls);
    const message = `"${title}" never fires: no capture rule delivers ${names} of ${[...(calls.sources ?? [])].join(", ")}.`;
    const hint =
      "Capture rules deliver all calls of Amazon IVS, and those that could blind Streamwarden itself.";
    this.#report("not-captured", at, message, hint);
  }

  /** The fields that a policy names in its attributes. */
  policy({ rule, groupBy, firstSeen }: Policy, calls: Calls): void {
    if (rule.kind === "correlation") return;
    const named = [
      ["streamwarden.group_by", groupBy],
      ["streamwarden.first_seen", [...(firstSeen?.of ?? []), ...(firstSeen?.by ?? [])]],
    ] as const;
    for (const [key, fields] of named) {
      for (const field of new Set(fields)) {
        const at = (): Position => attributePlace(rule, key, field);
        this.#field(field, calls, true, at);
        this.#secret(field, at);
      }
    }
  }

  /** The fields that a correlation reads of the records of its rules, and whom it silences. */
  correlation(correlation: Correlation, callsOfRule: (rule: Rule) => Calls): void {
    const { rules, memberFields, path, title } = correlation;
    const at = (word: string): Position => attributePlace(correlation, "correlation", word);
    rules.forEach((rule, position) => {
      if (rule.kind === "correlation") return;
      const { group = [], values = [] } = memberFields[position] ?? {};
      for (const field of [...group, ...values]) {
        this.#field(field, callsOfRule(rule), true, () => at(field));
        this.#secret(field, () => at(field));
      }
      const isSilent = rule.path !== path && this.#ruleset.isSilenced(rule);
      if (!isSilent) return;
      const message = `"${rule.title}" raises no alerts of its own any more, because "${title}" counts it.`;
      this.#report(
        "silenced-policy",
        at(rule.name ?? rule.id ?? "rules"),
        message,
        "To keep them, add `generate: true`.",
      );
    });
  }

  #expression(expression: Expression, context: Calls): void {
    switch (expression.type) {
      case "and": {
        const calls = both(context, callsOf(expression));
        for (const child of expression.children) this.#expression(child, calls);
        break;
      }
      case "or":
        for (const child of expression.children) this.#expression(child, both(context, callsOf(child)));
        break;
      case "not":
        this.#expression(expression.child, both(context, callsOf(expression.child)));
        break;
      case "pending": {
        const { field, at } = expression.item;
        if (field !== undefined) this.#field(field, context, false, () => at);
        break;
      }
      case "matcher":
        this.#matcher(expression, context);
    }
  }

  #matcher({ matcher, at }: Extract<Expression, { readonly type: "matcher" }>, context: Calls): void {
    const { field, exact } = matcher;
    if (field === undefined) return;
    this.#field(field, context, false, () => at);
    this.#object(matcher, at);
    if (exact === undefined) return;
    const value = exact.cased ? undefined : unknownValue(field, exact.texts);
    if (value !== undefined) {
      this.#report("unknown-value", at, `\`${field}\` is never \`${value.name}\`.`, value.hint);
    }
    if (field !== "eventName") return;
    const operation = unknownOperation({
      ...context,
      operations: new Set([...exact.texts].map((text) => text.toLowerCase())),
    });
    if (operation === undefined) return;
    const sources = [...(context.sources ?? [])].join(" and ");
    const message = `The catalog of Amazon IVS knows no operation \`${operation.name}\` of ${sources}.`;
    this.#report("unknown-operation", at, message, operation.hint);
  }

  #field(field: string, calls: Calls, strict: boolean, at: () => Position): void {
    const unknown: UnknownName | undefined = unknownField(field, strict);
    if (unknown !== undefined) {
      this.#report("unknown-field", at(), `No record has a field \`${unknown.name}\`.`, unknown.hint);
    }
    const key = unknownRequestKey(field, calls);
    if (key === undefined) return;
    const names = shownOperations(calls);
    this.#report("unknown-request-field", at(), `The request of ${names} has no \`${key.name}\`.`, key.hint);
  }

  /** An object that is compared with the value of one of its members. */
  #object(matcher: Matcher, at: Position): void {
    const { field = "" } = matcher;
    const members = membersOf(field);
    if (members === undefined || !neverMatchesObject(matcher)) return;
    const message = `\`${field}\` is an object, so that \`${matcher.text}\` is never true of it.`;
    this.#report("unknown-value", at, message, `Compare one of its members: ${members.join(", ")}.`);
  }

  /** These values distinguish alerts and windows, so they are stored and shown. */
  #secret(field: string, at: () => Position): void {
    if (!isSecretField(field)) return;
    const message = `\`${field}\` holds a secret, which would be stored and shown.`;
    this.#report("secret-field", at(), message, "Group by, or count, what names it: an ARN, an id.", "error");
  }

  #report(
    code: PolicyProblemCode,
    { path, line, column }: Position,
    message: string,
    hint?: string,
    severity: "error" | "warning" = "warning",
  ): void {
    const key = JSON.stringify([code, path, line, column, message]);
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.problems.push({
      code,
      severity,
      message,
      path,
      line,
      column,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
