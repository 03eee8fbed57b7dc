import { Command } from "commander";
import { type CommandContext, configOption, helpEnd, oneOf } from "../../options.ts";
import { alertTestCommand } from "../alert-test/command.ts";

const media = ["email", "slack", "ocsf", "amazon-q"] as const;

export function alertCommand(context: CommandContext): Command {
  const { terminal, finish } = context;
  const preview = new Command("preview")
    .description("render the alert of a policy's own first matching test, as the pipeline would")
    .argument("<policy>", "name or id of a policy")
    .option(...configOption)
    .option("-a, --as <medium>", "email, slack, ocsf or amazon-q", oneOf(...media), "email")
    .addHelpText(
      "after",
      helpEnd({
        examples: [
          "streamwarden alert preview ivs-called-by-root",
          "streamwarden alert preview ivs-called-by-root --as slack",
        ],
        exitCodes: "1 there is no such policy, or no test of it that matches, 3 a policy was rejected",
      }),
    )
    .action(async (policy: string, options) => {
      const { alertPreview } = await import("./alert-preview.ts");
      finish(await alertPreview(policy, options, terminal));
    });
  return new Command("alert")
    .description("look at alerts before anybody gets them, and test their delivery")
    .helpCommand(false)
    .addCommand(preview)
    .addCommand(alertTestCommand(context));
}
