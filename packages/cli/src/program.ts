import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { alertCommand } from "./commands/alert-preview/command.ts";
import { checkCommand } from "./commands/check/command.ts";
import { explainCommand } from "./commands/explain/command.ts";
import { replayCommand } from "./commands/replay/command.ts";
import { seedCommand } from "./commands/seed/command.ts";
import { sendCommand } from "./commands/send/command.ts";
import { testCommand } from "./commands/test/command.ts";
import { upCommand } from "./commands/up/command.ts";
import { exitCodes } from "./errors.ts";
import type { CommandContext } from "./options.ts";
import { reportError } from "./ui/report-error.ts";
import { createTerminal, type Streams, type Terminal } from "./ui/terminal.ts";
import { linesOf } from "./ui/text.ts";
import { visibleText } from "./ui/visible.ts";

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
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram(args, { terminal, finish });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportError(error, terminal.err);
  }
}

const commands = [
  upCommand,
  sendCommand,
  replayCommand,
  seedCommand,
  checkCommand,
  testCommand,
  explainCommand,
  alertCommand,
];

function createProgram(args: readonly string[], context: CommandContext): Command {
  const { out, err } = context.terminal;
  const program = new Command("streamwarden")
    .description("Watches every Amazon IVS API call that CloudTrail records and alerts on the risky ones.")
    .version(version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", helpEnd);
  for (const command of commands) program.addCommand(command(context));
  for (const command of withSubcommands(program))
    command
      .helpOption("-h, --help", "print this help")
      .exitOverride()
      .configureOutput({
        writeOut: (text) => out.print(...linesOf(text)),
        writeErr: (text) => err.print(...linesOf(quoted(text, args))),
        getOutHelpWidth: () => out.columns,
        getErrHelpWidth: () => err.columns,
      })
      .configureHelp({ minWidthToWrap: 20 })
      .showHelpAfterError("(see --help)");
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((subcommand) => withSubcommands(subcommand))];
}

const helpEnd = `
Exit codes: 0 all is well, 1 something failed or was found, 2 wrong usage, 3 a policy was rejected,
130 interrupted, 141 the reader of the output went away (such as head) before all was written.
Environment: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and all others of the AWS SDK; NO_COLOR, FORCE_COLOR.
Documentation: README.md and docs/.`;

/** The text with the line feeds of arguments that it quotes escaped: those between its own lines are meant. */
function quoted(text: string, args: readonly string[]): string {
  return args
    .filter((arg) => arg.includes("\n"))
    .reduce((shown, arg) => shown.replaceAll(arg, visibleText(arg)), text);
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
