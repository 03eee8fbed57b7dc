import { CliError, exitCodes } from "../errors.ts";

export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM, or when the caller's own signal is. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the process. */
  release(): void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Listens for Ctrl-C and SIGTERM. The first one asks for a clean end; a second one ends the process at once. */
export function listenForInterruption(...others: readonly (AbortSignal | undefined)[]): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: AbortSignal.any([controller.signal, ...others.filter((other) => other !== undefined)]),
    release: () => {
      for (const signal of signals) process.removeListener(signal, interrupt);
    },
  };
}

/** Ends what has not got anywhere yet. */
export function interrupted(): CliError {
  return new CliError("cli-interrupted", "Interrupted.", { exitCode: exitCodes.interrupted });
}
