import { parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";

/** The policies of files and folders, with the default configuration. */
export const policiesAt = (...paths: readonly string[]): PolicySet =>
  loadPolicies({ paths }, parseConfig("", "streamwarden.yml"));
