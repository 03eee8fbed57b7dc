import { isObject, type JsonObject, nonEmptyString } from "../record.ts";
import { decodeArn } from "./arn.ts";
import { ivsOperations } from "./catalog-data.ts";
import type { IvsAccess, IvsOperation, IvsService } from "./operation.ts";

const bySource = new Map<string, Map<string, IvsOperation[]>>();
for (const operation of ivsOperations) {
  const byName = bySource.get(operation.eventSource) ?? new Map<string, IvsOperation[]>();
  byName.set(operation.operation, [...(byName.get(operation.operation) ?? []), operation]);
  bySource.set(operation.eventSource, byName);
}
const none: readonly IvsOperation[] = [];

/** The event sources of Amazon IVS. */
export const ivsEventSources: ReadonlySet<string> = new Set(
  ivsOperations.map((operation) => operation.eventSource),
);

export function isIvsRecord(record: JsonObject): boolean {
  return typeof record.eventSource === "string" && ivsEventSources.has(record.eventSource);
}

/**
 * The access level that an operation's name says. The service authorization reference gives the same level for all 97
 * operations, so the rule also serves for operations that are newer than the catalog.
 */
export function accessByName(operation: string): IvsAccess {
  if (operation === "TagResource" || operation === "UntagResource") return "tagging";
  if (operation === "ListTagsForResource") return "read";
  if (operation.startsWith("List")) return "list";
  return /^(?:Batch)?Get/.test(operation) ? "read" : "write";
}

/** All operations of that name: two for the tag operations that low-latency and real-time share. */
export function operationsNamed(eventSource: string, eventName: string): readonly IvsOperation[] {
  return bySource.get(eventSource)?.get(eventName) ?? none;
}

/** The operation that a record is about, or undefined when the catalog knows none. */
export function ivsOperationOf(record: JsonObject): IvsOperation | undefined {
  const candidates = operationsNamed(String(record.eventSource), String(record.eventName));
  if (candidates.length < 2) return candidates[0];
  const service = sharedService(record);
  return candidates.find((operation) => operation.service === service) ?? candidates[0];
}

/**
 * The service of a record whose operation and event source fit several: the host that the client called says it,
 * else the type of the resource; low-latency when neither does.
 */
export function sharedService(record: JsonObject): IvsService {
  if (record.eventSource === "ivschat.amazonaws.com") return "chat";
  const host = isObject(record.tlsDetails)
    ? nonEmptyString(record.tlsDetails.clientProvidedHostHeader)
    : undefined;
  if (host?.startsWith("ivsrealtime.")) return "real-time";
  if (host?.startsWith("ivs.")) return "low-latency";
  const arn = isObject(record.requestParameters)
    ? nonEmptyString(record.requestParameters.resourceArn)
    : undefined;
  const type = decodeArn(arn ?? "")
    .split(":")[5]
    ?.split("/")[0];
  return type !== undefined && realTimeResources.has(type) ? "real-time" : "low-latency";
}

const realTimeResources: ReadonlySet<string> = new Set([
  "stage",
  "composition",
  "encoder-configuration",
  "storage-configuration",
  "ingest-configuration",
  "public-key",
]);
