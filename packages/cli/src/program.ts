import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { defaultEndpoint, defaultPort, defaultPreviewPort } from "./defaults.ts";
import { exitCodes } from "./errors.ts";
import { reportError } from "./ui/report-error.ts";
import { createTerminal, type Streams, type Terminal } from "./ui/terminal.ts";
import { linesOf } from "./ui/text.ts";
import { visibleText } from "./ui/visible.ts";

const media = ["email", "slack", "ocsf", "amazon-q"] as const;

const configOption = ["-c, --config <path>", "path of streamwarden.yml (default: the one here)"] as const;

/** Runs the command line and returns the exit code. A user's mistake is one sentence on stderr, with a code. */
export async function runCli(
  args: readonly string[],
  streams: Streams,
  options: Parameters<typeof createTerminal>[1],
): Promise<number> {
  const terminal = createTerminal(streams, options);
  const code = await runCommand(args, terminal);
  const { out, err } = terminal;
  await Promise.all([out.flushed(), err.flushed()]);
  if (out.failure !== undefined) {
    err.print(`error The output cannot be written: ${out.failure.message}. [cli-output]`);
    return exitCodes.failed;
  }
  const isCutShort = code === exitCodes.ok || code === exitCodes.interrupted;
  return out.closed.aborted && isCutShort ? exitCodes.readerGone : code;
}

async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = createProgram(args, terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportError(error, terminal.err);
  }
}

/** Each command is loaded when it is called: the AWS clients of one command take longer than the help of all. */
function createProgram(
  args: readonly string[],
  terminal: Terminal,
  finish: (exitCode: number) => void,
): Command {
  const program = new Command("streamwarden")
    .description("Watches every Amazon IVS API call that CloudTrail records and alerts on the risky ones.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out.print(...linesOf(text)),
      writeErr: (text) => terminal.err.print(...linesOf(quoted(text, args))),
      getOutHelpWidth: () => terminal.out.columns,
      getErrHelpWidth: () => terminal.err.columns,
    })
    .showHelpAfterError("(see --help)")
    .addHelpText(
      "after",
      `
Exit codes: 0 all is well, 1 something failed or was found, 2 wrong usage, 3 a policy was refused.
Documentation: README.md and docs/.`,
    );
  program
    .command("up")
    .description("run everything on this machine: AWS on loopback, the consumer, and sample events")
    .option(...configOption)
    .option(
      "-p, --port <number>",
      "port of local AWS on 127.0.0.1; 0 takes a free one",
      wholeNumber,
      defaultPort,
    )
    .option(
      "--preview-port <number>",
      `port of the preview page on 127.0.0.1; 0 takes a free one (default: ${defaultPreviewPort}, or free with --port 0)`,
      wholeNumber,
    )
    .option("--no-samples", "do not send the sample events of the AWS documentation")
    .option("--once", "stop after the sample events")
    .option("-v, --verbose", "show the consumer's log")
    .action(async (options) => {
      const { up } = await import("./commands/up/up.ts");
      finish(await up(options, terminal));
    });
  program
    .command("send")
    .description("send CloudTrail records through EventBridge, in any carrier")
    .argument(
      "<file...>",
      "files with a record, an EventBridge event or a trail file, gz or not; - is standard input",
    )
    .option("-e, --endpoint <url>", `EventBridge endpoint (default: AWS_ENDPOINT_URL, or ${defaultEndpoint})`)
    .option("-r, --region <name>", "region (default: AWS_REGION, or us-east-1)")
    .action(async (files: string[], options) => {
      const { send } = await import("./commands/send/send.ts");
      finish(await send(files, options, terminal));
    });
  program
    .command("replay")
    .description("run policies over CloudTrail files and count what they match")
    .argument("<path...>", "files and folders (trail files, NDJSON, gz or not); - is standard input")
    .option("-p, --policies <path...>", "policy files and folders instead of the configured ones")
    .option("-c, --config <path>", "path of streamwarden.yml (default: the one here, if there is one)")
    .option("-f, --format <format>", "table, json or ndjson", oneOf("table", "json", "ndjson"), "table")
    .option("--allow-refused", "do not fail because policies were refused")
    .option("-j, --jobs <number>", "threads that read files (default: one for each processor)", wholeNumber)
    .option("--no-progress", "no progress bar")
    .option("--no-pre-filter", "parse every record, even those that no policy could want")
    .addHelpText(
      "after",
      `
Examples:
  streamwarden replay AWSLogs/
  streamwarden replay --policies sigma/rules/cloud/aws --format json trail.json.gz
  aws s3 cp s3://bucket/key.json.gz - | streamwarden replay -
Exit codes: 1 a file is damaged or cannot be read, 3 a policy was refused, 130 interrupted.`,
    )
    .action(async (paths: string[], options) => {
      const { replay } = await import("./commands/replay/replay.ts");
      finish(await replay(paths, options, terminal));
    });
  program
    .command("seed")
    .description(
      "teach first-seen policies from CloudTrail files, so that a new deployment need not learn for days",
    )
    .argument("<path...>", "files and folders (trail files, NDJSON, gz or not); - is standard input")
    .option(...configOption)
    .option("-t, --table <name>", "DynamoDB state table (default: STREAMWARDEN_STATE_TABLE)")
    .option("--before <time>", "leave records from then on to the consumers (default: 15 minutes ago)")
    .option("--dry-run", "say what would be written, and write nothing")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .option("-j, --jobs <number>", "threads that read files (default: one for each processor)", wholeNumber)
    .option("--no-progress", "no progress bar")
    .addHelpText(
      "after",
      `
Region, endpoint and credentials are the AWS SDK's own: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL ...
It only adds to the table, so it may run while consumers run, again, and with other files.
Examples:
  streamwarden seed AWSLogs/ --table streamwarden-production-state --dry-run
  streamwarden seed AWSLogs/ --table streamwarden-production-state
Exit codes: 1 the table or a file cannot be used, 2 wrong usage, 3 a policy was refused, 130 interrupted.`,
    )
    .action(async (paths: string[], options) => {
      const { seed } = await import("./commands/seed/seed.ts");
      finish(await seed(paths, options, terminal));
    });
  program
    .command("check")
    .description("validate streamwarden.yml and all policies")
    .option("-p, --policies <path...>", "policy files and folders instead of the configured ones")
    .option("-c, --config <path>", "path of streamwarden.yml (default: the one here; with --policies none)")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .action(async (options) => {
      const { check } = await import("./commands/check/check.ts");
      finish(check(options, terminal));
    });
  program
    .command("test")
    .description("run the tests of all policies")
    .option(...configOption)
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .option("-v, --verbose", "list every test, not only what failed")
    .action(async (options) => {
      const { test } = await import("./commands/test/policy-tests.ts");
      finish(test(options, terminal));
    });
  program
    .command("explain")
    .description("show why a policy is true of a record, or not")
    .argument("<policy>", "name or id of a policy or base rule")
    .argument(
      "<file>",
      "a record, an EventBridge event or a trail file, or one of them a line, gz or not; - is standard input",
    )
    .option("-p, --policies <path...>", "policy files and folders instead of the configured ones")
    .option("-c, --config <path>", "path of streamwarden.yml (default: the one here; with --policies none)")
    .option("-e, --event <eventID>", "only the record with this eventID")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .addHelpText(
      "after",
      `
Examples:
  streamwarden explain ivs-called-by-root record.json
  streamwarden explain my-rule record.json --policies my-rules/my-rule.yml`,
    )
    .action(async (policy: string, file: string, options) => {
      const { explain } = await import("./commands/explain/explain.ts");
      finish(await explain(policy, file, options, terminal));
    });
  const alert = program.command("alert").description("look at alerts before anybody gets them");
  alert
    .command("preview")
    .description("render the alert of a policy's own first matching test, as the pipeline would")
    .argument("<policy>", "name or id of a policy")
    .option(...configOption)
    .option("-a, --as <medium>", "email, slack, ocsf or amazon-q", oneOf(...media), "email")
    .action(async (policy: string, options) => {
      const { alertPreview } = await import("./commands/alert-preview/alert-preview.ts");
      finish(await alertPreview(policy, options, terminal));
    });
  return program;
}

/** The text with the line feeds of arguments that it quotes escaped: those between its own lines are meant. */
const quoted = (text: string, args: readonly string[]): string =>
  args
    .filter((arg) => arg.includes("\n"))
    .reduce((shown, arg) => shown.replaceAll(arg, visibleText(arg)), text);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("It should be a whole number from 0 to 65535.");
  return value;
}

function oneOf(...choices: readonly string[]): (text: string) => string {
  return (text) => {
    if (!choices.includes(text)) throw new InvalidArgumentError(`It should be ${choices.join(" or ")}.`);
    return text;
  };
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
