import { CorrelationSet } from "./correlation/correlation-set.ts";
import { type LinkState, linkCorrelations } from "./correlation/link/link-correlations.ts";
import { DocumentIndex } from "./document-index.ts";
import { type DerivedFields, EventView } from "./event/event-view.ts";
import type { JsonObject } from "./event/json.ts";
import { targetsOf } from "./filter-targets.ts";
import type { LinkedFilter, LinkedRule } from "./linked-rule.ts";
import { Program } from "./match/program.ts";
import { type Expression, labelled } from "./matchers/expression.ts";
import { buildItem } from "./parse/build-item.ts";
import type { Detection } from "./parse/detection.ts";
import type { FilterDocument, LogSource, RuleDocument, SigmaDocument } from "./parse/document.ts";
import { containsLogSource } from "./parse/logsource.ts";
import type { PlaceholderValues } from "./parse/placeholder.ts";
import { type Problem, ProblemList } from "./problems/problem.ts";
import { type Filter, type Rule, toFilter, toRule } from "./rule.ts";
import { type Inactive, Ruleset } from "./ruleset.ts";

export interface LinkOptions {
  /** The lists that `%name%` stands for in values under `|expand`. */
  readonly placeholders?: PlaceholderValues;
  /**
   * Top-level fields that are computed from the event: at most once per event, and only when a matcher reads them.
   * They win over fields of the same name in the event, so that an event cannot forge them.
   */
  readonly derived?: DerivedFields;
  /** Which logs the events are from. Rules about other logs are listed in `elsewhere` and not evaluated. */
  readonly logsource?: LogSource;
  /** Whether a filter that would suppress a rule may do so for this event; always, if not given. For expiry dates. */
  readonly filterApplies?: (filter: Filter, event: JsonObject) => boolean;
  /** Whether rules are indexed by the values they require (the default). Without it every rule is evaluated. */
  readonly index?: boolean;
}

export interface LinkResult {
  readonly ruleset: Ruleset;
  readonly problems: Problem[];
}

/**
 * Turns documents into a ruleset. A document that cannot work is left out, with an error among `problems`; the others work.
 *
 * Linking is a step of its own because only it needs the configuration: the same documents are linked again with other
 * placeholder lists, and what a placeholder stands for is checked as strictly as if the rule had said it.
 */
export function link(documents: readonly SigmaDocument[], options: LinkOptions = {}): LinkResult {
  return new Linker(options).link(documents);
}

/** What became of a detection: ready, waiting for the lists of some placeholders, or (undefined) rejected. */
type Filled = { readonly expression: Expression } | { readonly empty: readonly string[] } | undefined;

class Linker {
  readonly #options: LinkOptions;
  readonly #problems = new ProblemList();
  readonly #program: Program;
  readonly #inactive: Inactive<Rule>[] = [];
  readonly #inactiveFilters: Inactive<Filter>[] = [];
  readonly #elsewhere: Rule[] = [];
  readonly #states = new Map<SigmaDocument, LinkState<Rule>>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#program = new Program(new EventView(options.derived ?? {}));
  }

  link(documents: readonly SigmaDocument[]): LinkResult {
    const unique = this.#withoutDuplicates(documents);
    const ruleDocuments = unique.filter((document) => document.kind === "rule");
    const filterDocuments = unique.filter((document) => document.kind === "filter");
    const active = ruleDocuments.flatMap((document) => this.#linkRule(document));
    const index = new DocumentIndex(unique);
    const { filters, filtersOf } = this.#linkFilters(filterDocuments, ruleDocuments, index);
    const rules = active.map(
      ({ document, rule, expression }): LinkedRule => ({
        rule,
        expression,
        filters: filtersOf.get(document) ?? [],
      }),
    );
    const correlations = linkCorrelations(unique, index, this.#states, this.#problems);
    const ruleset = new Ruleset({
      program: this.#program,
      rules,
      filters,
      inactive: this.#inactive,
      inactiveFilters: this.#inactiveFilters,
      elsewhere: this.#elsewhere,
      correlations: new CorrelationSet(correlations),
      useIndex: this.#options.index ?? true,
      filterApplies: this.#options.filterApplies ?? (() => true),
    });
    return { ruleset, problems: this.#problems.problems };
  }

  /** Documents refer to each other by id and name, so the second owner of one is rejected. */
  #withoutDuplicates(documents: readonly SigmaDocument[]): SigmaDocument[] {
    const owners = new Map<string, SigmaDocument>();
    return documents.filter((document) => {
      let isUnique = true;
      for (const attribute of ["id", "name"] as const) {
        const reference = document[attribute]?.toLowerCase();
        const owner = reference === undefined ? undefined : owners.get(reference);
        if (owner !== undefined) {
          isUnique = false;
          const place = `${owner.path}:${owner.line}`;
          const message = `The ${attribute} "${document[attribute]}" already belongs to "${owner.title}" (${place}).`;
          this.#problems.add(attribute === "id" ? "duplicate-id" : "duplicate-name", document.at, message);
        }
      }
      for (const reference of isUnique ? [document.id, document.name] : []) {
        if (reference !== undefined) {
          owners.set(reference.toLowerCase(), document);
        }
      }
      return isUnique;
    });
  }

  #linkRule(document: RuleDocument): { document: RuleDocument; rule: Rule; expression: Expression }[] {
    const rule = toRule(document);
    const { logsource } = this.#options;
    if (logsource !== undefined && !containsLogSource(document.logsource, logsource)) {
      this.#elsewhere.push(rule);
      this.#states.set(document, { kind: "elsewhere", linked: rule });
      return [];
    }
    const filled = this.#fill(document.detection);
    if (filled !== undefined && "empty" in filled) {
      this.#inactive.push({ document: rule, placeholders: filled.empty });
      this.#states.set(document, { kind: "inactive", linked: rule, placeholders: filled.empty });
    } else if (filled !== undefined) {
      this.#states.set(document, { kind: "active", linked: rule });
    }
    return filled !== undefined && "expression" in filled
      ? [{ document, rule, expression: filled.expression }]
      : [];
  }

  #linkFilters(
    documents: readonly FilterDocument[],
    rules: readonly RuleDocument[],
    index: DocumentIndex,
  ): { filters: Filter[]; filtersOf: Map<RuleDocument, LinkedFilter[]> } {
    const filters: Filter[] = [];
    const filtersOf = new Map<RuleDocument, LinkedFilter[]>();
    for (const document of documents) {
      const targets = targetsOf(document, rules, index, this.#problems);
      const filled = targets === undefined ? undefined : this.#fill(document.detection);
      if (targets === undefined || filled === undefined) {
        continue;
      }
      const filter = toFilter(document);
      if ("empty" in filled) {
        this.#inactiveFilters.push({ document: filter, placeholders: filled.empty });
        continue;
      }
      filters.push(filter);
      for (const target of targets) {
        const own = filtersOf.get(target) ?? [];
        own.push({ filter, expression: filled.expression });
        filtersOf.set(target, own);
      }
    }
    return { filters, filtersOf };
  }

  #fill(detection: Detection): Filled {
    const placeholders = this.#options.placeholders ?? {};
    const unknown = detection.placeholders.filter(({ name }) => !Object.hasOwn(placeholders, name));
    for (const { name, at } of unknown) {
      this.#problems.add(
        "unknown-placeholder",
        at,
        `The placeholder %${name}% is not defined.`,
        `Define the list \`${name}\` in the configuration.`,
      );
    }
    if (unknown.length > 0) {
      return undefined;
    }
    const names = detection.placeholders.map(({ name }) => name);
    const empty = names.filter((name) => placeholders[name]?.length === 0);
    if (empty.length > 0) {
      return { empty };
    }
    const problems = new ProblemList();
    const expression = new PlaceholderFiller(placeholders, problems).fill(detection.expression);
    for (const problem of problems.problems) {
      const lists = names.map((name) => `%${name}%`).join(", ");
      const message = `${problem.message} (The value comes from ${lists}.)`;
      this.#problems.add("placeholder-value", problem, message, problem.hint);
    }
    // Warnings reject as well here: an empty entry of a list would match everything.
    return problems.problems.length > 0 ? undefined : { expression };
  }
}

/** Replaces pending items by matchers. A selection that a condition names twice is filled, and its problems reported, once. */
class PlaceholderFiller {
  readonly #placeholders: PlaceholderValues;
  readonly #problems: ProblemList;
  readonly #filled = new Map<Expression, Expression>();

  constructor(placeholders: PlaceholderValues, problems: ProblemList) {
    this.#placeholders = placeholders;
    this.#problems = problems;
  }

  fill(expression: Expression): Expression {
    const known = this.#filled.get(expression);
    if (known !== undefined) {
      return known;
    }
    const filled = this.#fill(expression);
    this.#filled.set(expression, filled);
    return filled;
  }

  #fill(expression: Expression): Expression {
    switch (expression.type) {
      case "and":
      case "or":
        return { ...expression, children: expression.children.map((child) => this.fill(child)) };
      case "not":
        return { ...expression, child: this.fill(expression.child) };
      case "pending": {
        const built = buildItem(expression.item, this.#problems, this.#placeholders);
        return expression.label === undefined ? built : labelled(built, expression.label);
      }
      case "matcher":
        return expression;
    }
  }
}
