import { parentPort, workerData } from "node:worker_threads";
import { FileReplay } from "./file-replay.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";
import { rulesetOf } from "./policy-set.ts";
import { Tally } from "./tally.ts";

/** How many batches may wait in the main thread for their turn, so that memory stays bounded. */
const mostBatches = 16;

const port = parentPort;
if (port === null) throw new Error("worker.ts runs in a worker thread only.");

const start = workerData as WorkerStart;
const replay = new FileReplay({
  ruleset: rulesetOf(start.plan),
  firstSeen: start.firstSeen,
  wanted: start.wanted,
  preFilter: start.preFilter,
  tally: new Tally(start.tally),
});
const send = (message: FromWorker): void => port.postMessage(message);

let credits = mostBatches;
let whenCredited = (): void => {};
let last: Promise<void> = Promise.resolve();

async function run({ index, source }: ToWorker & { readonly type: "file" }): Promise<void> {
  const result = await replay.run(source, async (found) => {
    while (credits === 0) {
      await new Promise<void>((resolve) => {
        whenCredited = resolve;
      });
    }
    credits--;
    send({ type: "found", index, found });
  });
  send({ type: "done", index, result });
}

port.on("message", (message: ToWorker) => {
  if (message.type === "credit") {
    credits++;
    whenCredited();
    return;
  }
  last = last.then(() => run(message));
});
