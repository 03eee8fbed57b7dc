import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import { type FileItem, type ReplayProblem, readRecordFile } from "@streamwarden/replay";
import { CliError } from "./errors.ts";
import type { Terminal } from "./ui/terminal.ts";

/** What a file of records holds, and a line about each reason for which something in it is none. */
export interface RecordItems {
  readonly items: readonly FileItem[];
  readonly notes: readonly string[];
}

/**
 * What a file holds, or standard input for `-`, in every shape that a replay reads.
 *
 * @throws CliError `cli-input` when the file cannot be read to its end, with line and column, or holds nothing.
 */
export async function readItems(path: string, terminal: Terminal): Promise<RecordItems> {
  const { outcome, items, problems } = await readRecordFile(path, { standardInput: terminal.stdin });
  const damage = problems.find(
    (problem) => problem.outcome === "damaged" || problem.outcome === "unreadable",
  );
  if (damage !== undefined && (items.length === 0 || outcome !== "read"))
    throw new CliError("cli-input", `${placeOf(path, damage)}: ${damage.message}`);
  if (items.length === 0) {
    const [first] = problems;
    const reason = first === undefined ? "The list of records is empty." : first.message;
    throw new CliError("cli-input", `${path} holds no CloudTrail record: ${reason}`);
  }
  const notes = problems
    // An event that is not a record is an item of its own.
    .filter(({ reason }) => reason !== "service-event" && reason !== "canary")
    .map((problem) => `left out (${problem.reason}${numbers(problem)}): ${problem.message}`);
  return { items, notes };
}

/**
 * The records of a file that a person looks at. What else is in it is named beside them, where errors are.
 *
 * @throws CliError `cli-input` as `readItems`, and where there is no record.
 */
export async function readRecords(path: string, terminal: Terminal): Promise<readonly CloudTrailRecord[]> {
  const { items, notes } = await readItems(path, terminal);
  const records = items.flatMap((item) => (item.kind === "record" ? [item.record] : []));
  if (records.length === 0) {
    throw new CliError("cli-input", `${path} holds no CloudTrail record: It is an event of another kind.`);
  }
  terminal.err.print(...notes.map((note) => `${path}: ${note}`));
  return records;
}

function placeOf(path: string, { place }: ReplayProblem): string {
  return place === undefined ? `${path} cannot be read` : `${path}:${place.line}:${place.column}`;
}

function numbers({ records, count }: ReplayProblem): string {
  if (records.length === 0) return "";
  return ` at ${records.join(", ")}${count > records.length ? " ..." : ""}`;
}
