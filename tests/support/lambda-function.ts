import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SQSBatchResponse } from "aws-lambda";
import { all, type Graph, one, synth, types } from "../stacks/graph.ts";
import { unzip } from "../stacks/unzip.ts";

const runtime = fileURLToPath(new URL("lambda-runtime.ts", import.meta.url));

/** The consumer's bundle as it is deployed, unpacked into a folder, and the resources around it. */
export async function bundledConsumer(
  folder: string,
): Promise<{ readonly task: string; readonly graph: Graph }> {
  const file = join(folder, "graph.json");
  await synth("--stage", "test", "--work", folder, "--out", file);
  const task = join(folder, "task");
  unzip(join(folder, "artifacts/Consumer/code.zip"), task);
  return { task, graph: JSON.parse(readFileSync(file, "utf8")) as Graph };
}

/** Whether the deployment lets the consumer trigger itself as often as it likes. */
export function allowsRecursion(graph: Graph): boolean {
  const { inputs } = one(graph, types.function, "ConsumerFunction");
  return all(graph, types.recursionConfig).some(
    (config) =>
      config.inputs.recursiveLoop === "Allow" &&
      (config.inputs.functionName === inputs.name || config.inputs.functionName === "ConsumerFunction"),
  );
}

export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly receiptHandle?: string | undefined;
  readonly receiveCount?: number;
}

/** How an invocation ended. */
export type Ended =
  | { readonly ended: "returned"; readonly response: SQSBatchResponse }
  | { readonly ended: "failed"; readonly error: string }
  | { readonly ended: "timed-out" | "died" };

/** A function of one process at a time, as Lambda runs it: kept warm between invocations, killed when its time is up. */
export class LambdaFunction {
  /** What all its processes wrote. */
  readonly log: string[] = [];
  readonly #task: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #execArgv: readonly string[];
  #process: ChildProcess | undefined;

  constructor(task: string, environment: Readonly<Record<string, string>>, execArgv: readonly string[] = []) {
    this.#task = task;
    this.#environment = environment;
    this.#execArgv = execArgv;
  }

  async invoke(
    records: readonly QueueRecord[],
    options: {
      readonly remainingMilliseconds?: number;
      readonly traceId?: string;
      /** What the function takes for the present. */
      readonly now?: number;
      readonly sourceArn?: string;
    } = {},
  ): Promise<Ended> {
    const { remainingMilliseconds = 30_000, traceId, now, sourceArn } = options;
    const child = await this.#warm();
    const event = {
      Records: records.map(({ messageId, body, receiptHandle, receiveCount = 1 }) => ({
        messageId,
        body,
        receiptHandle,
        eventSourceARN: sourceArn,
        attributes: { ApproximateReceiveCount: String(receiveCount) },
      })),
    };
    const ended = new AbortController();
    const { signal } = ended;
    const answered = once(child, "message", { signal }).then(
      ([message]: { response?: SQSBatchResponse; error?: string }[]): Ended =>
        message?.response === undefined
          ? { ended: "failed", error: message?.error ?? "" }
          : { ended: "returned", response: message.response },
    );
    const died = once(child, "exit", { signal }).then((): Ended => ({ ended: "died" }));
    const late = delay(remainingMilliseconds, undefined, { signal }).then(
      (): Ended => ({ ended: "timed-out" }),
    );
    child.send({ event, remainingMilliseconds, traceId, now });
    const result = await Promise.race([answered, died, late]);
    for (const one of [answered, died, late]) one.catch(() => undefined);
    ended.abort();
    if (result.ended === "timed-out" || result.ended === "died") await this.close();
    return result;
  }

  async close(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async #warm(): Promise<ChildProcess> {
    if (this.#process !== undefined && this.#process.exitCode === null) return this.#process;
    const child = fork(runtime, {
      cwd: this.#task,
      execArgv: [...this.#execArgv],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env.PATH ?? "",
        STREAMWARDEN_CONFIG: join(this.#task, "streamwarden.yml"),
        AWS_LAMBDA_FUNCTION_NAME: "streamwarden-test-consumer",
        ...this.#environment,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => this.log.push(chunk.toString()));
    this.#process = child;
    await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => {
        throw new Error(`The bundle does not load:\n${this.log.join("")}`);
      }),
    ]);
    return child;
  }
}
/** Lines of the balance that a function wrote, the zeros of its starts left out. */
export function balanceLines(log: readonly string[]): readonly Readonly<Record<string, number>>[] {
  return log
    .join("")
    .split("\n")
    .filter((line) => line.includes('"MessagesReceived":'))
    .map((line) => JSON.parse(line) as Record<string, number>)
    .filter(({ MessagesReceived }) => MessagesReceived !== 0);
}
