import { Command } from "commander";
import { type CommandContext, configOption, helpEnd, oneOf, wholeNumber } from "../../options.ts";

export function seedCommand({ terminal, finish }: CommandContext): Command {
  return new Command("seed")
    .description(
      "teach first-seen policies from CloudTrail files, so that a new deployment need not learn for days",
    )
    .argument("<path...>", "files and folders (trail files, NDJSON, gz or not); - is standard input")
    .option(...configOption)
    .option("-t, --table <name>", "DynamoDB state table (default: STREAMWARDEN_STATE_TABLE)")
    .option("--before <time>", "leave records from then on to the consumers (default: 15 minutes ago)")
    .option("--dry-run", "say what would be written, and write nothing")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .option("-j, --jobs <number>", "threads that read files (default: by what is to do)", wholeNumber)
    .option("--no-progress", "no progress bar")
    .addHelpText(
      "after",
      helpEnd({
        notes: [
          "Region, endpoint and credentials are the AWS SDK's own: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL ...",
          "It only adds to the table, so it may run while consumers run, again, and with other files.",
        ],
        examples: [
          "streamwarden seed AWSLogs/ --table streamwarden-production-state --dry-run",
          "streamwarden seed AWSLogs/ --table streamwarden-production-state",
        ],
        exitCodes: "1 the table or a file cannot be used, 3 a policy was rejected, 130 interrupted",
      }),
    )
    .action(async (paths: string[], options) => {
      const { seed } = await import("./seed.ts");
      finish(await seed(paths, options, terminal));
    });
}
