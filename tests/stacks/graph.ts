import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Resource } from "../../scripts/synth/mocks.ts";

/** What `npm run synth` prints. */
export interface Graph {
  readonly app: { name: string; stage: string; removal: string; protect: boolean };
  readonly resources: Resource[];
}

export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: string | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export const root = resolve(import.meta.dirname, "../..");

/** A configuration with people to tell, whatever the repository's own says. */
const configFile = join(import.meta.dirname, "streamwarden.yml");

/** Runs the command itself, so that what is asserted on is what a person gets. */
export async function synth(...options: string[]): Promise<{ stdout: string; stderr: string }> {
  const main = join(root, "scripts/synth/main.ts");
  return promisify(execFile)(process.execPath, [main, ...options], {
    cwd: root,
    env: { ...process.env, STREAMWARDEN_CONFIG: configFile },
    // The first run on a machine fetches the platform.
    timeout: 230_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

export async function synthesise(stage: string): Promise<Graph> {
  const { stdout } = await synth("--stage", stage);
  return JSON.parse(stdout) as Graph;
}

export const types = {
  eventRule: "aws:cloudwatch/eventRule:EventRule",
  eventTarget: "aws:cloudwatch/eventTarget:EventTarget",
  function: "aws:lambda/function:Function",
  key: "aws:kms/key:Key",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
  queue: "aws:sqs/queue:Queue",
  queuePolicy: "aws:sqs/queuePolicy:QueuePolicy",
  recursionConfig: "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  redriveAllowPolicy: "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  role: "aws:iam/role:Role",
  secret: "sst:sst:Secret",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
  table: "aws:dynamodb/table:Table",
  topic: "aws:sns/topic:Topic",
  topicPolicy: "aws:sns/topicPolicy:TopicPolicy",
} as const;

export function all(graph: Graph, type: string): Resource[] {
  return graph.resources.filter((resource) => resource.type === type);
}

/** The one resource of that type with that logical name. */
export function one(graph: Graph, type: string, name: string): Resource {
  const [found, ...others] = all(graph, type).filter((resource) => resource.name === name);
  if (found === undefined || others.length > 0) throw new Error(`not exactly one ${type} ${name}`);
  return found;
}

/** A value deep inside a resource's inputs: `read(table, "ttl.enabled")`. */
export function read(resource: Resource, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), resource.inputs);
}

/** Changes a value deep inside a resource's inputs; undefined removes it. */
export function write(resource: Resource, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<unknown>(
    (object, key) => (isObject(object) ? object[key] : undefined),
    resource.inputs,
  );
  if (!isObject(parent)) throw new Error(`${resource.name} has no ${path}`);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

/** The statements of an IAM policy that a resource carries as JSON text. */
export function statements(resource: Resource, path: string): Statement[] {
  const text = read(resource, path);
  return typeof text === "string" ? (JSON.parse(text) as { Statement: Statement[] }).Statement : [];
}

export function writeStatements(
  resource: Resource,
  path: string,
  change: (list: Statement[]) => Statement[],
): void {
  write(
    resource,
    path,
    JSON.stringify({ Version: "2012-10-17", Statement: change(statements(resource, path)) }),
  );
}

export function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}

/** Ends every ARN and URL that the mocks make for a resource. */
export function physicalName(resource: Resource): string {
  return String(resource.inputs.name ?? resource.name);
}

export function remove(graph: Graph, resource: Resource): void {
  graph.resources.splice(graph.resources.indexOf(resource), 1);
}

/** The environment of a function. Pulumi keeps it as a secret value when a part of it is one. */
export function environmentOf(resource: Resource): {
  readonly variables: Record<string, string>;
  readonly isSecret: boolean;
} {
  const isSecret = read(resource, `environment.${secretMark}`) !== undefined;
  const variables = read(resource, isSecret ? "environment.value.variables" : "environment.variables");
  return { variables: (variables ?? {}) as Record<string, string>, isSecret };
}

/** Pulumi's mark of a special value. */
const secretMark = "4dabf18193072939515e22adb298388d";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
