import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Random, seededRandom } from "../random.ts";
import { drawRequest, type MalformedRequest } from "./malformed-requests.ts";

export interface FuzzOptions {
  /** Of a server on 127.0.0.1, in this process or in another. */
  readonly port: number;
  /** Sends a good request. False or a rejection means that the server no longer serves. */
  readonly isAlive: () => Promise<boolean>;
  /** Default 300. */
  readonly runs?: number;
  /** The same seed sends the same requests. Default 1. */
  readonly seed?: number;
  /** Good requests as raw text, to be changed byte by byte. */
  readonly examples?: readonly string[];
}

export interface FuzzResult {
  /** How many requests got an answer with each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Requests whose connection was closed, or left, without an answer. */
  readonly unanswered: number;
}

const batch = 50;
/** A request that never ends is left after this; an answer that comes later goes to nobody, as with a client that dies. */
const patienceMilliseconds = 150;

/**
 * Sends malformed requests over raw sockets and fails when the server stops serving good ones, answers in something
 * other than HTTP, or lets an exception escape that would have ended the process.
 *
 * @throws Error that names the seed, the runs and the requests after which it happened
 */
export async function fuzzHttpServer(options: FuzzOptions): Promise<FuzzResult> {
  const { port, isAlive, runs = 300, seed = 1, examples = [] } = options;
  const random = seededRandom(seed);
  const statuses = new Map<number, number>();
  const escaped: unknown[] = [];
  const onEscaped = (error: unknown): void => void escaped.push(error);
  process.on("uncaughtException", onEscaped).on("unhandledRejection", onEscaped);
  let unanswered = 0;
  try {
    for (let done = 0; done < runs; done += batch) {
      const requests = Array.from({ length: Math.min(batch, runs - done) }, () =>
        drawRequest(random, port, examples),
      );
      const fail = (what: string): never => {
        const shown = requests.map((pieces) => JSON.stringify(textOf(pieces).slice(0, 300))).join("\n");
        throw new Error(`${what} (seed ${seed}, runs ${done} to ${done + requests.length}), after\n${shown}`);
      };
      for (const answer of await Promise.all(requests.map((pieces) => exchange(port, pieces, random)))) {
        if (answer === "") unanswered += 1;
        else {
          const status = /^HTTP\/1\.[01] ([1-5]\d\d) /.exec(answer)?.[1];
          if (status === undefined) fail(`The answer is not HTTP: ${JSON.stringify(answer.slice(0, 100))}`);
          statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
        }
      }
      const alive = await isAlive().catch((error: unknown) => describe(error));
      await nextTurn();
      if (alive !== true)
        fail(`The server no longer serves a good request${alive === false ? "" : `: ${alive}`}`);
      if (escaped.length > 0) fail(`An exception escaped the server: ${escaped.map(describe).join("; ")}`);
    }
  } finally {
    process.off("uncaughtException", onEscaped).off("unhandledRejection", onEscaped);
  }
  return { statuses, unanswered };
}

function textOf(pieces: MalformedRequest): string {
  return Buffer.concat([...pieces]).toString("latin1");
}
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Writes the pieces and ends in one of four ways. @returns the start of the answer, empty when there was none. */
function exchange(port: number, pieces: MalformedRequest, random: Random): Promise<string> {
  const ending = random();
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const timer = setTimeout(() => socket.destroy(), patienceMilliseconds);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      answer ||= chunk.toString("latin1");
      // Long enough to let a pipelined second answer come; then the client leaves.
      if (ending < 0.9) setImmediate(() => socket.destroy());
      else socket.resetAndDestroy();
    });
    socket.on("end", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.on("connect", () => {
      const [first, second] = pieces;
      if (first !== undefined) socket.write(first);
      const last = (): void => {
        if (second !== undefined && !socket.destroyed) socket.write(second);
        if (ending < 0.1) socket.end();
        else if (ending < 0.2) setImmediate(() => socket.resetAndDestroy());
        else if (ending < 0.3) setImmediate(() => socket.destroy());
      };
      if (second === undefined) last();
      else setTimeout(last, 2);
    });
  });
}
