import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { type CloudTrailRecord, decode, eventTimeOf, isObject } from "@streamwarden/cloudtrail";
import { serviceUserAgent } from "@streamwarden/local/service-user-agent";
import { defaultEndpoint } from "../../defaults.ts";
import { CliError, exitCodes } from "../../errors.ts";
import { readInput } from "../../input.ts";
import { counted, print, type Terminal } from "../../ui/terminal.ts";

export interface SendOptions {
  readonly endpoint?: string;
  readonly region?: string;
}

const entriesPerCall = 10;
/** Trail files are far larger than messages. */
const maximumFileBytes = 256 * 1024 * 1024;

/**
 * Sends the records of files, in any carrier, through EventBridge's PutEvents.
 *
 * @throws CliError when a file holds no record, or EventBridge does not take an event.
 */
export async function send(
  paths: readonly string[],
  options: SendOptions,
  terminal: Terminal,
): Promise<number> {
  const endpoint =
    options.endpoint ??
    terminal.env.AWS_ENDPOINT_URL_EVENTBRIDGE ??
    terminal.env.AWS_ENDPOINT_URL ??
    defaultEndpoint;
  const client = createClient(endpoint, options, terminal);
  try {
    for (const path of paths) {
      const { entries, notes } = entriesOf(await readInput(path, terminal), path);
      await putAll(client, endpoint, path, entries);
      for (const note of notes) print(terminal, `${path}: ${note}`);
      print(terminal, `${path}: ${counted(entries.length, "event")} accepted by EventBridge at ${endpoint}.`);
    }
    return exitCodes.ok;
  } finally {
    client.destroy();
  }
}

/** Sends files without a word; returns how many events EventBridge took. */
export async function sendQuietly(
  paths: readonly string[],
  endpoint: string,
  terminal: Terminal,
): Promise<number> {
  const client = createClient(endpoint, {}, terminal);
  try {
    let sent = 0;
    for (const path of paths) {
      const { entries } = entriesOf(await readInput(path, terminal), path);
      await putAll(client, endpoint, path, entries);
      sent += entries.length;
    }
    return sent;
  } finally {
    client.destroy();
  }
}

function createClient(endpoint: string, options: SendOptions, { env }: Terminal): EventBridgeClient {
  const isLocal = /^https?:\/\/(127\.|localhost|\[::1\])/.test(endpoint);
  return new EventBridgeClient({
    endpoint,
    region: options.region ?? env.AWS_REGION ?? "us-east-1",
    maxAttempts: 2,
    // CloudTrail's events come from services, and a local AWS may let nobody else put them.
    ...(isLocal ? { customUserAgent: serviceUserAgent } : {}),
    ...(isLocal && env.AWS_ACCESS_KEY_ID === undefined
      ? { credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : {}),
  });
}

function entriesOf(
  bytes: Buffer,
  path: string,
): { readonly entries: readonly PutEventsRequestEntry[]; readonly notes: readonly string[] } {
  const decoded = decode(bytes, { maximumBytes: maximumFileBytes });
  switch (decoded.outcome) {
    case "rejected":
      throw new CliError("cli-input", `${path} holds no CloudTrail record: ${decoded.rejection.message}`);
    case "records":
      return {
        entries: decoded.records.map(recordEntry),
        notes: decoded.rejected.map(({ reason, message }) => `left out (${reason}): ${message}`),
      };
    default:
      return { entries: [envelopeEntry(bytes)], notes: [] };
  }
}

/** The event that CloudTrail would have put on the bus for this record. */
function recordEntry(record: CloudTrailRecord): PutEventsRequestEntry {
  return {
    Source: `aws.${record.eventSource.split(".")[0]}`,
    DetailType: "AWS API Call via CloudTrail",
    Detail: JSON.stringify(record),
    Time: new Date(eventTimeOf(record)),
  };
}

/** An event that is no CloudTrail record (a service event, a canary) goes as it stands. */
function envelopeEntry(bytes: Buffer): PutEventsRequestEntry {
  const envelope: unknown = JSON.parse(bytes.toString("utf8"));
  const { source, "detail-type": detailType, detail, resources } = isObject(envelope) ? envelope : {};
  return {
    Source: String(source),
    DetailType: String(detailType),
    Detail: JSON.stringify(detail ?? {}),
    ...(Array.isArray(resources) ? { Resources: resources.map(String) } : {}),
  };
}

async function putAll(
  client: EventBridgeClient,
  endpoint: string,
  path: string,
  entries: readonly PutEventsRequestEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += entriesPerCall)
    await put(client, endpoint, path, entries.slice(start, start + entriesPerCall));
}

async function put(
  client: EventBridgeClient,
  endpoint: string,
  path: string,
  entries: readonly PutEventsRequestEntry[],
): Promise<void> {
  let failures: readonly {
    readonly ErrorCode?: string | undefined;
    readonly ErrorMessage?: string | undefined;
  }[];
  try {
    const answer = await client.send(new PutEventsCommand({ Entries: [...entries] }));
    failures = (answer.Entries ?? []).filter((entry) => entry.ErrorCode !== undefined);
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || name === "TimeoutError")
      throw new CliError(
        "cli-endpoint",
        `Nothing answers at ${endpoint}: start \`npm start\` in another terminal, or name another endpoint with --endpoint.`,
        { cause: error },
      );
    throw new CliError("cli-endpoint", `EventBridge at ${endpoint} refused the events: ${name}: ${message}`, {
      cause: error,
    });
  }
  const [failure] = failures;
  if (failure !== undefined)
    throw new CliError(
      "cli-endpoint",
      `${path}: EventBridge refused ${counted(failures.length, "event")}: ${failure.ErrorCode}: ${failure.ErrorMessage}`,
    );
}
