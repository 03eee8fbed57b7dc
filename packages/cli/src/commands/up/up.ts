import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@streamwarden/config";
import {
  createLogger,
  createRuntime,
  type Runtime,
  readEnvironment,
  startService,
} from "@streamwarden/consumer";
import type { LocalAws } from "@streamwarden/local";
import { defaultPreviewPort } from "../../defaults.ts";
import { exitCodes } from "../../errors.ts";
import { startLocalSlack } from "../../preview/local-slack.ts";
import { startPreviewServer } from "../../preview/preview-server.ts";
import { interrupted, listenForInterruption } from "../../ui/interruption.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { line, styled } from "../../ui/text.ts";
import { sendQuietly } from "../send/send.ts";
import { balance, invitation, policiesLine, sendCommand, startCommand } from "./guide.ts";
import { openMailbox } from "./mailbox.ts";
import { logDestination } from "./service-log.ts";
import { settle } from "./settle.ts";
import { startAws } from "./start-aws.ts";

export interface UpOptions {
  readonly config?: string;
  readonly port: number;
  /** Default: 4611, or any free one where the other port is. */
  readonly previewPort?: number;
  readonly samples: boolean;
  readonly once?: boolean;
  readonly verbose?: boolean;
}

const samplesFolder = fileURLToPath(new URL("../../../../../samples", import.meta.url));

/**
 * Runs the whole path on this machine until it is interrupted: AWS on loopback, the consumer, and the sample events,
 * whose alerts are shown as the on-call person would get them.
 *
 * @throws CliError `cli-running` when the port is taken, by another start or another program.
 */
export async function up(options: UpOptions, terminal: Terminal): Promise<number> {
  const { out } = terminal;
  const interruption = listenForInterruption(out.closed);
  const { signal } = interruption;
  const closers: (() => Promise<void>)[] = [];
  /** What has started is closed in the end, even if the interruption came while it did. */
  const started = async <T>(starting: Promise<T>, close: (part: T) => Promise<void>): Promise<T> => {
    const part = await starting;
    closers.push(() => close(part));
    if (signal.aborted) throw interrupted();
    return part;
  };
  try {
    out.print(line`${styled("bold", "Streamwarden")} on this machine. Nothing leaves 127.0.0.1.`, "");
    const config = loadConfig(options.config ?? terminal.defaultConfig);
    const aws = await started(startAws(options.port), (part) => part.close());
    const mails = await openMailbox(aws, config, out);
    const preview = await started(
      startPreviewServer({
        port: options.previewPort ?? (options.port === 0 ? 0 : defaultPreviewPort),
        mailbox: aws.mailbox,
        sendCommand: sendCommand(aws.endpoints.gateway),
        otherPortCommand: startCommand({ ...options, previewPort: 0 }),
      }),
      (part) => part.close(),
    );
    const runtime = await startRuntime(aws, options, terminal);
    const service = await started(startService(runtime), (part) => part.stop());
    const slack = await started(
      startLocalSlack({ config, runtime, webhookUrl: preview.webhookUrl }),
      (part) => part.stop(),
    );
    out.print(
      `  AWS        ${aws.endpoints.gateway} (EventBridge, SQS, SNS, DynamoDB)`,
      `  consumer   http://127.0.0.1:${service.httpPort} (/readyz, /metrics)`,
      `  preview    ${preview.url} (alerts as Slack and email show them)`,
      `  policies   ${policiesLine(runtime)}`,
      "",
    );
    if (options.samples) await playSamples(aws, terminal, signal);
    await settle(aws, runtime, slack, signal);
    if (options.once !== true) {
      if (mails.count() === 0) out.print("No alert so far. Alerts appear here as they are published.", "");
      out.print(...invitation(aws), "");
      await aborted(signal);
    }
    out.print("Stopping.");
    await closeAll(closers);
    out.print(...balance(runtime, slack));
    return exitCodes.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    out.print("Interrupted before everything was up. Stopping.");
    return exitCodes.interrupted;
  } finally {
    await closeAll(closers);
    interruption.release();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** In reverse, and all of them: what stays open would keep the process and its ports. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.splice(0).reverse()) await close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function startRuntime(aws: LocalAws, options: UpOptions, terminal: Terminal): Promise<Runtime> {
  const { env, out, defaultConfig } = terminal;
  // The SDK reads its endpoints and credentials from the environment of the process, as in production.
  Object.assign(process.env, aws.environment);
  const environment = readEnvironment({
    ...aws.environment,
    STREAMWARDEN_CONFIG: options.config ?? defaultConfig,
    STREAMWARDEN_HTTP_PORT: env.STREAMWARDEN_HTTP_PORT ?? "0",
    STREAMWARDEN_LOG_LEVEL: env.STREAMWARDEN_LOG_LEVEL ?? (options.verbose === true ? "info" : "warn"),
  });
  const destination = logDestination(out);
  return await createRuntime(
    environment,
    createLogger({ level: environment.logLevel, pretty: true, destination }),
  );
}

async function playSamples(aws: LocalAws, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const files = readdirSync(samplesFolder)
    .filter((name) => name.endsWith(".json") && !name.includes("userIdentity"))
    .toSorted()
    .map((name) => join(samplesFolder, name));
  terminal.out.print(
    `Sending the ${files.length} sample events of the AWS documentation (samples/) through EventBridge: one API call`,
    `without MFA, and ${files.length - 1} events of IVS itself, which are no API calls and raise nothing.`,
    "",
  );
  await sendQuietly(files, aws.endpoints.eventbridge, terminal, signal);
}
