import { Command, InvalidArgumentError, Option } from "commander";
import { type CommandContext, configOption, helpEnd, oneOf } from "../../options.ts";

const severities = ["informational", "low", "medium", "high", "critical"] as const;

export function alertTestCommand({ terminal, finish }: CommandContext): Command {
  return new Command("test")
    .description("send one marked test to every configured destination, and say what came back from each")
    .option(...configOption)
    .option("-d, --destination <name...>", "only these: names of destinations, or addresses of email")
    .option(
      "-s, --severity <level>",
      "as an alert of this severity, which routes may then leave out (default: informational, past the severities of routes)",
      oneOf(...severities),
    )
    .addOption(
      new Option("-w, --wait <time>", "how long to wait for the receivers' answers")
        .argParser(seconds)
        .default(30, "30s"),
    )
    .option("--topic <arn>", "the alert topic (default: STREAMWARDEN_TOPIC_ARN)")
    .option("-t, --table <name>", "DynamoDB state table (default: STREAMWARDEN_STATE_TABLE)")
    .option("--endpoint <url>", "a local AWS, such as that of npm start")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .addHelpText(
      "after",
      helpEnd({
        notes: [
          "Without topic and table it takes those that the last `sst deploy` here wrote to .sst/outputs.json, else the",
          "local AWS of `npm start`. Region, endpoint and credentials are the AWS SDK's own: AWS_PROFILE ...",
          'The message says "This is a test", belongs to no incident, and is counted as no alert.',
        ],
        examples: [
          "streamwarden alert test",
          "streamwarden alert test --destination on-call siem",
          "streamwarden alert test --severity critical --wait 60s --format json",
        ],
        exitCodes:
          "1 a destination was not reached, or none was, 2 there is no such destination, 130 interrupted",
      }),
    )
    .action(async (options) => {
      const { alertTest } = await import("./alert-test.ts");
      finish(await alertTest(options, terminal));
    });
}

/** `30s`, `2m`, or a number of seconds. */
function seconds(text: string): number {
  const [, number = "", unit = "s"] = /^(\d{1,4})(s|m)?$/.exec(text) ?? [];
  const value = Number(number) * (unit === "m" ? 60 : 1);
  if (number === "" || value < 1 || value > 900)
    throw new InvalidArgumentError("It should be 1s to 900s, such as 30s or 2m.");
  return value;
}
