import { isIvsRecord } from "../catalog/catalog.ts";
import { isObject, type JsonObject } from "../record.ts";
import { redact } from "../redact/redact.ts";

/** One thing that request or response say of what a call was about. Attacker-influenced text, redacted and bounded. */
export interface ResourceFact {
  readonly label: string;
  readonly value: string;
}

/**
 * What a person needs to know of the resource without opening CloudTrail, in the order it is shown. Paths are those of
 * the catalog below `requestParameters`, or below the resource in `responseElements` (`channel.name` is `name`).
 */
const labels: readonly (readonly [string, string])[] = [
  ["name", "Name"],
  ["type", "Channel type"],
  ["authorized", "Playback"],
  ["insecureIngest", "Insecure ingest (RTMP, SRT)"],
  ["latencyMode", "Latency"],
  ["containerFormat", "Container format"],
  ["preset", "Preset"],
  ["recordingConfigurationArn", "Recording configuration"],
  ["playbackRestrictionPolicyArn", "Playback restriction policy"],
  ["adConfigurationArn", "Ad configuration"],
  ["mediaTailorPlaybackConfigurations[].playbackConfigurationArn", "Ad source"],
  ["channelArn", "Channel"],
  ["viewerSessions[].channelArn", "Channels"],
  ["streamId", "Stream"],
  ["viewerId", "Viewer"],
  ["allowedCountries[]", "Allowed countries"],
  ["allowedOrigins[]", "Allowed origins"],
  ["enableStrictOriginEnforcement", "Strict origin enforcement"],
  ["destinationConfiguration.s3.bucketName", "Bucket"],
  ["s3.bucketName", "Bucket"],
  ["destinationConfiguration.cloudWatchLogs.logGroupName", "Log group"],
  ["destinationConfiguration.firehose.deliveryStreamName", "Delivery stream"],
  ["fingerprint", "Key fingerprint"],
  ["stageArn", "Stage"],
  ["sourceStageArn", "From stage"],
  ["destinationStageArn", "To stage"],
  ["participantId", "Participant"],
  ["capabilities[]", "Capabilities"],
  ["participantTokenConfigurations[].capabilities[]", "Capabilities of the tokens"],
  ["duration", "Valid for minutes"],
  ["participantTokenConfigurations[].duration", "Tokens valid for minutes"],
  ["sessionDurationInMinutes", "Session minutes"],
  ["ingestProtocol", "Ingest protocol"],
  ["redundantIngest", "Redundant ingest"],
  ["autoParticipantRecordingConfiguration.storageConfigurationArn", "Participants recorded to"],
  ["destinations[].channel.channelArn", "Sends to channel"],
  ["destinations[].configuration.channel.channelArn", "Sends to channel"],
  ["destinations[].s3.storageConfigurationArn", "Records to"],
  ["destinations[].configuration.s3.storageConfigurationArn", "Records to"],
  ["roomIdentifier", "Room"],
  ["messageReviewHandler.uri", "Review handler"],
  ["messageReviewHandler.fallbackResult", "Where the review fails"],
  ["loggingConfigurationIdentifiers[]", "Logged by"],
  ["maximumMessageRatePerSecond", "Messages a second"],
  ["maximumMessageLength", "Message length"],
  ["durationSeconds", "Seconds"],
  ["resourceArn", "Resource"],
  ["tagKeys[]", "Tag keys"],
  ["state", "State"],
];

const mostFacts = 16;
const mostLeaves = 200;
const longestValue = 300;

/** What request and response prove of the resource of an IVS call; nothing for records of other services. */
export function resourceFactsOf(record: JsonObject): readonly ResourceFact[] {
  if (!isIvsRecord(record)) return [];
  const { eventSource, eventName, requestParameters, responseElements } = record;
  const safe = redact({ eventSource, eventName, requestParameters, responseElements });
  const request = leavesOf(safe.requestParameters);
  const response = leavesOf(belowResource(safe.responseElements));
  const facts: ResourceFact[] = [];
  for (const [path, label] of labels) {
    const values = response.get(path) ?? request.get(path);
    if (values === undefined || facts.some((fact) => fact.label === label)) continue;
    facts.push({ label, value: bounded(values.map((value) => written(path, value)).join(", ")) });
  }
  const tags = tagsIn(safe.responseElements) ?? tagsIn(safe.requestParameters);
  if (tags !== undefined) facts.push({ label: "Tags", value: bounded(tags) });
  const asked = changesAsked(String(eventName), request);
  return [...(asked === undefined ? [] : [asked]), ...facts].slice(0, mostFacts);
}

/** What an update asks for. What it changed is not in the record: it does not show the state before. */
function changesAsked(
  eventName: string,
  request: ReadonlyMap<string, readonly unknown[]>,
): ResourceFact | undefined {
  if (!eventName.startsWith("Update")) return undefined;
  const changes = [...request]
    .filter(([path]) => path !== "arn" && path !== "identifier")
    .map(([path, values]) => `${path.replaceAll("[]", "")} = ${values.map(text).join(", ") || "nothing"}`);
  return changes.length === 0
    ? undefined
    : { label: "Requested changes", value: bounded(changes.join("; ")) };
}

/** `{"channel": {...}}` as the channel's own fields. Fields beside a resource keep their names. */
function belowResource(response: unknown): unknown {
  if (!isObject(response)) return response;
  const resources = Object.values(response).filter((value) => isObject(value) && "arn" in value);
  return Object.assign({}, response, ...resources.toReversed()) as JsonObject;
}

/** Scalars by path, at most 200; an empty list is a value, because it means "all" or "none" to IVS. */
function leavesOf(value: unknown): ReadonlyMap<string, readonly unknown[]> {
  const leaves = new Map<string, unknown[]>();
  let count = 0;
  const visit = (part: unknown, path: string): void => {
    if (count >= mostLeaves || part === null || part === undefined) return;
    if (Array.isArray(part)) {
      if (part.length === 0) leaves.set(`${path}[]`, []);
      for (const item of part) visit(item, `${path}[]`);
    } else if (isObject(part)) {
      for (const [key, member] of Object.entries(part)) {
        if (!(path === "" && key === "tags")) visit(member, path === "" ? key : `${path}.${key}`);
      }
    } else {
      count += 1;
      const known = leaves.get(path);
      if (known === undefined) leaves.set(path, [part]);
      else if (!known.includes(part)) known.push(part);
    }
  };
  visit(value, "");
  return leaves;
}

function tagsIn(part: unknown): string | undefined {
  if (!isObject(part)) return undefined;
  const holders = [part, ...Object.values(part).filter(isObject)];
  const tags = holders
    .map((holder) => holder.tags)
    .find((one) => isObject(one) && Object.keys(one).length > 0);
  return isObject(tags)
    ? Object.entries(tags)
        .map(([key, value]) => `${key} = ${text(value)}`)
        .join(", ")
    : undefined;
}

function written(path: string, value: unknown): string {
  if (path === "authorized" && typeof value === "boolean")
    return value ? "private, with playback tokens" : "public, without playback tokens";
  return text(value);
}

function text(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === "" ? "none" : String(value);
}

function bounded(value: string): string {
  const shown = value === "" ? "none given" : value;
  return shown.length <= longestValue ? shown : `${shown.slice(0, longestValue - 1)}…`;
}
