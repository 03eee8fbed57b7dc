import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "@streamwarden/sigma";

/** Something about a policy file, at its place. */
export interface PolicyFinding {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Stable: a problem code of Sigma or of the policies. */
  readonly code: string;
  readonly message: string;
}

/** A policy file or document that is not evaluated because something is wrong with it. */
export type RefusedPolicy = PolicyFinding;

const isPolicyFile = (name: string): boolean => /\.ya?ml$/i.test(name) && !/\.test\.ya?ml$/i.test(name);

/** The policies that files and folders hold, folders searched to the bottom; tests beside them are left out. */
export function readPolicyPaths(paths: readonly string[]): {
  readonly files: readonly SourceFile[];
  readonly refused: readonly RefusedPolicy[];
} {
  const files = new Map<string, SourceFile>();
  const refused: RefusedPolicy[] = [];
  const attempt = (path: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refused.push({
        path,
        line: 1,
        column: 1,
        code: "unreadable-path",
        message: `The policies cannot be read: ${reason}.`,
      });
    }
  };
  const take = (path: string): void =>
    attempt(path, () => {
      if (!files.has(path)) files.set(path, { path, text: readFileSync(path, "utf8") });
    });
  for (const path of paths) {
    attempt(path, () => {
      if (!statSync(path).isDirectory()) {
        take(path);
        return;
      }
      const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter(isPolicyFile);
      if (names.length === 0) {
        const message = "The folder holds no policy: no file in it ends in .yml or .yaml.";
        refused.push({ path, line: 1, column: 1, code: "no-policies", message });
      }
      for (const name of names.toSorted()) take(join(path, name));
    });
  }
  return { files: [...files.values()], refused };
}
