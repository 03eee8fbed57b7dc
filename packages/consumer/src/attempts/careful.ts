import { errorMessage } from "@streamwarden/base";
import {
  addBalances,
  type Balance,
  type BatchResult,
  emptyBalance,
  type Message,
  type MessageOutcome,
  type Pipeline,
  type QuarantineReason,
} from "@streamwarden/detection";
import { killedTheProcess } from "../queue/dead-letter-queue.ts";
import type { Deadlines } from "../service/deadlines.ts";
import { type AttemptHistory, isPoison, isSuspect } from "./attempt-history.ts";
import type { Attempts } from "./attempts.ts";
import { Gate } from "./gate.ts";

/** A message as a queue handed it out. */
export interface QueueMessage extends Message {
  readonly queueUrl: string;
  readonly receiptHandle: string | undefined;
  /** How often SQS handed it out, this time included. */
  readonly receiveCount: number;
}

export interface CarefulResult extends BatchResult {
  /**
   * Messages whose attempt ended in order while the table could not be told. They must come again soon: what stays away
   * as long as the visibility timeout looks as if its process had died.
   */
  readonly open: ReadonlySet<string>;
}

interface CarefulOptions {
  readonly pipeline: Pipeline;
  readonly attempts: Attempts;
  /** Deletes messages that are done, before others are met that could end the process. */
  readonly forget: (messages: readonly QueueMessage[], signal: AbortSignal) => Promise<void>;
  readonly quarantine: (
    message: Message,
    rejection: QuarantineReason,
    call: { readonly signal: AbortSignal },
  ) => Promise<void>;
  readonly failed: (error: unknown) => void;
  readonly quarantineFailed: (message: Message, rejection: QuarantineReason, error: unknown) => void;
}

type Known = { readonly message: QueueMessage; readonly history: AttemptHistory };

/**
 * Puts messages through the pipeline so that one of them which ends the process takes no other along for long. A message
 * that comes for the first time is not looked into; one that comes again is marked before, and its marker is cleared
 * after. One with an uncleared marker is met alone in the process, when all others are done and deleted.
 */
export class Careful {
  readonly #options: CarefulOptions;
  readonly #gate = new Gate();

  constructor(options: CarefulOptions) {
    this.#options = options;
  }

  async process(messages: readonly QueueMessage[], deadlines: Deadlines): Promise<CarefulResult> {
    const { pipeline, attempts, forget } = this.#options;
    const results: BatchResult[] = [];
    const { known, unknown } = await this.#look(messages, deadlines);
    results.push(unknown);
    const suspects = known.filter(({ history }) => isSuspect(history));
    const apart = new Set([
      ...suspects.map(({ message }) => message.id),
      ...unknown.outcomes.map(({ id }) => id),
    ]);
    const company = messages.filter(({ id }) => !apart.has(id));
    const together =
      company.length === 0
        ? empty
        : await this.#gate.together(() => pipeline.process(company, deadlines.work));
    results.push(together);
    const open = new Set(await attempts.end(company.filter(isAgain), deadlines.closing));
    if (suspects.length > 0) await forget(doneOf(company, together), deadlines.closing.signal);
    // Who was alone with a death before comes last, so that the others are through by then.
    for (const suspect of suspects.toSorted((a, b) => a.history.alone - b.history.alone)) {
      const result = await this.#meet(suspect, deadlines, open);
      results.push(result);
      if (suspects.length > 1) await forget(doneOf([suspect.message], result), deadlines.closing.signal);
    }
    const outcomes = new Map(results.flatMap((result) => result.outcomes).map((one) => [one.id, one]));
    return {
      outcomes: messages.map(
        ({ id }) => outcomes.get(id) ?? { id, outcome: "returned", reason: "not begun" },
      ),
      balance: results.map(({ balance }) => balance).reduce(addBalances, emptyBalance),
      open,
    };
  }

  /** What is known of those that have come again; those of which it cannot be known are returned. */
  async #look(
    messages: readonly QueueMessage[],
    { work }: Deadlines,
  ): Promise<{ readonly known: readonly Known[]; readonly unknown: BatchResult }> {
    const known: Known[] = [];
    const outcomes: MessageOutcome[] = [];
    const look = async (message: QueueMessage): Promise<void> => {
      try {
        known.push({ message, history: await this.#options.attempts.begin(message, work) });
      } catch (error) {
        this.#options.failed(error);
        outcomes.push({ id: message.id, outcome: "returned", reason: errorMessage(error) });
      }
    };
    await Promise.all(messages.filter(isAgain).map(look));
    return { known, unknown: resultOf(outcomes) };
  }

  async #meet(suspect: Known, deadlines: Deadlines, open: Set<string>): Promise<BatchResult> {
    const { message, history } = suspect;
    if (isPoison(history)) return await this.#quarantine(suspect, deadlines);
    return await this.#gate.alone(async () => {
      const { pipeline, attempts } = this.#options;
      if (deadlines.work.signal.aborted) return returned(message, "no time was left to meet it alone");
      try {
        await attempts.beginAlone(message, deadlines.work);
      } catch (error) {
        this.#options.failed(error);
        return returned(message, errorMessage(error));
      }
      const result = await pipeline.process([message], deadlines.work);
      for (const id of await attempts.end([message], deadlines.closing)) open.add(id);
      return result;
    });
  }

  async #quarantine({ message, history }: Known, { closing }: Deadlines): Promise<BatchResult> {
    const rejection = {
      reason: killedTheProcess,
      message: `The process ended ${history.alone} times while it had this message alone, and ${history.together} times while it had it among others: by running out of memory or time, or by a crash. The logs of these moments say more. Its content was not looked into, so it is not kept: find the events by their ids in CloudTrail.`,
    };
    try {
      await this.#options.quarantine(message, rejection, { signal: closing.signal });
      return resultOf([{ id: message.id, outcome: "quarantined", rejection }]);
    } catch (error) {
      this.#options.quarantineFailed(message, rejection, error);
      return returned(message, errorMessage(error));
    }
  }
}

const empty = resultOf([]);

function isAgain({ receiveCount }: QueueMessage): boolean {
  return receiveCount > 1;
}

function doneOf(messages: readonly QueueMessage[], { outcomes }: BatchResult): readonly QueueMessage[] {
  const done = new Set(outcomes.filter(({ outcome }) => outcome !== "returned").map(({ id }) => id));
  return messages.filter(({ id }) => done.has(id));
}

function returned({ id }: Message, reason: string): BatchResult {
  return resultOf([{ id, outcome: "returned", reason }]);
}

/** The result of messages that the pipeline did not see. */
function resultOf(outcomes: readonly MessageOutcome[]): BatchResult {
  const quarantined = outcomes.filter(({ outcome }) => outcome === "quarantined").length;
  const balance: Balance = {
    ...emptyBalance,
    messages: {
      received: outcomes.length,
      processed: 0,
      quarantined,
      returned: outcomes.length - quarantined,
    },
  };
  return { outcomes, balance };
}
