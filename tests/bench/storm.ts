import { passTime, runStorm, stormStart } from "../support/storm.ts";

/**
 * How much memory a storm takes: 100,000 matching records of 1,000 actors in a simulated minute, through four
 * pipelines that share one state store in memory. Run with `node --expose-gc tests/bench/storm.ts`.
 */
const records = Number(process.env.BENCH_RECORDS ?? 100_000);
const actors = Number(process.env.BENCH_ACTORS ?? 1000);

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
function heapInUse(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
function print(text: string): boolean {
  return process.stdout.write(`${text}\n`);
}

const before = heapInUse();
let highest = before;
const start = performance.now();
const storm = await runStorm({
  records,
  actors,
  consumers: 4,
  directPerMinute: 30,
  onProgress: () => {
    highest = Math.max(highest, process.memoryUsage().heapUsed);
  },
});
const seconds = (performance.now() - start) / 1000;
const direct = storm.published.filter(({ alert }) => alert.delivery === "direct").length;
const published = storm.published.length;
await passTime(storm, stormStart + 2 * 60_000);
const state = storm.stateDocuments().map(({ document }) => JSON.stringify(document).length);

print(
  `${records.toLocaleString("en-US")} records of ${actors.toLocaleString("en-US")} actors, four pipelines`,
);
print(
  `${Math.round(records / seconds).toLocaleString("en-US")} records/s in one process (Node ${process.version})`,
);
print(`${published.toLocaleString("en-US")} alerts, ${direct} of them direct`);
for (const { direct: told, held, heldIsEstimate } of storm.digests)
  print(`digest: ${told} direct, ${heldIsEstimate ? "about " : ""}${held.toLocaleString("en-US")} held back`);
print(
  `state: ${state.length.toLocaleString("en-US")} documents, ${megabytes(state.reduce((sum, size) => sum + size, 0))} as JSON, the largest ${Math.round(Math.max(...state) / 1024)} KB`,
);
print(
  `heap: ${megabytes(before)} before, ${megabytes(heapInUse())} after (state and published alerts included), ${megabytes(highest)} at most`,
);
