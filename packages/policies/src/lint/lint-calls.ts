import { captureRules, compilePattern } from "@streamwarden/capture";
import { type IvsOperation, ivsEventSources, ivsOperations } from "@streamwarden/cloudtrail";
import { nearest, type RuleDocument } from "@streamwarden/sigma";
import { didYouMean, type UnknownName } from "./record-fields.ts";

export type Expression = RuleDocument["detection"]["expression"];
type Matcher = Extract<Expression, { readonly type: "matcher" }>["matcher"];

/** Which calls a part of a condition can be true of, in lower case; undefined where it does not say. */
export interface Calls {
  readonly sources: ReadonlySet<string> | undefined;
  readonly operations: ReadonlySet<string> | undefined;
}

export const anyCall: Calls = { sources: undefined, operations: undefined };

/** The calls that an expression requires, by equality. */
export function callsOf(expression: Expression): Calls {
  switch (expression.type) {
    case "matcher":
      return callsOfMatcher(expression.matcher);
    case "and":
      return expression.children.map(callsOf).reduce(both, anyCall);
    case "or": {
      const [first = anyCall, ...others] = expression.children.map(callsOf);
      return others.reduce(either, first);
    }
    case "not":
    case "pending":
      return anyCall;
  }
}

function callsOfMatcher({ field, exact }: Matcher): Calls {
  if (exact === undefined || exact.numeric) return anyCall;
  const texts = new Set([...exact.texts].map((text) => text.toLowerCase()));
  return {
    sources: field === "eventSource" ? texts : undefined,
    operations: field === "eventName" ? texts : undefined,
  };
}

/** Both must hold. */
export function both(left: Calls, right: Calls): Calls {
  return {
    sources: intersection(left.sources, right.sources),
    operations: intersection(left.operations, right.operations),
  };
}

function either(left: Calls, right: Calls): Calls {
  return {
    sources: union(left.sources, right.sources),
    operations: union(left.operations, right.operations),
  };
}

type Texts = ReadonlySet<string> | undefined;
function intersection(left: Texts, right: Texts): Texts {
  return left === undefined || right === undefined ? (left ?? right) : left.intersection(right);
}
function union(left: Texts, right: Texts): Texts {
  return left === undefined || right === undefined ? undefined : left.union(right);
}

/** The catalog's operations of some sources; undefined where a source is not of Amazon IVS, or none is known. */
function catalogOf({ sources }: Calls): readonly IvsOperation[] | undefined {
  return sources === undefined ||
    sources.size === 0 ||
    [...sources].some((source) => !ivsEventSources.has(source))
    ? undefined
    : ivsOperations.filter(({ eventSource }) => sources.has(eventSource));
}

/** An operation that Amazon IVS does not have, as far as the catalog knows. */
export function unknownOperation(calls: Calls): UnknownName | undefined {
  const catalog = catalogOf(calls);
  const names = new Set(catalog?.map(({ operation }) => operation.toLowerCase()));
  const unknown =
    catalog === undefined ? undefined : [...(calls.operations ?? [])].find((name) => !names.has(name));
  if (unknown === undefined) return undefined;
  const meant = nearest(unknown, catalog?.map(({ operation }) => operation) ?? []);
  const elsewhere = ivsOperations.find(({ operation }) => operation === catalogNames.get(unknown));
  const hint =
    elsewhere === undefined
      ? meant && didYouMean(meant)
      : `${elsewhere.operation} belongs to \`eventSource: ${elsewhere.eventSource}\`.`;
  return { name: elsewhere?.operation ?? unknown, hint };
}

/** Operations as AWS writes them, for messages. */
export function shownOperations({ operations }: Calls): string {
  return [...(operations ?? [])].map((name) => catalogNames.get(name) ?? name).join(", ") || "any call";
}

const catalogNames = new Map(ivsOperations.map(({ operation }) => [operation.toLowerCase(), operation]));

/** The first part of a request field that none of the operations takes. */
export function unknownRequestKey(field: string, calls: Calls): UnknownName | undefined {
  const [root, key] = field.split(".");
  const { operations } = calls;
  const catalog = catalogOf(calls);
  if (root !== "requestParameters" || key === undefined || operations === undefined || catalog === undefined)
    return undefined;
  const meantOperations = catalog.filter(({ operation }) => operations.has(operation.toLowerCase()));
  const known = new Set(meantOperations.map(({ operation }) => operation.toLowerCase()));
  // An operation that the catalog does not know may take anything.
  if (operations.size === 0 || operations.size > known.size) return undefined;
  const keys = new Set(meantOperations.flatMap(({ inputKeys }) => inputKeys));
  if (keys.has(key)) return undefined;
  const meant = nearest(key, keys);
  const all = `Its request has ${[...keys].toSorted().join(", ")}.`;
  return { name: key, hint: meant === undefined ? all : didYouMean(`requestParameters.${meant}`) };
}

/** Names compare in lower case here, as they do in Sigma. */
const patterns = captureRules.map(
  ({ pattern }) => JSON.parse(JSON.stringify(pattern).toLowerCase()) as unknown,
);
const matchers = patterns.map((pattern) => compilePattern(pattern));
const capturedSources = new Set(patterns.flatMap((pattern) => sourcesIn(pattern)));

/** Whether no capture rule lets any of the calls through. False where that is unknown. */
export function isNeverCaptured({ sources, operations }: Calls): boolean {
  if (sources === undefined || sources.size === 0) return false;
  const captured = [...sources].filter((source) => capturedSources.has(eventBridgeSource(source)));
  if (captured.length === 0 || operations === undefined) return captured.length === 0;
  return !captured.some((source) =>
    [...operations].some((eventname) => {
      const event = {
        source: eventBridgeSource(source),
        "detail-type": "aws api call via cloudtrail",
        detail: { eventname },
      };
      return matchers.some((isCaptured) => isCaptured(event));
    }),
  );
}

function eventBridgeSource(eventSource: string): string {
  return `aws.${eventSource.replace(/\.amazonaws\.com$/, "")}`;
}

/** All values of `source` in a pattern, its alternatives included. Patterns are ours, and flat. */
function sourcesIn(pattern: unknown): string[] {
  if (typeof pattern !== "object" || pattern === null) return [];
  return Object.entries(pattern).flatMap(([key, value]) =>
    key === "source" && Array.isArray(value) ? value.map(String) : sourcesIn(value),
  );
}
