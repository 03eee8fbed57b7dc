import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import {
  type AlertTest,
  alertTestAttributes,
  alertTestEmail,
  alertTestFinding,
  alertTestPolicy,
  createSnsPublisher,
  type Severity,
  visibleJson,
} from "@streamwarden/alerting";
import { alertTestDocumentKey, alertTestDocuments } from "@streamwarden/consumer";
import { interrupted } from "../../ui/interruption.ts";
import type { Deployment } from "./deployment.ts";
import { type Clients, onAws } from "./deployment-clients.ts";
import type { TestDestination } from "./destinations.ts";
import type { AlertTestReport } from "./report.ts";
import { obstacleOf, resultOf, type TestResult } from "./result.ts";
import { routeObstacle, wantedValues } from "./route.ts";

export interface RunOptions {
  /** One that was asked for; routes may leave it out. */
  readonly severity?: string;
  /** Seconds. */
  readonly wait: number;
}

/** One test, from its message to what came back from each destination. */
export class Run {
  readonly #deployment: Deployment;
  readonly #clients: Clients;
  readonly #options: RunOptions;
  readonly #signal: AbortSignal;

  constructor(deployment: Deployment, clients: Clients, options: RunOptions, signal: AbortSignal) {
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
