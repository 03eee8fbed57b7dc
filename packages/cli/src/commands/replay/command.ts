import { Command } from "commander";
import { type CommandContext, helpEnd, oneOf, policyOptions, wholeNumber } from "../../options.ts";

export function replayCommand({ terminal, finish }: CommandContext): Command {
  return new Command("replay")
    .description("run policies over CloudTrail files and count what they match")
    .argument("<path...>", "files and folders (trail files, NDJSON, gz or not); - is standard input")
    .option(...policyOptions.policies)
    .option("-c, --config <path>", "path of streamwarden.yml (default: the one here, if there is one)")
    .option("-f, --format <format>", "table, json or ndjson", oneOf("table", "json", "ndjson"), "table")
    .option("--allow-rejected", "do not fail because policies were rejected")
    .option("-j, --jobs <number>", "threads that read files (default: by what is to do)", wholeNumber)
    .option("--no-progress", "no progress bar")
    .option("--no-pre-filter", "parse every record, even those that no policy could want")
    .addHelpText(
      "after",
      helpEnd({
        examples: [
          "streamwarden replay AWSLogs/",
          "streamwarden replay --policies sigma/rules/cloud/aws --format json trail.json.gz",
          "aws s3 cp s3://bucket/key.json.gz - | streamwarden replay -",
        ],
        exitCodes: "1 a file is damaged or cannot be read, 3 a policy was rejected, 130 interrupted",
      }),
    )
    .action(async (paths: string[], options) => {
      const { replay } = await import("./replay.ts");
      finish(await replay(paths, options, terminal));
    });
}
