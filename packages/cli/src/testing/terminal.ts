import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createTerminal, type Terminal } from "../ui/terminal.ts";

/** A terminal whose output is kept. */
export function fakeTerminal(options: {
  readonly isTTY?: boolean;
  readonly env?: Terminal["env"];
  readonly defaultConfig?: string;
}): {
  readonly terminal: Terminal;
  readonly streams: {
    readonly stdin: PassThrough;
    readonly stdout: PassThrough;
    readonly stderr: PassThrough;
  };
  /** Ends the streams, and gives what was written to them. */
  written(): Promise<{ readonly out: string; readonly err: string }>;
} {
  const { isTTY = false, env = {}, defaultConfig = "streamwarden.yml" } = options;
  const stream = () => Object.assign(new PassThrough({ highWaterMark: 1e9 }), { isTTY });
  const streams = { stdin: new PassThrough(), stdout: stream(), stderr: stream() };
  const { stdout, stderr } = streams;
  return {
    terminal: createTerminal(streams, { env, defaultConfig }),
    streams,
    async written() {
      stdout.end();
      stderr.end();
      return { out: (await buffer(stdout)).toString(), err: (await buffer(stderr)).toString() };
    },
  };
}
