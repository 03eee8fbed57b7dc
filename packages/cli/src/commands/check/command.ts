import { Command } from "commander";
import { type CommandContext, helpEnd, oneOf, policyOptions } from "../../options.ts";

export function checkCommand({ terminal, finish }: CommandContext): Command {
  return new Command("check")
    .description("validate streamwarden.yml and all policies")
    .option(...policyOptions.policies)
    .option(...policyOptions.config)
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .addHelpText(
      "after",
      helpEnd({
        examples: ["streamwarden check", "streamwarden check --policies sigma/rules/cloud/aws --format json"],
        exitCodes: "1 there is an error (warnings do not count)",
      }),
    )
    .action(async (options) => {
      const { check } = await import("./check.ts");
      finish(check(options, terminal));
    });
}
