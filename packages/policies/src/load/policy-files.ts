import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "@streamwarden/config";
import type { SourceFile } from "@streamwarden/sigma";
import type { PolicyProblem } from "../problem.ts";

/** The files of a policy set: policies and exceptions, and the tests beside them. */
export interface PolicyFiles {
  readonly policies: readonly SourceFile[];
  readonly tests: readonly SourceFile[];
  readonly problems: readonly PolicyProblem[];
}

const testSuffix = /\.test\.ya?ml$/;
const policySuffix = /\.ya?ml$/;

/** Tests stand beside their policy: `name.yml` and `name.test.yml`. */
export const isTestFile = (path: string): boolean => testSuffix.test(path);

/** Reads the pack (unless it is switched off) and the files and folders that the configuration names. */
export const readPolicyFiles = (config: Config): PolicyFiles => {
  const problems: PolicyProblem[] = [];
  const roots = [...(config.policies.pack ? [packDirectory(config)] : []), ...config.policies.paths];
  const hint = `Correct policies.paths in ${shown(config.path)}.`;
  const report: Report = (code, path, message) => {
    problems.push({ code, severity: "error", message, hint, path: shown(path), line: 1, column: 1 });
  };
  const paths = new Set(roots.flatMap((root) => filesUnder(root, report)));
  const files = [...paths].flatMap((path) => read(path, report));
  const policies = files.filter(({ path }) => !isTestFile(path));
  return {
    policies,
    tests: files.filter(({ path }) => isTestFile(path)),
    // A folder that is still empty is no reason to watch nothing.
    problems: problems.map((problem) =>
      problem.code === "no-policies" && policies.length > 0 ? { ...problem, severity: "warning" } : problem,
    ),
  };
};

/**
 * The folder of the shipped policies: beside this source, or, in a Lambda bundle, which is one file, beside the
 * configuration that travels with it.
 */
export const packDirectory = (config?: Config): string => {
  const beside = fileURLToPath(new URL("../../rules", import.meta.url));
  return existsSync(beside) || config === undefined
    ? beside
    : join(dirname(config.path), "packages/policies/rules");
};

type Report = (code: "unreadable-path" | "no-policies", path: string, message: string) => void;

const filesUnder = (root: string, report: Report): string[] => {
  try {
    if (!statSync(root).isDirectory()) return [root];
    const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
      policySuffix.test(name),
    );
    if (!names.some((name) => !isTestFile(name))) {
      report("no-policies", root, "The folder holds no policy: no file in it ends in .yml or .yaml.");
    }
    return names.toSorted().map((name) => join(root, name));
  } catch (error) {
    report("unreadable-path", root, unreadable(error));
    return [];
  }
};

const read = (path: string, report: Report): SourceFile[] => {
  try {
    return [{ path: shown(path), text: readFileSync(path, "utf8") }];
  } catch (error) {
    report("unreadable-path", path, unreadable(error));
    return [];
  }
};

/** Below the working directory a relative path is shorter, and terminals make it a link all the same. */
const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
};

const unreadable = (error: unknown): string =>
  `The policies cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
