import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  type AlertTest,
  alertTestAttributes,
  alertTestEmail,
  alertTestFinding,
  alertTestPolicy,
  createSnsPublisher,
  PublishError,
  type Severity,
  snsClientDefaults,
  visibleJson,
} from "@streamwarden/alerting";
import { loadConfig } from "@streamwarden/config";
import { alertTestDocumentKey, alertTestDocuments, createStateClient } from "@streamwarden/consumer";
import { DynamoDbStateStore, type StateStore, StateStoreError } from "@streamwarden/detection";
import { CliError, exitCodes } from "../../errors.ts";
import { interrupted, listenForInterruption } from "../../ui/interruption.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { type Deployment, type DeploymentOptions, findDeployment } from "./deployment.ts";
import { chosenOf, destinationsOf, listSubscriptions, type TestDestination } from "./destinations.ts";
import { type AlertTestReport, reportJson, resultLines } from "./report.ts";
import { obstacleOf, resultOf, type TestResult } from "./result.ts";
import { routeObstacle, wantedValues } from "./route.ts";

export interface AlertTestOptions extends DeploymentOptions {
  readonly config?: string;
  readonly destination?: readonly string[];
  readonly severity?: string;
  /** Seconds. */
  readonly wait: number;
  readonly format: string;
}

interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly store: StateStore;
  destroy(): void;
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

function createClients({ region, stateTable, endpoint, credentials }: Deployment): Clients {
  const given = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const sns = new SNSClient({ region, ...given, ...snsClientDefaults });
  const sqs = new SQSClient({
    region,
    ...given,
    maxAttempts: 2,
    useQueueUrlAsEndpoint: endpoint === undefined,
  });
  const dynamodb = createStateClient(region, given);
  return {
    sns,
    sqs,
    store: new DynamoDbStateStore({ client: dynamodb, tableName: stateTable }),
    destroy() {
      for (const client of [sns, sqs, dynamodb]) client.destroy();
    },
  };
}

/** @throws CliError `cli-endpoint` with what AWS said. */
async function onAws<T>({ topicArn, stateTable, source }: Deployment, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof PublishError) throw new CliError("cli-endpoint", error.message, { cause: error });
    if (error instanceof StateStoreError) {
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      throw new CliError(
        "cli-table",
        `The state table ${stateTable} (${source}) cannot be read (${reason}), so no outcome could be seen. Check its name, the credentials, and that they allow dynamodb:GetItem.`,
        { cause: error },
      );
    }
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new CliError(
      "cli-endpoint",
      `The alert topic ${topicArn} (${source}) cannot be used (${name}: ${message}). Check the credentials, and that they allow sns:ListSubscriptionsByTopic, sns:GetSubscriptionAttributes and sns:Publish.`,
      { cause: error },
    );
  }
}

class Run {
  readonly #deployment: Deployment;
  readonly #clients: Clients;
  readonly #options: AlertTestOptions;
  readonly #signal: AbortSignal;

  constructor(deployment: Deployment, clients: Clients, options: AlertTestOptions, signal: AbortSignal) {
    this.#deployment = deployment;
    this.#clients = clients;
    this.#options = options;
    this.#signal = signal;
  }

  opening({ id, topicArn, messageId }: AlertTestReport): readonly string[] {
    const message = messageId === undefined ? "" : `, SNS message ${messageId}`;
    return [`Test ${id} to ${topicArn} (${this.#deployment.source}${message}).`];
  }

  async test(chosen: readonly TestDestination[], all: readonly TestDestination[]): Promise<AlertTestReport> {
    const { topicArn } = this.#deployment;
    const isLimited = chosen.length < all.length;
    const test: AlertTest = {
      id: `${alertTestPolicy}.${randomUUID()}`,
      severity: (this.#options.severity ?? "informational") as Severity,
      ...(isLimited ? { destinations: [...new Set(chosen.map(({ name }) => name))] } : {}),
      createdAt: Date.now(),
    };
    const subscribed = chosen.flatMap(({ subscription }) =>
      subscription === undefined ? [] : [subscription],
    );
    const also = wantedValues(subscribed, this.#options.severity === undefined ? [] : ["severity"]);
    const attributes = alertTestAttributes(test, also);
    const results = new Map<TestDestination, TestResult>();
    for (const destination of chosen) {
      const obstacle = obstacleOf(destination) ?? routed(destination, attributes);
      if (obstacle !== undefined) results.set(destination, obstacle);
    }
    const open = chosen.filter((destination) => !results.has(destination));
    // SNS cannot leave an address out. So a test that is for no address goes past the topic, into the queues.
    const isDirect = isLimited && open.every(({ kind }) => kind !== "email");
    const messageId = open.length === 0 || isDirect ? undefined : await this.#publish(test, also);
    const missed = isDirect ? await this.#send(test, open) : [];
    for (const result of missed) results.set(result.destination, result);
    for (const destination of open)
      if (destination.kind === "email") results.set(destination, mailed(destination, test, messageId ?? ""));
    await this.#collect(test, open, results);
    return {
      id: test.id,
      topicArn,
      ...(messageId === undefined ? {} : { messageId }),
      results: chosen.flatMap((destination) => results.get(destination) ?? []),
    };
  }

  async #publish(test: AlertTest, also: Parameters<typeof alertTestAttributes>[1]): Promise<string> {
    const { topicArn } = this.#deployment;
    const publisher = createSnsPublisher({ client: this.#clients.sns, topicArn });
    return await onAws(this.#deployment, () => publisher.publishTest(test, also));
  }

  /** As SNS would put it there, raw. */
  async #send(test: AlertTest, destinations: readonly TestDestination[]): Promise<readonly TestResult[]> {
    const MessageBody = visibleJson(alertTestFinding(test));
    const missed: TestResult[] = [];
    for (const destination of destinations) {
      try {
        const QueueUrl = await this.#queueUrl(destination);
        await this.#clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        missed.push({
          destination,
          result: "not-reached",
          detail: `its queue did not take it (${name}: ${message})`,
          advice: "Allow sqs:GetQueueUrl and sqs:SendMessage to these credentials, or test all destinations.",
        });
      }
    }
    return missed;
  }

  async #queueUrl({ subscription }: TestDestination): Promise<string> {
    const [, , , , account, name] = (subscription?.endpoint ?? "").split(":");
    const { QueueUrl = "" } = await this.#clients.sqs.send(
      new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }),
    );
    return QueueUrl;
  }

  /** Waits for what the notifiers store, until all have or the time is over. */
  async #collect(
    test: AlertTest,
    destinations: readonly TestDestination[],
    results: Map<TestDestination, TestResult>,
  ): Promise<void> {
    const until = Date.now() + this.#options.wait * 1000;
    const waiting = () => destinations.filter((destination) => !results.has(destination));
    for (;;) {
      for (const destination of waiting()) {
        const key = alertTestDocumentKey(test.id, destination.name);
        const outcome = await onAws(this.#deployment, () =>
          alertTestDocuments.read(this.#clients.store, key),
        );
        if (outcome !== undefined) results.set(destination, await this.#seen(resultOf(destination, outcome)));
      }
      if (waiting().length === 0) return;
      if (this.#signal.aborted) throw interrupted();
      if (Date.now() >= until) break;
      await sleep(pollMilliseconds, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    for (const destination of waiting()) results.set(destination, await this.#silent(destination));
  }

  /** A topic of Amazon Q that nothing is subscribed to takes everything, and nobody sees it. */
  async #seen(result: TestResult): Promise<TestResult> {
    const { destination } = result;
    if (destination.kind !== "amazonQ" || result.result !== "accepted") return result;
    const TopicArn = (destination.subscription?.endpoint ?? "").replace(":sqs:", ":sns:");
    const answer = await this.#clients.sns
      .send(new ListSubscriptionsByTopicCommand({ TopicArn }))
      .catch(() => undefined);
    if (answer === undefined || (answer.Subscriptions ?? []).length > 0) return result;
    return {
      ...result,
      result: "not-reached",
      detail: `${result.detail}, which nothing is subscribed to`,
      advice: `Add the topic ${TopicArn} to the channel in the Amazon Q Developer console (Notifications).`,
    };
  }

  /** No outcome came: what its queue says about why. */
  async #silent(destination: TestDestination): Promise<TestResult> {
    const advice = `Look at the log of the function streamwarden-<stage>-to-${destination.name}: a missing secret stops it, and one of an earlier release knows no tests.`;
    const detail = `no outcome within ${this.#options.wait} s`;
    try {
      const { Attributes = {} } = await this.#clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await this.#queueUrl(destination),
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      const waiting = Number(Attributes.ApproximateNumberOfMessages ?? 0);
      const flying = Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
      const queue = `its queue holds ${waiting} waiting and ${flying} in flight`;
      return { destination, result: "not-reached", detail: `${detail}; ${queue}`, advice };
    } catch {
      return { destination, result: "not-reached", detail, advice };
    }
  }
}

const pollMilliseconds = 300;

function routed(
  destination: TestDestination,
  attributes: ReturnType<typeof alertTestAttributes>,
): TestResult | undefined {
  const { subscription } = destination;
  const detail = subscription === undefined ? undefined : routeObstacle(subscription, attributes);
  return detail === undefined ? undefined : { destination, result: "not-sent", detail };
}

function mailed(destination: TestDestination, test: AlertTest, messageId: string): TestResult {
  return {
    destination,
    result: "accepted",
    detail: `SNS has it (message ${messageId})`,
    advice: `Only the mailbox shows whether it arrived: look for "${alertTestEmail(test).subject}", and in the spam folder.`,
  };
}
