import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorMessage, FileError, statRegularFile } from "@streamwarden/base";

/** What a folder holds that concerns policies. */
interface FoundFiles {
  /** Paths that end in `.yml` or `.yaml`, in the order of their names, folders after folders. */
  readonly files: readonly string[];
  /** Files and folders whose names begin with a dot: those of git and of other tools. They are not entered. */
  readonly hidden: readonly string[];
}

/**
 * The YAML files below a folder; undefined where the path is a file. Links are followed, each real folder once, so that
 * a link to a folder above ends, and the folders of a mounted Kubernetes ConfigMap are read through its links.
 *
 * @throws FileError when the path cannot be looked at.
 */
export function filesUnder(root: string): FoundFiles | undefined {
  if (!isFolder(root)) {
    statRegularFile(root);
    return undefined;
  }
  const files: string[] = [];
  const hidden: string[] = [];
  const entered = new Set<string>();
  const enter = (folder: string): void => {
    const real = realpathSync(folder);
    if (entered.has(real)) return;
    entered.add(real);
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) {
        if (isInteresting(entry)) hidden.push(path);
      } else if (entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path))) enter(path);
      else if (isYaml(entry.name)) files.push(path);
    }
  };
  enter(root);
  return { files, hidden };
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** A hidden file of another kind would not have been read either. */
function isInteresting(entry: Dirent): boolean {
  return entry.isDirectory() || isYaml(entry.name);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((left, right) =>
      left.name < right.name ? -1 : 1,
    );
  } catch (error) {
    throw new FileError("file-unreadable", `holds a folder that cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
