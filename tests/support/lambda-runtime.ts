import { pathToFileURL } from "node:url";

/**
 * The process that a function runs in: loads the bundle of its folder, then calls the handler for each message of its
 * parent. Time is the parent's, who may let days pass between two invocations.
 */
interface Invocation {
  readonly event: unknown;
  readonly remainingMilliseconds: number;
  readonly traceId: string | undefined;
  readonly now: number | undefined;
}

const machineNow = Date.now;
const { handler } = await import(pathToFileURL(`${process.cwd()}/bundle.mjs`).href);

process.on("message", async ({ event, remainingMilliseconds, traceId, now }: Invocation) => {
  if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = traceId;
  const ahead = now === undefined ? 0 : now - machineNow();
  Date.now = () => machineNow() + ahead;
  const end = performance.now() + remainingMilliseconds;
  try {
    const response: unknown = await handler(event, {
      getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
    });
    process.send?.({ response });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({ started: true });
