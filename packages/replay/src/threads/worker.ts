import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { rulesetOf } from "@streamwarden/policies";
import { FileReplay } from "../evaluate/file-replay.ts";
import { Evaluation } from "../evaluate/part-replay.ts";
import { Tally } from "../read/tally.ts";
import { ChunkRunner } from "./chunk-runner.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";

/** How many batches may wait in the main thread for their turn, so that memory stays bounded. */
const mostBatches = 16;

const port = mainThread();

const start = workerData as WorkerStart;
const options = {
  ruleset: rulesetOf(start.plan),
  firstSeen: start.firstSeen,
  wanted: start.wanted,
  preFilter: start.preFilter,
  tally: new Tally(start.tally),
};
const replay = new FileReplay(options);
const chunks = new ChunkRunner(new Evaluation(options));
function mainThread(): MessagePort {
  if (parentPort === null) throw new Error("worker.ts runs in a worker thread only.");
  return parentPort;
}

function send(message: FromWorker): void {
  port.postMessage(message);
}

let credits = mostBatches;
let whenCredited = (): void => {};
let last: Promise<void> = Promise.resolve();

async function runFile({ index, source }: ToWorker & { readonly type: "file" }): Promise<void> {
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
  switch (message.type) {
    case "credit":
      credits++;
      whenCredited();
      break;
    case "file":
      last = last.then(() => runFile(message));
      break;
    case "chunk":
      send({ type: "chunk", id: message.chunk.id, result: chunks.run(message.chunk) });
      break;
    case "forget":
      chunks.forget(message.id);
      break;
  }
});
