import { Command } from "commander";
import { type CommandContext, helpEnd, oneOf, policyOptions } from "../../options.ts";

export function explainCommand({ terminal, finish }: CommandContext): Command {
  return new Command("explain")
    .description("show why a policy is true of a record, or not")
    .argument("<policy>", "name or id of a policy or base rule")
    .argument(
      "<file>",
      "a record, an EventBridge event or a trail file, or one of them a line, gz or not; - is standard input",
    )
    .option(...policyOptions.policies)
    .option(...policyOptions.config)
    .option("-e, --event <eventID>", "only the record with this eventID")
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .addHelpText(
      "after",
      helpEnd({
        examples: [
          "streamwarden explain ivs-called-by-root record.json",
          "streamwarden explain my-rule record.json --policies my-rules/my-rule.yml",
        ],
        exitCodes:
          "1 there is no such policy or record, 3 a policy was rejected, and the one asked for is not there",
      }),
    )
    .action(async (policy: string, file: string, options) => {
      const { explain } = await import("./explain.ts");
      finish(await explain(policy, file, options, terminal));
    });
}
