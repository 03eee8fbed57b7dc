import { existsSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";

/** File name of the configuration. */
const configName = "streamwarden.yml";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that the command was called from.
 *
 * npm runs the scripts of the root package in the root, wherever they are called from, and leaves the caller's folder in
 * INIT_CWD. That variable is inherited by whatever a script starts, so it counts only where npm runs one of ours.
 */
export function callersFolder(env: Environment, project: string, folder: string): string {
  const { npm_lifecycle_event: script = "", npm_package_json: manifest, INIT_CWD: caller } = env;
  const isOurs = ourScripts.has(script) && isSameFile(manifest, join(project, "package.json"));
  return isOurs && caller !== undefined && existsSync(caller) ? caller : folder;
}

const ourScripts = new Set(["start", "streamwarden"]);

/** npm may know the project by a symbolic link. */
function isSameFile(path: string | undefined, other: string): boolean {
  return path !== undefined && existsSync(path) && realpathSync(path) === realpathSync(other);
}

/**
 * The configuration that is meant when none is named, as a path from the caller's folder: the one there, or the project's
 * where npm runs the command.
 *
 * @param started the folder that the process was started in.
 */
export function defaultConfigFor(caller: string, started: string): string {
  return existsSync(join(caller, configName)) ? configName : join(relative(caller, started), configName);
}
