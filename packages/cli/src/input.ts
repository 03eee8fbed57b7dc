import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { CliError } from "./errors.ts";
import type { Terminal } from "./ui/terminal.ts";

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws CliError `cli-input` with a sentence.
 */
export async function readInput(path: string, terminal: Terminal): Promise<Buffer> {
  if (path === "-") return await buffer(terminal.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new CliError("cli-input", `${path} cannot be read: ${reasons[code] ?? message}.`, { cause: error });
  }
}
