import { readEnvironment } from "./environment/environment.ts";
import { createRuntime } from "./service/runtime.ts";
import { startService } from "./service/service.ts";
import { createLogger } from "./telemetry/logging.ts";

/** The service's process: `node packages/consumer/src/main.ts`, configured by environment alone. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const logger = createLogger({
    level: environment.logLevel,
    pretty: process.stdout.isTTY === true,
    color: process.env.NO_COLOR === undefined,
  });
  const service = await startService(await createRuntime(environment, logger));
  // The handler stays: without one a second signal would end the process in the middle of its work. A batch that
  // hangs on a dependency must not keep the process alive beyond its deadline.
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => void service.stop().then(() => process.exit(0)));
}

try {
  await main();
} catch (error) {
  const { message, code } =
    error instanceof Error
      ? (error as Error & { code?: string })
      : { message: String(error), code: undefined };
  process.stderr.write(`${message}${code === undefined ? "" : ` [${code}]`}\n`);
  process.exitCode = 1;
}
