import { loadConfig, parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";

export interface PolicyOptions {
  /** Policy files and folders instead of the configuration's. */
  readonly policies?: readonly string[];
  readonly config?: string;
}

/**
 * The policies that a command is about. With `--policies` the configuration gives lists only, and without `--config` the
 * defaults hold: a rule set is judged the same in whatever folder the command runs.
 *
 * @param defaultConfig the configuration that is meant when none is named.
 * @throws ConfigError
 */
export function policiesOf({ policies, config }: PolicyOptions, defaultConfig: string): PolicySet {
  if (policies === undefined) return loadPolicies("configured", loadConfig(config ?? defaultConfig));
  return loadPolicies(
    { paths: policies },
    config === undefined ? parseConfig("", defaultConfig) : loadConfig(config),
  );
}
