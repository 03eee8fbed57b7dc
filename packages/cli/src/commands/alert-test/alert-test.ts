import { loadConfig } from "@streamwarden/config";
import { CliError, exitCodes } from "../../errors.ts";
import { listenForInterruption } from "../../ui/interruption.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { type DeploymentOptions, findDeployment } from "./deployment.ts";
import { createClients, onAws } from "./deployment-clients.ts";
import { chosenOf, destinationsOf, listSubscriptions } from "./destinations.ts";
import { reportJson, resultLines } from "./report.ts";
import { Run, type RunOptions } from "./run.ts";

export interface AlertTestOptions extends DeploymentOptions, RunOptions {
  readonly config?: string;
  readonly destination?: readonly string[];
  readonly format: string;
}

/**
 * Sends one marked test the way of every alert, and reports what came back from each destination.
 *
 * Why through the topic and the notifiers, not from here: only their network, roles and secrets can say whether an alert would
 * arrive, and no secret leaves the deployment. Each notifier stores what its receiver answered; what AWS alone has accepted
 * is never called reached.
 *
 * @throws CliError when the deployment cannot be found or used; ConfigError for the configuration.
 */
export async function alertTest(
  options: AlertTestOptions,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<number> {
  const configPath = options.config ?? terminal.defaultConfig;
  const config = loadConfig(configPath);
  const deployment = await findDeployment(options, configPath, terminal);
  const interruption = listenForInterruption(terminal.out.closed, signal);
  const clients = createClients(deployment);
  try {
    const { sns } = clients;
    const { topicArn } = deployment;
    // Before anything is sent: without the table no outcome could be seen.
    await onAws(deployment, () => clients.store.read("alert-test"));
    const subscriptions = await onAws(deployment, () => listSubscriptions(sns, topicArn));
    const all = destinationsOf(config, subscriptions);
    const chosen = chosenOf(all, options.destination);
    if (chosen.length === 0)
      throw new CliError(
        "cli-input",
        `${config.path} names no destination, and the topic has no subscription of ours: there is nothing to test (docs/destinations.md).`,
      );
    const run = new Run(deployment, clients, options, interruption.signal);
    const report = await run.test(chosen, all);
    if (options.format === "json") terminal.out.json(reportJson(report));
    else terminal.out.print(...run.opening(report), ...resultLines(report.results));
    const failed = report.results.some(({ result }) => result === "not-reached");
    const sent = report.results.some(({ result }) => result !== "not-sent");
    return failed || !sent ? exitCodes.failed : exitCodes.ok;
  } finally {
    interruption.release();
    clients.destroy();
  }
}
