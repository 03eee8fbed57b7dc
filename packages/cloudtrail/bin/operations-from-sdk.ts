import * as lowLatency from "@aws-sdk/client-ivs";
import * as realTime from "@aws-sdk/client-ivs-realtime";
import * as chat from "@aws-sdk/client-ivschat";
import { accessByName } from "../src/catalog/catalog.ts";
import type { IvsOperation, IvsService } from "../src/catalog/operation.ts";
import { requiredResourceTypes, runtimeOperations } from "./operation-facts.ts";

const clients: readonly [IvsService, string, object][] = [
  ["low-latency", "ivs.amazonaws.com", lowLatency],
  // Real-time has an endpoint of its own, but logs under the event source of low-latency (Smithy trait
  // aws.api#service.cloudTrailEventSource).
  ["real-time", "ivs.amazonaws.com", realTime],
  ["chat", "ivschat.amazonaws.com", chat],
];

/**
 * Every operation of the three IVS services, read from the schemas that the SDK's command classes carry. Operations
 * are sorted, so that the generated file changes only when the API does.
 */
export function operationsFromSdk(): IvsOperation[] {
  return clients.flatMap(([service, eventSource, client]) =>
    commandSchemas(client).map(([operation, input, output]) => {
      const access = accessByName(operation);
      const key = `${service}:${operation}`;
      return {
        service,
        operation,
        eventSource,
        access,
        mutating: access === "write" || access === "tagging",
        plane: runtimeOperations.has(key) ? "runtime" : "control",
        inputKeys: memberNames(input).toSorted(),
        secretInput: sensitivePaths(input).toSorted(),
        secretOutput: sensitivePaths(output).toSorted(),
        resourceTypes: requiredResourceTypes[key] ?? [],
      } satisfies IvsOperation;
    }),
  );
}

function commandSchemas(client: object): [string, unknown, unknown][] {
  const found: [string, unknown, unknown][] = [];
  for (const [name, Command] of Object.entries(client)) {
    if (!/^[A-Z]\w*Command$/.test(name)) continue;
    const { schema } = new Command({}) as { schema: readonly unknown[] };
    found.push([String(schema[2]), resolve(schema[4]), resolve(schema[5])]);
  }
  return found.sort(([left], [right]) => (left < right ? -1 : 1));
}

/**
 * Schemas are tuples `[kind, namespace, name, traits, ...]`, or functions that return one, or `[schema, traits]`
 * pairs on members. Kinds: 0 simple, 1 list (value), 2 map (key, value), 3 structure (names, types).
 */
function resolve(schema: unknown): unknown {
  return typeof schema === "function" ? resolve(schema()) : schema;
}

function memberNames(schema: unknown): string[] {
  return Array.isArray(schema) && schema[0] === 3 ? [...(schema[4] as string[])] : [];
}

const sensitiveBit = 8;
function isSensitive(traits: unknown): boolean {
  return typeof traits === "number"
    ? (traits & sensitiveBit) !== 0
    : Boolean((traits as { sensitive?: unknown } | null)?.sensitive);
}

/** Paths such as `channels[].srt.passphrase`. Stops at a structure that contains itself. */
function sensitivePaths(member: unknown, path = "", ancestors: readonly unknown[] = []): string[] {
  const schema = resolve(member);
  if (!Array.isArray(schema)) return [];
  if (schema.length === 2 && typeof schema[0] !== "number") {
    return isSensitive(schema[1]) ? [path] : sensitivePaths(schema[0], path, ancestors);
  }
  if (isSensitive(schema[3])) return [path];
  if (ancestors.includes(schema)) return [];
  const inside = [...ancestors, schema];
  switch (schema[0]) {
    case 1:
      return sensitivePaths(schema[4], `${path}[]`, inside);
    case 2:
      return sensitivePaths(schema[5], `${path}.*`, inside);
    case 3:
      return (schema[4] as string[]).flatMap((name, index) =>
        sensitivePaths((schema[5] as unknown[])[index], path === "" ? name : `${path}.${name}`, inside),
      );
    default:
      return [];
  }
}
