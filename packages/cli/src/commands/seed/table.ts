import {
  type DocumentKind,
  learningDocuments,
  type StateStore,
  StateStoreError,
  termDocuments,
} from "@streamwarden/detection";
import {
  learningRetentionSeconds,
  mergeLearning,
  teachTerm,
  termRetentionSeconds,
} from "@streamwarden/policies";
import pMap from "p-map";
import { CliError } from "../../errors.ts";
import type { PolicyPlan } from "./plan.ts";

/** What became of the documents of one policy, or would become of them. */
export interface DocumentCounts {
  new: number;
  changed: number;
  unchanged: number;
  /** Not looked at, because it was interrupted. */
  left: number;
}

/** What the table holds of one policy afterwards. */
export interface SeededPolicy extends PolicyPlan {
  readonly documents: Readonly<DocumentCounts>;
  /** The earliest record of each set of `by` values, by history and table together; milliseconds since the epoch. */
  readonly earliest: readonly number[];
}

export interface SeedTableOptions {
  readonly store: StateStore;
  readonly tableName: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Called after each document. */
  readonly onDocument?: () => void;
}

const concurrentUpdates = 16;
/** No document has this key: reading it shows whether the table can be used. */
const absentKey = "first-seen-seed";

/**
 * Fails early where the table cannot be used.
 *
 * @throws CliError `cli-table`.
 */
export async function probeTable({ store, tableName }: SeedTableOptions): Promise<void> {
  await attempt(
    tableName,
    () => false,
    () => store.read(absentKey),
  );
}

/**
 * Adds what the policies are to be taught to the table. Terms come before the beginning of their learning period: a
 * table that was seeded in part then knows more than before, and causes no alert that would not have come anyway.
 *
 * @throws CliError `cli-table`; what was written stays, and doing it again completes it.
 */
export async function seedTable(
  plans: readonly PolicyPlan[],
  options: SeedTableOptions,
): Promise<SeededPolicy[]> {
  const { store, tableName, dryRun, signal } = options;
  const seeded: SeededPolicy[] = [];
  let isAnyWritten = false;
  for (const plan of plans) {
    const { terms, groups, policy } = plan;
    const counts: DocumentCounts = { new: 0, changed: 0, unchanged: 0, left: terms.length + groups.length };
    const earliest: number[] = [];
    const put = async <T extends object>(
      kind: DocumentKind<T>,
      key: string,
      ttlSeconds: number,
      change: (current: T | undefined) => T | undefined,
    ) => {
      let outcome: keyof DocumentCounts = "unchanged";
      let wanted: T | undefined;
      await attempt(
        tableName,
        () => isAnyWritten,
        () =>
          kind.update<T | undefined>(store, key, ttlSeconds, (current) => {
            wanted = change(current);
            outcome = wanted === current ? "unchanged" : current === undefined ? "new" : "changed";
            return dryRun ? current : wanted;
          }),
      );
      isAnyWritten ||= !dryRun && outcome !== "unchanged";
      counts[outcome]++;
      counts.left--;
      options.onDocument?.();
      return wanted;
    };
    const { firstSeen } = policy;
    if (firstSeen === undefined) continue;
    const { withinSeconds } = firstSeen;
    await forEach(terms, signal, async ([key, document]) => {
      const retention = termRetentionSeconds(firstSeen);
      await put(termDocuments, key, retention, (current) => teachTerm(current, document, withinSeconds));
    });
    await forEach(groups, signal, async ([key, document]) => {
      const found = await put(learningDocuments, key, learningRetentionSeconds, (current) =>
        mergeLearning(current, document),
      );
      if (found !== undefined) earliest.push(found.earliest);
    });
    seeded.push({ ...plan, documents: counts, earliest });
  }
  return seeded;
}

/** Some at a time. After an interruption or a failure those that began are finished, and no more begin. */
async function forEach<T>(
  items: readonly T[],
  signal: AbortSignal,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const begin = async (item: T): Promise<void> => {
    if (!signal.aborted && failures.length === 0)
      await task(item).catch((error: unknown) => failures.push(error));
  };
  await pMap(items, begin, { concurrency: concurrentUpdates });
  if (failures.length > 0) throw failures[0];
}

async function attempt<T>(
  tableName: string,
  isAnyWritten: () => boolean,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof StateStoreError)) throw error;
    const afterwards = isAnyWritten()
      ? " What was written stays and is valid; the same command completes it."
      : " Nothing was written.";
    throw new CliError("cli-table", `${sentenceOf(error, tableName)}${afterwards}`, { cause: error });
  }
}

/** The store's own sentence speaks of messages that wait in a queue, where it is about more than the table. */
function sentenceOf(error: StateStoreError, tableName: string): string {
  const { code, message, cause } = error;
  if (code !== "state-store-unavailable") return message;
  const reason =
    cause instanceof Error ? `${cause.name}: ${cause.message.replace(/\.$/, "")}` : String(cause);
  return `The state table ${tableName} cannot be reached (${reason}): check AWS_REGION, the credentials, AWS_ENDPOINT_URL and the network.`;
}
