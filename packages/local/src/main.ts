import { parseArgs } from "node:util";
import { LocalAwsError } from "./errors.ts";
import { services } from "./http/service-request.ts";
import { type LocalAwsOptions, startLocalAws } from "./start-local-aws.ts";

const usage = `Runs AWS on loopback until SIGTERM or Ctrl-C and prints its environment as one line of JSON.

  node packages/local/src/main.ts [--port <gateway>] [--sqs-port <n>] [--sns-port <n>] [--dynamodb-port <n>]
       [--eventbridge-port <n>] [--region <name>] [--visibility-timeout <seconds>] [--maximum-receives <n>] [--seed <n>]
       [--aws-sources anyone|services]

Each flag can be given by environment: STREAMWARDEN_LOCAL_PORT, STREAMWARDEN_LOCAL_SQS_PORT, ...
Ports default to 0: any free one.
`;

const flags = [
  "port",
  ...services.map((service) => `${service}-port`),
  "region",
  "visibility-timeout",
  "maximum-receives",
  "seed",
  "aws-sources",
];

function readFlags(): Readonly<Record<string, string | undefined>> {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(flags.map((flag) => [flag, { type: "string" as const }])),
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    process.exit(0);
  }
  return Object.fromEntries(
    flags.map((flag) => {
      const variable = `STREAMWARDEN_LOCAL_${flag.toUpperCase().replaceAll("-", "_")}`;
      const given = (values as Record<string, unknown>)[flag];
      return [flag, typeof given === "string" ? given : process.env[variable]];
    }),
  );
}

function options(): LocalAwsOptions {
  const given = readFlags();
  const whole = (flag: string, maximum: number): number | undefined => {
    const text = given[flag];
    if (text === undefined || text === "") return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > maximum) {
      throw new LocalAwsError(
        "BAD_FLAG",
        `--${flag} must be a whole number from 0 to ${maximum}, not "${text}".`,
      );
    }
    return value;
  };
  const ports: Record<string, number> = {};
  for (const name of services) {
    const port = whole(`${name}-port`, 65_535);
    if (port !== undefined) ports[name] = port;
  }
  const gatewayPort = whole("port", 65_535);
  if (gatewayPort !== undefined) ports.gateway = gatewayPort;
  const visibilityTimeoutSeconds = whole("visibility-timeout", 43_200);
  const maximumReceives = whole("maximum-receives", 1_000);
  const seed = whole("seed", 0xffff_ffff);
  const awsSources = given["aws-sources"] ?? "anyone";
  if (awsSources !== "anyone" && awsSources !== "services") {
    throw new LocalAwsError("BAD_FLAG", `--aws-sources must be anyone or services, not "${awsSources}".`);
  }
  return {
    ports,
    awsSources,
    ...(given.region === undefined ? {} : { region: given.region }),
    ...(visibilityTimeoutSeconds === undefined ? {} : { visibilityTimeoutSeconds }),
    ...(maximumReceives === undefined ? {} : { maximumReceives }),
    ...(seed === undefined ? {} : { seed }),
  };
}

try {
  const aws = await startLocalAws(options());
  process.stdout.write(`${JSON.stringify(aws.environment)}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void aws.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  // A wrong flag or a taken port is the user's to fix: one sentence, no stack.
  const expected = error instanceof LocalAwsError || (error instanceof TypeError && "code" in error);
  process.stderr.write(
    `${expected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(expected ? 2 : 1);
}
