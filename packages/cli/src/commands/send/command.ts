import { Command } from "commander";
import { defaultEndpoint } from "../../defaults.ts";
import { type CommandContext, helpEnd } from "../../options.ts";

export function sendCommand({ terminal, finish }: CommandContext): Command {
  return new Command("send")
    .description("send CloudTrail records through EventBridge, in any carrier")
    .argument(
      "<file...>",
      "files with a record, an EventBridge event or a trail file, gz or not; - is standard input",
    )
    .option("-e, --endpoint <url>", `EventBridge endpoint (default: AWS_ENDPOINT_URL, or ${defaultEndpoint})`)
    .option("-r, --region <name>", "region (default: AWS_REGION, or us-east-1)")
    .addHelpText(
      "after",
      helpEnd({
        examples: [
          "streamwarden send samples/cloudtrail-CreateChannel.aws-doc.json",
          "aws s3 cp s3://bucket/key.json.gz - | streamwarden send -",
        ],
        exitCodes: "1 a file was not sent in full (all others were)",
      }),
    )
    .action(async (files: string[], options) => {
      const { send } = await import("./send.ts");
      finish(await send(files, options, terminal));
    });
}
