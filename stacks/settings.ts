import { relative, resolve } from "node:path";
import {
  type Config,
  type Destinations,
  type EmailSubscription,
  emailSubscriptions,
  loadConfig,
} from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";

/** What the stacks need of `streamwarden.yml`. Paths are relative to the repository. */
export interface Settings {
  readonly homeRegion: string;
  /** Who is told by email, and of which alerts. */
  readonly email: readonly EmailSubscription[];
  /** Where else alerts go. */
  readonly destinations: Destinations;
  /** What the consumer reads when it starts: where it lies here, and its name in the deployed bundle. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
}

/** The configuration's name in the deployed bundle. */
export const deployedConfig = "streamwarden.yml";

/** The policies that ship with the product keep their place, because the code beside them finds them there. */
const policyPack = "packages/policies/rules";

/**
 * Reads the configuration of this deployment: the file that STREAMWARDEN_CONFIG names (so that each stage can have its
 * own), or else `streamwarden.yml`. SST runs in the repository's folder.
 *
 * @throws ConfigError for a wrong file, and Error for policies that have errors or cannot travel with it; both stop the
 * deployment
 */
export function readSettings(): Settings {
  const root = process.cwd();
  const path = resolve(root, process.env.STREAMWARDEN_CONFIG ?? deployedConfig);
  const config = loadConfig(path);
  rejectBrokenPolicies(config);
  // Own policies are found relative to the configuration file, here as in the bundle.
  const ownPolicies = config.policies.paths.map((policies) => {
    const to = relative(resolve(path, ".."), policies);
    if (to.startsWith("..")) {
      throw new Error(
        `${path}: \`policies.paths\` names ${policies}, which is outside the folder of this file, so it cannot be deployed with it. Move the policies or the file.`,
      );
    }
    return { from: relative(root, policies), to };
  });
  return {
    homeRegion: config.capture.homeRegion,
    email: emailSubscriptions(config),
    destinations: config.destinations,
    files: [
      { from: relative(root, path), to: deployedConfig },
      { from: policyPack, to: policyPack },
      ...ownPolicies,
    ],
  };
}

/** The consumer would not start with them, which nobody sees until its queue has grown. */
function rejectBrokenPolicies(config: Config): void {
  const errors = loadPolicies("configured", config).problems.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const lines = errors.map(({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`);
  throw new Error(
    `These policies have errors, so nothing is deployed (\`streamwarden check\`):\n${lines.join("\n")}`,
  );
}
