import type { Policy } from "../policy.ts";
import type { PolicyProblem } from "../problem.ts";

/**
 * Policies that what stands in for a missing id and name does not distinguish: their incidents and windows would be
 * one. Ids and names that are written are unique already.
 */
export function problemsOfIdentities(policies: readonly Policy[]): PolicyProblem[] {
  const owners = Map.groupBy(
    policies.flatMap((policy) =>
      [...new Set([policy.id, policy.name])].map((called) => ({ policy, called })),
    ),
    ({ called }) => called.toLowerCase(),
  );
  return policies
    .filter(({ rule }) => rule.id === undefined && rule.name === undefined)
    .flatMap(({ name, title, path, line }): PolicyProblem[] => {
      const other = owners
        .get(name.toLowerCase())
        ?.find(({ policy }) => policy.path !== path || policy.line !== line);
      if (name !== "" && other === undefined) return [];
      const message =
        name === ""
          ? `"${title}" has neither id nor name, and its title makes none.`
          : `"${title}" has neither id nor name, and its title makes the name "${name}" of another policy (${other?.policy.path}:${other?.policy.line}).`;
      const hint = "Give it a `name` of its own: incidents and windows are kept under it.";
      return [{ code: "unnamed-policy", severity: "error", message, hint, path, line, column: 1 }];
    });
}
