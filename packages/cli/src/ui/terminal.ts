import { Output, type OutputStream } from "./output.ts";

/** The streams of the process, or of a test. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Where a command reads and writes. It never sees the streams that it writes to: see `Output`. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The `streamwarden.yml` that is meant when none is named. */
  readonly defaultConfig: string;
}

export function createTerminal(
  { stdin, stdout, stderr }: Streams,
  options: { readonly env: Terminal["env"]; readonly defaultConfig?: string },
): Terminal {
  const { env, defaultConfig = "streamwarden.yml" } = options;
  return { stdin, out: new Output(stdout, env), err: new Output(stderr, env), env, defaultConfig };
}
