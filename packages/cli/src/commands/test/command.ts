import { Command } from "commander";
import { type CommandContext, configOption, helpEnd, oneOf } from "../../options.ts";

export function testCommand({ terminal, finish }: CommandContext): Command {
  return new Command("test")
    .description("run the tests of all policies")
    .option(...configOption)
    .option("-f, --format <format>", "text or json", oneOf("text", "json"), "text")
    .option("-v, --verbose", "list every test, not only what failed")
    .addHelpText(
      "after",
      helpEnd({
        examples: ["streamwarden test", "streamwarden test --config production.yml --verbose"],
        exitCodes: "1 a test failed, or a policy cannot be tested",
      }),
    )
    .action(async (options) => {
      const { test } = await import("./policy-tests.ts");
      finish(test(options, terminal));
    });
}
