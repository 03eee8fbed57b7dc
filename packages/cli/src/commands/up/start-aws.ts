import { type LocalAws, PortInUseError, startLocalAws } from "@streamwarden/local";
import { CliError } from "../../errors.ts";
import { sendCommand, startCommand } from "./guide.ts";

/** Production's value: an outage must not turn messages into dead letters. */
const maximumReceives = 1000;

/** @throws CliError `cli-running` when the port is taken, with the commands that go on from there. */
export async function startAws(port: number): Promise<LocalAws> {
  try {
    return await startLocalAws({ ports: { gateway: port }, maximumReceives });
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error;
    const other = startCommand({ port: 0 });
    const sentence = (await isStreamwarden(port))
      ? `Streamwarden already runs on port ${port} of this machine. Use it (\`${sendCommand(`http://127.0.0.1:${port}`)}\`), stop it with Ctrl-C in its terminal, or start a second one with \`${other}\`.`
      : `Port ${port} on 127.0.0.1 is taken by another program. Choose another one: \`${other}\` takes a free one.`;
    throw new CliError("cli-running", sentence, { cause: error });
  }
}

async function isStreamwarden(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_streamwarden/environment`, {
      signal: AbortSignal.timeout(1000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
