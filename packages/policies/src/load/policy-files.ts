import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError, readTextFile } from "@streamwarden/base";
import type { Config } from "@streamwarden/config";
import type { SourceFile } from "@streamwarden/sigma";
import type { PolicyProblem } from "../problem.ts";
import { filesUnder } from "./files-under.ts";
import { holdsNoSigma } from "./holds-no-sigma.ts";
import type { PolicySource } from "./policy-source.ts";

/** Something in a folder of policies that is not read as one. */
export interface LeftOut {
  readonly path: string;
  /** Its name begins with a dot, or it is YAML that is plainly not Sigma (`mkdocs.yml`). */
  readonly reason: "hidden" | "not-sigma";
}

/** The files of a policy set: policies and exceptions, and the tests beside them. */
export interface PolicyFiles {
  readonly policies: readonly SourceFile[];
  readonly tests: readonly SourceFile[];
  readonly leftOut: readonly LeftOut[];
  readonly problems: readonly PolicyProblem[];
}

/** A value list of 200,000 entries has about five million bytes. */
const maximumBytes = 16 * 1024 * 1024;

/** Tests stand beside their policy: `name.yml` and `name.test.yml`. */
function isTestFile(path: string): boolean {
  return /\.test\.ya?ml$/i.test(path);
}

/** Reads the files of a source. What cannot be read is among the problems, and the others are read all the same. */
export function readPolicyFiles(source: PolicySource, config: Config): PolicyFiles {
  if (typeof source === "object" && "files" in source) {
    return { ...apart(source.files), leftOut: [], problems: [] };
  }
  const isConfigured = source === "configured";
  const pack = isConfigured && config.policies.pack ? [packDirectory(config)] : [];
  const reader = new Reader(isConfigured ? `Correct policies.paths in ${shown(config.path)}.` : undefined);
  for (const root of [...pack, ...(isConfigured ? config.policies.paths : source.paths)]) reader.read(root);
  return reader.files();
}

/**
 * The folder of the shipped policies: beside this source, or, where it is bundled to one file, beside the configuration
 * that travels with it (Lambda) or below the working directory (a deployment by SST).
 */
function packDirectory(config: Config): string {
  const withConfig = join(dirname(config.path), "packages/policies/rules");
  const places = [
    fileURLToPath(new URL("../../rules", import.meta.url)),
    withConfig,
    resolve("packages/policies/rules"),
  ];
  return places.find(existsSync) ?? withConfig;
}

class Reader {
  readonly #hint: string | undefined;
  /** By absolute path. */
  readonly #files = new Map<string, SourceFile>();
  readonly #leftOut: LeftOut[] = [];
  readonly #problems: PolicyProblem[] = [];

  constructor(hint: string | undefined) {
    this.#hint = hint;
  }

  read(root: string): void {
    try {
      const found = filesUnder(root);
      if (found === undefined) {
        this.#take(root, true);
        return;
      }
      for (const path of found.hidden) this.#leftOut.push({ path: shown(path), reason: "hidden" });
      for (const path of found.files) this.#take(path, false);
      if (!found.files.some((path) => !isTestFile(path) && this.#files.has(resolve(path)))) {
        const message = "The folder holds no policy: no Sigma file in it ends in .yml or .yaml.";
        this.#report("no-policies", root, message);
      }
    } catch (error) {
      this.#unreadable(root, error);
    }
  }

  files(): PolicyFiles {
    const { policies, tests } = apart([...this.#files.values()]);
    return {
      policies,
      tests,
      leftOut: this.#leftOut,
      // A folder that is still empty is no reason to watch nothing.
      problems: this.#problems.map((problem) =>
        problem.code === "no-policies" && policies.length > 0 ? { ...problem, severity: "warning" } : problem,
      ),
    };
  }

  /** A file that was named by itself is meant, whatever is in it. */
  #take(path: string, isNamed: boolean): void {
    if (this.#files.has(resolve(path))) return;
    let text: string;
    try {
      text = readTextFile(path, maximumBytes);
    } catch (error) {
      this.#unreadable(path, error);
      return;
    }
    if (!isNamed && !isTestFile(path) && holdsNoSigma(text)) {
      this.#leftOut.push({ path: shown(path), reason: "not-sigma" });
      return;
    }
    this.#files.set(resolve(path), { path: shown(path), text });
  }

  #unreadable(path: string, error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    this.#report("unreadable-path", path, `The policies cannot be read: this path ${error.message}.`, error);
  }

  #report(
    code: "unreadable-path" | "no-policies",
    path: string,
    message: string,
    { line, column } = { line: 1, column: 1 },
  ): void {
    const hint = this.#hint === undefined ? {} : { hint: this.#hint };
    this.#problems.push({ code, severity: "error", message, ...hint, path: shown(path), line, column });
  }
}

function apart(files: readonly SourceFile[]): Pick<PolicyFiles, "policies" | "tests"> {
  return {
    policies: files.filter(({ path }) => !isTestFile(path)),
    tests: files.filter(({ path }) => isTestFile(path)),
  };
}

/** Below the working directory a relative path is shorter, and terminals make it a link all the same. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}
