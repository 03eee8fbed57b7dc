import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";
import { type CloudTrailRecord, eventTimeOf, type JsonObject } from "@streamwarden/cloudtrail";
import { serviceUserAgent } from "@streamwarden/local/service-user-agent";
import { defaultEndpoint } from "../../defaults.ts";
import { CliError, exitCodes, isUserError } from "../../errors.ts";
import { readItems } from "../../records.ts";
import type { Output } from "../../ui/output.ts";
import { reportError } from "../../ui/report-error.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { counted } from "../../ui/text.ts";

export interface SendOptions {
  readonly endpoint?: string;
  readonly region?: string;
}

const entriesPerCall = 10;

/**
 * Sends the records of files, in any carrier, through EventBridge's PutEvents. A file that cannot be sent holds up no other:
 * each is answered for, and the exit code is 1 when one was not sent in full.
 */
export async function send(
  paths: readonly string[],
  options: SendOptions,
  terminal: Terminal,
): Promise<number> {
  const { out, err, env } = terminal;
  const endpoint =
    options.endpoint ?? env.AWS_ENDPOINT_URL_EVENTBRIDGE ?? env.AWS_ENDPOINT_URL ?? defaultEndpoint;
  const client = createClient(endpoint, options, terminal);
  const unsent: string[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      const { entries, notes } = await readEntries(path, terminal, err);
      if (entries === undefined) {
        unsent.push(path);
        continue;
      }
      out.print(...notes.map((note) => `${path}: ${note}`));
      const { accepted, failure, isFatal } = await putAll(client, endpoint, entries);
      if (accepted > 0 || failure === undefined)
        out.print(acceptedLine(path, accepted, entries.length, endpoint));
      if (failure === undefined) continue;
      reportError(failure, err);
      unsent.push(path);
      if (isFatal) {
        unsent.push(...paths.slice(index + 1));
        break;
      }
    }
  } finally {
    client.destroy();
  }
  if (unsent.length === 0) return exitCodes.ok;
  if (paths.length > 1)
    err.print(
      `${paths.length - unsent.length} of ${paths.length} files sent. Not sent, or not in full:`,
      ...unsent.map((path) => `  ${path}`),
    );
  return exitCodes.failed;
}

function acceptedLine(path: string, accepted: number, total: number, endpoint: string): string {
  const count = accepted === total ? counted(accepted, "event") : `${accepted} of ${counted(total, "event")}`;
  return `${path}: ${count} accepted by EventBridge at ${endpoint}.`;
}

/** Sends files and says nothing. */
export async function sendQuietly(
  paths: readonly string[],
  endpoint: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const client = createClient(endpoint, {}, terminal);
  try {
    for (const path of paths) {
      const { entries } = await entriesOf(path, terminal);
      const { failure } = await putAll(client, endpoint, entries, signal);
      if (failure !== undefined) throw failure;
    }
  } finally {
    client.destroy();
  }
}

/** The entries of a file, or the reason on stderr why there are none. */
async function readEntries(
  path: string,
  terminal: Terminal,
  err: Output,
): Promise<FileEntries | { readonly entries: undefined; readonly notes: readonly [] }> {
  try {
    return await entriesOf(path, terminal);
  } catch (error) {
    if (!isUserError(error)) throw error;
    reportError(error, err);
    return { entries: undefined, notes: [] };
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

interface FileEntries {
  readonly entries: readonly PutEventsRequestEntry[];
  readonly notes: readonly string[];
}

async function entriesOf(path: string, terminal: Terminal): Promise<FileEntries> {
  const { items, notes } = await readItems(path, terminal);
  const entries = items.map((item) =>
    item.kind === "record" ? recordEntry(item.record) : envelopeEntry(item.envelope),
  );
  return { entries, notes };
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

/** An event that is not a CloudTrail record (a service event, a canary) goes as it stands. */
function envelopeEntry(envelope: JsonObject): PutEventsRequestEntry {
  const { source, "detail-type": detailType, detail, resources } = envelope;
  return {
    Source: String(source),
    DetailType: String(detailType),
    Detail: JSON.stringify(detail ?? {}),
    ...(Array.isArray(resources) ? { Resources: resources.map(String) } : {}),
  };
}

/** What became of the entries of one file. */
interface Delivery {
  readonly accepted: number;
  readonly failure?: CliError;
  /** Whether the next file would fare the same. */
  readonly isFatal?: boolean;
}

/** Sends entries in calls of ten. What EventBridge rejects holds up no other; a call that fails ends it. */
async function putAll(
  client: EventBridgeClient,
  endpoint: string,
  entries: readonly PutEventsRequestEntry[],
  abortSignal?: AbortSignal,
): Promise<Delivery> {
  let accepted = 0;
  const rejections: PutEventsResultEntry[] = [];
  for (let start = 0; start < entries.length; start += entriesPerCall) {
    const Entries = entries.slice(start, start + entriesPerCall);
    try {
      const answer = await client.send(new PutEventsCommand({ Entries }), {
        ...(abortSignal && { abortSignal }),
      });
      const rejected = (answer.Entries ?? []).filter((entry) => entry.ErrorCode !== undefined);
      accepted += Entries.length - rejected.length;
      rejections.push(...rejected);
    } catch (error) {
      return { accepted, failure: endpointError(error, endpoint), isFatal: true };
    }
  }
  const [first] = rejections;
  if (first === undefined) return { accepted };
  const sentence = `EventBridge rejected ${counted(rejections.length, "event")}: ${first.ErrorCode}: ${first.ErrorMessage}`;
  return { accepted, failure: new CliError("cli-endpoint", sentence) };
}

function endpointError(error: unknown, endpoint: string): CliError {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const sentence =
    code === "ECONNREFUSED" || name === "TimeoutError"
      ? `Nothing answers at ${endpoint}: start \`npm start\` in another terminal, or name another endpoint with --endpoint.`
      : `EventBridge at ${endpoint} rejected the events: ${name}: ${message}`;
  return new CliError("cli-endpoint", sentence, { cause: error });
}
