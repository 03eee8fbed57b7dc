import { parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";

/** The policies of files and folders, with the default configuration. */
export function policiesAt(...paths: readonly string[]): PolicySet {
  return loadPolicies({ paths }, parseConfig("", "streamwarden.yml"));
}
