import { type Level, levels } from "@streamwarden/sigma";
import { RouteError, type RouteErrorCode } from "./errors.ts";

/** What an alert message can be about: `kind` in its attributes. */
export const routeKinds = ["new", "update", "summary", "digest"] as const;

/** Which alerts a subscription gets. All that is named must hold; of a list, one value is enough. */
export interface Route {
  /** For error messages. */
  readonly name: string;
  readonly minimumSeverity?: Level;
  /** Policy names; one that ends in `*` stands for all that begin so. */
  readonly policies?: readonly string[];
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  /** ATT&CK tactics as Sigma tags write them: `initial-access`. */
  readonly tactics?: readonly string[];
  readonly kinds?: readonly (typeof routeKinds)[number][];
  /** `people` (default) gets direct alerts and digests; `all` also gets what a storm held back, for SIEMs. */
  readonly audience?: "people" | "all";
}

type Condition = string | { readonly prefix: string };

/** An SNS filter policy on message attributes. */
export type FilterPolicy = Readonly<Record<string, readonly Condition[]>>;

export interface CompiledRoute {
  readonly filterPolicyScope: "MessageAttributes";
  /** Undefined when the route takes everything: SNS rejects an empty policy. */
  readonly filterPolicy: FilterPolicy | undefined;
}

/** Source: SNS developer guide, filter policy constraints. */
const maximumKeys = 5;
const maximumCombinations = 150;
const maximumPolicyBytes = 256 * 1024;

const accountShape = /^\d{12}$/;
const regionShape = /^[a-z]{2}(-[a-z]+)+-\d$/;
const wordShape = /^[a-z][a-z-]*$/;
const policyShape = /^[A-Za-z0-9][A-Za-z0-9._-]*\*?$/;

/**
 * Compiles a route to an SNS filter policy, or rejects it: SNS itself would reject it only at deployment, or
 * (a value that can never occur) accept it and never deliver.
 *
 * @throws RouteError with the route's name, what is wrong and what to do.
 */
export function compileRoute(route: Route): CompiledRoute {
  const reject = (code: RouteErrorCode, reason: string): RouteError =>
    new RouteError(code, `Route "${route.name}" ${reason}`);
  const policy: Record<string, readonly Condition[]> = {};
  const add = (key: string, values: readonly string[] | undefined, shape: RegExp, example: string): void => {
    if (values === undefined) return;
    if (values.length === 0)
      throw reject(
        "route-invalid-value",
        `has an empty list of ${key} values: leave the key out, or name one.`,
      );
    const wrong = values.find((value) => !shape.test(value));
    if (wrong !== undefined) {
      throw reject(
        "route-invalid-value",
        `names the ${key} ${JSON.stringify(wrong)}, which cannot occur; a ${key} is like ${example}.`,
      );
    }
    policy[key] = [...new Set(values)].map(condition);
  };
  if ((route.audience ?? "people") === "people") policy.delivery = ["direct"];
  const from = route.minimumSeverity === undefined ? 0 : levels.indexOf(route.minimumSeverity);
  if (from < 0) {
    throw reject("route-invalid-value", `has an unknown minimum severity: use ${levels.join(", ")}.`);
  }
  if (from > 0) policy.severity = levels.slice(from);
  add("policy", route.policies, policyShape, "ivs-stream-key-read or ivs-*");
  add("account", route.accounts, accountShape, "123456789012");
  add("region", route.regions, regionShape, "us-west-2");
  add("tactic", route.tactics, wordShape, "initial-access");
  add("kind", route.kinds, /^(?:new|update|summary|digest)$/, "new, update, summary or digest");
  check(policy, reject);
  return {
    filterPolicyScope: "MessageAttributes",
    filterPolicy: Object.keys(policy).length === 0 ? undefined : policy,
  };
}

function condition(value: string): Condition {
  return value.endsWith("*") ? { prefix: value.slice(0, -1) } : value;
}

function check(policy: FilterPolicy, reject: (code: RouteErrorCode, reason: string) => RouteError): void {
  const keys = Object.keys(policy);
  if (keys.length > maximumKeys) {
    throw reject(
      "route-too-many-keys",
      `filters on ${keys.length} things (${keys.join(", ")}), but SNS takes ${maximumKeys}: leave one out or make two routes.`,
    );
  }
  const combinations = Object.values(policy).reduce((product, values) => product * values.length, 1);
  if (combinations > maximumCombinations) {
    const counts = Object.entries(policy).map(([key, values]) => `${values.length} ${key}`);
    throw reject(
      "route-too-many-combinations",
      `has ${combinations} combinations (${counts.join(" x ")}), but SNS takes ${maximumCombinations}: use a prefix such as ivs-*, or split it into several routes.`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(policy)) > maximumPolicyBytes) {
    throw reject(
      "route-too-large",
      `is larger than the 256 KB that SNS takes: split it into several routes.`,
    );
  }
}
