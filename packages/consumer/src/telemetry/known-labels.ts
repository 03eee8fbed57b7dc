import type { Alert } from "@streamwarden/alerting";
import { rejectionReasons } from "@streamwarden/cloudtrail";
import type { PolicySet } from "@streamwarden/policies";

/**
 * The label values that are known before anything happened. A counter that first exists when it counts hides its
 * first event from `rate()` and from an alarm on it, so each of these is exported as 0 from the start.
 */
export interface KnownLabels {
  readonly published: readonly {
    readonly policy: string;
    readonly severity: string;
    readonly kind: string;
  }[];
  readonly quarantined: readonly string[];
  /** Names of correlations. */
  readonly notCounted: readonly string[];
  readonly excepted: readonly { readonly exception: string; readonly policy: string }[];
}

const alertKinds = Object.keys({ new: 0, update: 0, summary: 0 } satisfies Record<Alert["kind"], 0>);

/** What the decoder rejects, what the pipeline cannot evaluate, and timers that are none of ours. */
const quarantineReasons: readonly string[] = [
  ...rejectionReasons,
  "not-evaluable",
  "timer-unreadable",
  "timer-format-unknown",
  "timer-hop-limit",
  "killed-the-process",
];

export function knownLabels({
  policies,
  exceptions,
  ruleset,
}: Pick<PolicySet, "policies" | "exceptions"> & {
  readonly ruleset: Pick<PolicySet["ruleset"], "rules" | "correlations">;
}): KnownLabels {
  const live = policies.filter(({ stage }) => stage === "live");
  return {
    published: live.flatMap(({ name, severity }) =>
      alertKinds.map((kind) => ({ policy: name, severity, kind })),
    ),
    quarantined: quarantineReasons,
    notCounted: ruleset.correlations.map(({ name, title }) => name ?? title),
    excepted: exceptions.flatMap(({ name: exception, filter: { rules } }) =>
      ruleset.rules
        .filter(({ id, name }) => {
          if (rules === "any") return true;
          return [id, name].some((given) => given !== undefined && rules.includes(given));
        })
        .map(({ name, id, title }) => ({ exception, policy: name ?? id ?? title })),
    ),
  };
}
