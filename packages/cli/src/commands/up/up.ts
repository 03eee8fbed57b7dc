import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { type Config, emailSubscriptions, loadConfig } from "@streamwarden/config";
import {
  createLogger,
  createRuntime,
  type Runtime,
  readEnvironment,
  startService,
} from "@streamwarden/consumer";
import { type LocalAws, type Mail, PortInUseError, startLocalAws } from "@streamwarden/local";
import { defaultPort, defaultPreviewPort } from "../../defaults.ts";
import { CliError, exitCodes } from "../../errors.ts";
import { type LocalSlack, startLocalSlack } from "../../preview/local-slack.ts";
import { startPreviewServer } from "../../preview/preview-server.ts";
import { framed } from "../../ui/frame.ts";
import { hasColor, paint, print, type Terminal } from "../../ui/terminal.ts";
import { sendQuietly } from "../send/send.ts";

export interface UpOptions {
  readonly config: string;
  readonly port: number;
  /** Default: 4611, or any free one where the other port is. */
  readonly previewPort?: number;
  readonly samples: boolean;
  readonly once?: boolean;
  readonly verbose?: boolean;
}

const samplesFolder = fileURLToPath(new URL("../../../../../samples", import.meta.url));
const exampleAddress = "on-call@example.com";
/** Production's value: an outage must not turn messages into dead letters. */
const maximumReceives = 1000;

/**
 * Runs the whole path on this machine until it is interrupted: AWS on loopback, the consumer, and the sample events,
 * whose alerts are shown as the on-call person would get them.
 *
 * @throws CliError `cli-running` when the port is taken, by another start or another program.
 */
export async function up(options: UpOptions, terminal: Terminal): Promise<number> {
  const interrupted = interruption();
  const closers: (() => Promise<void>)[] = [];
  try {
    print(
      terminal,
      `${paint(terminal, "bold", "Streamwarden")} on this machine. Nothing leaves 127.0.0.1.`,
      "",
    );
    const config = loadConfig(options.config);
    const aws = await startAws(options.port);
    closers.push(() => aws.close());
    const mails = await openMailbox(aws, config, terminal);
    const preview = await startPreviewServer({
      port: options.previewPort ?? (options.port === 0 ? 0 : defaultPreviewPort),
      mailbox: aws.mailbox,
      sendCommand: sendCommand(aws),
    });
    closers.push(() => preview.close());
    const runtime = await startRuntime(aws, options, terminal);
    const service = await startService(runtime);
    closers.push(() => service.stop());
    const slack = await startLocalSlack({ config, runtime, webhookUrl: preview.webhookUrl });
    closers.push(() => slack.stop());
    print(
      terminal,
      `  AWS        ${aws.endpoints.gateway} (EventBridge, SQS, SNS, DynamoDB)`,
      `  consumer   http://127.0.0.1:${service.httpPort} (/readyz, /metrics)`,
      `  preview    ${preview.url} (alerts as Slack and email show them)`,
      `  policies   ${policiesLine(runtime)}`,
      "",
    );
    if (options.samples) await playSamples(aws, terminal);
    const settled = await Promise.race([settle(aws, runtime, slack), interrupted.then(() => false)]);
    if (options.once !== true && settled) {
      if (mails.count() === 0)
        print(terminal, "No alert so far. Alerts appear here as they are published.", "");
      print(terminal, ...invitation(aws, terminal), "");
      await interrupted;
    }
    await closeAll(closers, runtime, slack, terminal);
    return exitCodes.ok;
  } finally {
    for (const close of closers.splice(0).reverse()) await close();
  }
}

function policiesLine({ policies: { active, inactive } }: Runtime): string {
  const waiting = `; ${inactive} more need lists in streamwarden.yml (\`npm run streamwarden -- check\` names them)`;
  return `${active} active${inactive === 0 ? "" : waiting}`;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

async function startAws(port: number): Promise<LocalAws> {
  try {
    return await startLocalAws({ ports: { gateway: port }, maximumReceives });
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error;
    const sentence = (await isStreamwarden(port))
      ? `Streamwarden already runs on port ${port} of this machine. Use it (\`npm run streamwarden -- send <file>\`), stop it with Ctrl-C in its terminal, or start a second one with \`npm start -- --port 0\`.`
      : `Port ${port} on 127.0.0.1 is taken by another program. Choose another one: \`npm start -- --port 0\` takes a free one.`;
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

/** Subscribes the addresses of `streamwarden.yml`, or an example, and shows every mail as it comes. */
async function openMailbox(
  aws: LocalAws,
  config: Config,
  terminal: Terminal,
): Promise<{ readonly count: () => number }> {
  const configured = emailSubscriptions(config);
  const example = { address: exampleAddress, filterPolicy: { delivery: ["direct"] } };
  const client = new SNSClient({
    endpoint: aws.endpoints.sns,
    region: aws.region,
    credentials: aws.credentials,
  });
  try {
    for (const { address, filterPolicy } of configured.length === 0 ? [example] : configured)
      await client.send(
        new SubscribeCommand({
          TopicArn: aws.resources.topicArn,
          Protocol: "email",
          Endpoint: address,
          Attributes: { FilterPolicy: JSON.stringify(filterPolicy) },
        }),
      );
  } finally {
    client.destroy();
  }
  aws.mailbox.onMail((mail) => print(terminal, shown(mail, terminal), ""));
  return { count: () => aws.mailbox.received };
}

function shown(mail: Mail, terminal: Terminal): string {
  return framed(terminal, `email to ${mail.to}`, `Subject: ${mail.subject}\n\n${mail.body}`);
}

async function startRuntime(aws: LocalAws, options: UpOptions, terminal: Terminal): Promise<Runtime> {
  // The SDK reads its endpoints and credentials from the environment of the process, as in production.
  Object.assign(process.env, aws.environment);
  const environment = readEnvironment({
    ...aws.environment,
    STREAMWARDEN_CONFIG: options.config,
    STREAMWARDEN_HTTP_PORT: terminal.env.STREAMWARDEN_HTTP_PORT ?? "0",
    STREAMWARDEN_LOG_LEVEL:
      terminal.env.STREAMWARDEN_LOG_LEVEL ?? (options.verbose === true ? "info" : "warn"),
  });
  const logger = createLogger({ level: environment.logLevel, pretty: true, color: hasColor(terminal) });
  return await createRuntime(environment, logger);
}

async function playSamples(aws: LocalAws, terminal: Terminal): Promise<void> {
  const files = readdirSync(samplesFolder)
    .filter((name) => name.endsWith(".json") && !name.includes("userIdentity"))
    .toSorted()
    .map((name) => join(samplesFolder, name));
  print(
    terminal,
    `Sending the ${files.length} sample events of the AWS documentation (samples/) through EventBridge: one API call`,
    `without MFA, and ${files.length - 1} events of IVS itself, which are no API calls and raise nothing.`,
    "",
  );
  await sendQuietly(files, aws.endpoints.eventbridge, terminal);
}

/** Waits until everything that was sent has been delivered, processed and answered, in Slack too. */
async function settle(aws: LocalAws, runtime: Runtime, slack: LocalSlack): Promise<boolean> {
  // In the order of the path: what one queue's reader publishes is delivered before the next queue is looked at.
  for (const queueUrl of [runtime.environment.queueUrl, ...slack.queueUrls]) {
    await aws.settled();
    while (!(await isEmpty(runtime, queueUrl))) await delay(50);
  }
  return true;
}

/** Whether no message is visible or in somebody's hands; timers that wait for their time do not count. */
async function isEmpty({ clients }: Runtime, QueueUrl: string): Promise<boolean> {
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).every((count) => Number(count) === 0);
}

const sendCommand = (aws: LocalAws): string => {
  const isDefault = aws.endpoints.gateway.endsWith(`:${defaultPort}`);
  return `npm run streamwarden -- send <file>${isDefault ? "" : ` --endpoint ${aws.endpoints.gateway}`}`;
};

function invitation(aws: LocalAws, terminal: Terminal): string[] {
  const bold = (text: string): string => paint(terminal, "bold", text);
  const exported = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return [
    bold("Send an event of your own"),
    `  ${sendCommand(aws)}`,
    "  (a CloudTrail record, an EventBridge event or a trail file, gz or not; - reads standard input)",
    "",
    bold("Point any AWS client at this machine"),
    ...exported.map((name) => `  export ${name}=${aws.environment[name] ?? ""}`),
    "",
    `${bold("Stop")} with Ctrl-C.`,
  ];
}

async function closeAll(
  closers: (() => Promise<void>)[],
  runtime: Runtime,
  slack: LocalSlack,
  terminal: Terminal,
): Promise<void> {
  print(terminal, "Stopping.");
  for (const close of closers.splice(0).reverse()) await close();
  const { messages, records, alerts } = runtime.metrics.total;
  print(
    terminal,
    `  ${messages.received} messages received = ${messages.processed} processed + ${messages.quarantined} quarantined + ${messages.returned} returned`,
    `  ${records.seen} records seen = ${records.alerted} alerted + ${records.merged} merged + ${records.quiet} quiet + ${records.duplicate} duplicate + ${records.dryRun} dry-run`,
    `  ${alerts.owed} alerts owed = ${alerts.published} published + ${alerts.pending} pending`,
    ...slack.notifiers.map(
      ({ destination, totals }) =>
        `  ${totals.received} messages for ${destination} = ${totals.delivered} delivered + ${totals.repeated} repeated + ${totals.quarantined} quarantined + ${totals.returned} returned`,
    ),
  );
}
