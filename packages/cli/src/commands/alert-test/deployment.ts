import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "@streamwarden/cloudtrail";
import { defaultEndpoint } from "../../defaults.ts";
import { CliError, exitCodes } from "../../errors.ts";
import type { Terminal } from "../../ui/terminal.ts";

/** The deployment whose destinations are tested. */
export interface Deployment {
  readonly topicArn: string;
  readonly stateTable: string;
  readonly region: string;
  /** Where topic and table were found, in words. */
  readonly source: string;
  /** For a local AWS; on AWS the SDK knows. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface DeploymentOptions {
  readonly topic?: string;
  readonly table?: string;
  readonly endpoint?: string;
}

/**
 * Finds topic and table: those that were named, else a local AWS that was named, else the outputs of the last
 * `sst deploy` beside the configuration, else the local AWS of `npm start`.
 *
 * @throws CliError for what is missing, malformed or not running.
 */
export async function findDeployment(
  options: DeploymentOptions,
  configPath: string,
  { env }: Terminal,
): Promise<Deployment> {
  const topicArn = filled(options.topic) ?? filled(env.STREAMWARDEN_TOPIC_ARN);
  const stateTable = filled(options.table) ?? filled(env.STREAMWARDEN_STATE_TABLE);
  const { endpoint } = options;
  if (topicArn !== undefined || stateTable !== undefined) {
    if (topicArn === undefined || stateTable === undefined)
      throw usage(
        topicArn === undefined
          ? "The alert topic is not named: give --topic, or set STREAMWARDEN_TOPIC_ARN (topicArn in the output of `sst deploy`)."
          : "The state table is not named: give --table, or set STREAMWARDEN_STATE_TABLE (stateTable in the output of `sst deploy`).",
      );
    return {
      ...deployment({ topicArn, stateTable, source: "as named" }, endpoint),
      ...localCredentials(endpoint, env),
    };
  }
  const outputs = join(dirname(configPath), ".sst", "outputs.json");
  if (endpoint === undefined && existsSync(outputs)) return fromOutputs(outputs);
  return await fromLocalAws(endpoint ?? defaultEndpoint);
}

function deployment(
  found: Pick<Deployment, "topicArn" | "stateTable" | "source">,
  endpoint?: string,
): Deployment {
  const region = /^arn:[^:\s]+:sns:([^:\s]+):\d{12}:[^:\s]+$/.exec(found.topicArn)?.[1];
  if (region === undefined)
    throw usage(
      `The alert topic ${JSON.stringify(found.topicArn.slice(0, 100))} is not the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alerts.`,
    );
  return { ...found, region, ...(endpoint === undefined ? {} : { endpoint }) };
}

function fromOutputs(path: string): Deployment {
  let outputs: unknown;
  try {
    outputs = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CliError("cli-input", `${path} cannot be read as JSON: give --topic and --table.`, {
      cause: error,
    });
  }
  const { topicArn, stateTable } = isObject(outputs) ? outputs : {};
  if (typeof topicArn !== "string" || typeof stateTable !== "string")
    throw new CliError(
      "cli-input",
      `${path} holds no topicArn and stateTable: deploy again (npx sst deploy), or give --topic and --table.`,
    );
  return deployment({ topicArn, stateTable, source: `from ${path}` });
}

/** The environment that a local AWS says processes need. */
async function fromLocalAws(endpoint: string): Promise<Deployment> {
  let environment: unknown;
  try {
    const url = new URL("/_streamwarden/environment", endpoint);
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    environment = await response.json();
  } catch (error) {
    throw new CliError(
      "cli-endpoint",
      `No deployment was found, and no local AWS answers at ${endpoint}: start \`npm start\` in another terminal, or name the deployment with --topic and --table (topicArn and stateTable in the output of \`sst deploy\`).`,
      { cause: error },
    );
  }
  const values = isObject(environment) ? environment : {};
  const value = (name: string): string => String(values[name] ?? "");
  return {
    ...deployment(
      {
        topicArn: value("STREAMWARDEN_TOPIC_ARN"),
        stateTable: value("STREAMWARDEN_STATE_TABLE"),
        source: "on this machine",
      },
      endpoint,
    ),
    credentials: {
      accessKeyId: value("AWS_ACCESS_KEY_ID"),
      secretAccessKey: value("AWS_SECRET_ACCESS_KEY"),
    },
  };
}

/** A local AWS takes any credentials, and a laptop may have none. */
function localCredentials(
  endpoint: string | undefined,
  env: Terminal["env"],
): Pick<Deployment, "credentials"> {
  const isLocal = endpoint !== undefined && /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(endpoint);
  if (!isLocal || env.AWS_ACCESS_KEY_ID !== undefined) return {};
  return { credentials: { accessKeyId: "local", secretAccessKey: "local" } };
}

function filled(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === "" ? undefined : text;
}

function usage(sentence: string): CliError {
  return new CliError("cli-usage", sentence, { exitCode: exitCodes.usage });
}
