import { Command } from "commander";
import { defaultPort, defaultPreviewPort } from "../../defaults.ts";
import { type CommandContext, configOption, helpEnd, wholeNumber } from "../../options.ts";

export function upCommand({ terminal, finish }: CommandContext): Command {
  return new Command("up")
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
    .addHelpText(
      "after",
      helpEnd({
        examples: ["npm start", "npm start -- --port 0", "streamwarden up --no-samples --verbose"],
        exitCodes: "1 a port is taken or a policy is rejected, 130 interrupted before everything was up",
      }),
    )
    .action(async (options) => {
      const { up } = await import("./up.ts");
      finish(await up(options, terminal));
    });
}
