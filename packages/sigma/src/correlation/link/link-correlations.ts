import type { DocumentIndex } from "../../document-index.ts";
import type { CorrelationDocument, SigmaDocument } from "../../parse/document.ts";
import type { ProblemList } from "../../problems/problem.ts";
import type { Rule } from "../../rule.ts";
import { type Correlation, deepestChain, referenceOf } from "../correlation.ts";
import { buildCorrelation, type Member } from "./build-correlation.ts";
import { type ReferencedDocument, resolveReferences } from "./resolve-references.ts";

/** What linking made of a document: usable, waiting for configuration, about other logs, or (undefined) rejected. */
export type LinkState<T> =
  | { readonly kind: "active"; readonly linked: T }
  | { readonly kind: "inactive"; readonly linked: T; readonly placeholders: readonly string[] }
  | { readonly kind: "elsewhere"; readonly linked: T };

export interface InactiveCorrelation {
  readonly correlation: Correlation;
  /** The empty placeholder lists of the rules it is about. */
  readonly placeholders: readonly string[];
}

export interface LinkedCorrelations {
  /** In load order. */
  readonly active: readonly Correlation[];
  readonly inactive: readonly InactiveCorrelation[];
  readonly elsewhere: readonly Correlation[];
}

interface Pending {
  readonly document: CorrelationDocument;
  readonly references: readonly ReferencedDocument[];
}

/**
 * Makes correlations of their documents. A correlation over an inactive rule is inactive, one over a rule about other
 * logs is about other logs, and one over a rejected rule is rejected, all through a chain.
 */
export function linkCorrelations(
  documents: readonly SigmaDocument[],
  index: DocumentIndex,
  rules: ReadonlyMap<SigmaDocument, LinkState<Rule>>,
  problems: ProblemList,
): LinkedCorrelations {
  return new CorrelationLinker(documents, index, rules, problems).link();
}

class CorrelationLinker {
  readonly #documents: readonly CorrelationDocument[];
  readonly #index: DocumentIndex;
  readonly #problems: ProblemList;
  readonly #states = new Map<SigmaDocument, LinkState<Rule | Correlation> | undefined>();
  readonly #depths = new Map<SigmaDocument, number>();

  constructor(
    documents: readonly SigmaDocument[],
    index: DocumentIndex,
    rules: ReadonlyMap<SigmaDocument, LinkState<Rule>>,
    problems: ProblemList,
  ) {
    this.#documents = documents.filter((document) => document.kind === "correlation");
    this.#index = index;
    this.#problems = problems;
    for (const document of documents) {
      if (document.kind === "rule") {
        this.#states.set(document, rules.get(document));
      }
    }
  }

  link(): LinkedCorrelations {
    const waiting = this.#linkInOrder(this.#documents.flatMap((document) => this.#resolve(document)));
    this.#rejectCycles(waiting);
    return this.#sort();
  }

  #resolve(document: CorrelationDocument): Pending[] {
    const references = resolveReferences(document.definition, this.#index, this.#problems);
    if (references === undefined) {
      this.#states.set(document, undefined);
      return [];
    }
    return [{ document, references }];
  }

  /** Links each correlation once all that it refers to is decided, and returns those that wait for one another. */
  #linkInOrder(all: readonly Pending[]): Pending[] {
    const left = new Map<Pending, number>();
    const waitingFor = new Map<SigmaDocument, Pending[]>();
    for (const pending of all) {
      const open = pending.references.filter(({ document }) => !this.#states.has(document));
      left.set(pending, open.length);
      for (const { document } of open) {
        const others = waitingFor.get(document) ?? [];
        others.push(pending);
        waitingFor.set(document, others);
      }
    }
    const ready = all.filter((pending) => left.get(pending) === 0);
    for (const pending of ready) {
      left.delete(pending);
      this.#states.set(pending.document, this.#linkOne(pending));
      for (const other of waitingFor.get(pending.document) ?? []) {
        const open = (left.get(other) ?? 0) - 1;
        left.set(other, open);
        if (open === 0) {
          ready.push(other);
        }
      }
    }
    return [...left.keys()];
  }

  #linkOne({ document, references }: Pending): LinkState<Correlation> | undefined {
    const members: (Member & { readonly state: LinkState<Rule | Correlation> })[] = [];
    for (const { document: target, at, names } of references) {
      const state = this.#states.get(target);
      if (state === undefined) {
        const message = `"${target.title}" was rejected, so that this correlation cannot work either.`;
        this.#problems.add("rejected-rule", at, message);
      } else {
        members.push({ rule: state.linked, names, at, state });
      }
    }
    const depth =
      1 + Math.max(0, ...references.map((reference) => this.#depths.get(reference.document) ?? 0));
    this.#depths.set(document, depth);
    if (members.length < references.length) {
      return undefined;
    }
    if (depth > deepestChain) {
      const message = `The chain of correlations below this one is deeper than ${deepestChain}.`;
      this.#problems.add("correlation-depth", document.at, message);
      return undefined;
    }
    const linked = buildCorrelation(document, members, this.#problems);
    if (linked === undefined) {
      return undefined;
    }
    const states = members.map(({ state }) => state);
    if (states.some(({ kind }) => kind === "elsewhere")) {
      return { kind: "elsewhere", linked };
    }
    const placeholders = states.flatMap((state) => (state.kind === "inactive" ? state.placeholders : []));
    return placeholders.length > 0
      ? { kind: "inactive", linked, placeholders: [...new Set(placeholders)] }
      : { kind: "active", linked };
  }

  /** What is left waits for itself, or for something that does. */
  #rejectCycles(waiting: readonly Pending[]): void {
    const pendingOf = new Map<SigmaDocument, Pending>(waiting.map((pending) => [pending.document, pending]));
    for (const pending of waiting) {
      const path = cycleThrough(pending, pendingOf);
      const [first] = pending.references.filter(({ document }) => pendingOf.has(document));
      const at = first?.at ?? pending.document.at;
      if (path === undefined) {
        const message = `"${first?.document.title}" refers to itself in a circle, so that this correlation cannot work.`;
        this.#problems.add("rejected-rule", at, message);
      } else {
        const names = [...path, pending.document].map((document) => document.name ?? referenceOf(document));
        const message = `The correlation refers to itself: ${names.join(" → ")}.`;
        this.#problems.add("correlation-cycle", at, message);
      }
      this.#states.set(pending.document, undefined);
    }
  }

  #sort(): LinkedCorrelations {
    const active: Correlation[] = [];
    const inactive: InactiveCorrelation[] = [];
    const elsewhere: Correlation[] = [];
    for (const document of this.#documents) {
      const state = this.#states.get(document);
      if (state?.linked.kind !== "correlation") {
        continue;
      }
      const correlation = state.linked;
      if (state.kind === "active") {
        active.push(correlation);
      } else if (state.kind === "inactive") {
        inactive.push({ correlation, placeholders: state.placeholders });
      } else {
        elsewhere.push(correlation);
      }
    }
    return { active, inactive, elsewhere };
  }
}

/** More than anybody follows, or a terminal shows; and looking further from each of many would take long. */
const mostFollowed = 100;

/** The documents on a shortest way from a correlation back to itself. Undefined when there is none, or a very long one. */
function cycleThrough(
  start: Pending,
  pendingOf: ReadonlyMap<SigmaDocument, Pending>,
): SigmaDocument[] | undefined {
  const cameFrom = new Map<SigmaDocument, SigmaDocument | undefined>([[start.document, undefined]]);
  const queue: Pending[] = [start];
  for (const pending of queue) {
    for (const { document } of pending.references) {
      if (document === start.document) {
        const path: SigmaDocument[] = [];
        for (let step: SigmaDocument | undefined = pending.document; step !== undefined; ) {
          path.push(step);
          step = cameFrom.get(step);
        }
        return path.reverse();
      }
      const next = pendingOf.get(document);
      if (next !== undefined && !cameFrom.has(document) && queue.length < mostFollowed) {
        cameFrom.set(document, pending.document);
        queue.push(next);
      }
    }
  }
  return undefined;
}
