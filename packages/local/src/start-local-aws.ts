import { createResources, type LocalResources } from "./create-resources.ts";
import { RetryQueue } from "./delivery/retry-queue.ts";
import { SqsSender } from "./delivery/sqs-sender.ts";
import { startDynamoDbBackend } from "./dynamodb/dynamodb-backend.ts";
import { EventBus } from "./eventbridge/event-bus.ts";
import { eventBridgeBackend } from "./eventbridge/eventbridge-backend.ts";
import { FaultPlan, type Faults } from "./faults/fault-plan.ts";
import { withFaults } from "./faults/faulty-service.ts";
import { gateway } from "./gateway.ts";
import { exchanges, type Handler } from "./http/exchange.ts";
import { type LoopbackServer, listenOnLoopback } from "./http/loopback-server.ts";
import { type ServiceName, services } from "./http/service-request.ts";
import { type Mailbox, MemoryMailbox } from "./mailbox.ts";
import { Publisher } from "./sns/publisher.ts";
import { snsBackend } from "./sns/sns-backend.ts";
import { Topics } from "./sns/topics.ts";
import { withQueryProtocol } from "./sqs/query-protocol.ts";
import { accountId, startSqsBackend } from "./sqs/sqs-backend.ts";

export interface LocalAwsOptions {
  /** Ports on 127.0.0.1. Default 0: any free one. `gateway` is the one endpoint for everything. */
  readonly ports?: Partial<Record<ServiceName | "gateway", number>>;
  /** Default us-east-1. */
  readonly region?: string;
  /** How long a received message stays hidden. Default 30. */
  readonly visibilityTimeoutSeconds?: number;
  /** Receives after which SQS moves a message to the dead-letter queue. Default 5. */
  readonly maximumReceives?: number;
  /** How many mails the mailbox keeps. Default 1,000. */
  readonly mailboxCapacity?: number;
  /**
   * Who may put events whose source begins with `aws.`. On AWS only its services may; `services` rejects everyone else,
   * as AWS does, except programs that say they play a service (`serviceUserAgent`). Default `anyone`.
   */
  readonly awsSources?: "anyone" | "services";
  /** Seed of everything random: faults, jitter, shuffling. Default 1. */
  readonly seed?: number;
}

/** A running local world. */
export interface LocalAws {
  /** URL by service; `gateway` serves all of them. */
  readonly endpoints: Readonly<Record<ServiceName | "gateway", string>>;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What a process needs to use this world: for the SDK, the AWS CLI and the consumer. */
  readonly environment: Readonly<Record<string, string>>;
  readonly resources: LocalResources;
  readonly mailbox: Mailbox;
  readonly faults: Faults;
  /** Resolves when EventBridge and SNS have nothing left to deliver. Never, while a fault keeps failing deliveries. */
  settled(): Promise<void>;
  /** Deliveries of EventBridge and SNS since the start. */
  deliveries(): { readonly pending: number; readonly delivered: number; readonly failed: number };
  /** Stops every server and cuts every connection. State is gone: nothing is written to disk. */
  close(): Promise<void>;
}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

/**
 * Starts SQS, SNS, DynamoDB and EventBridge on 127.0.0.1 with the product's resources in them. The address cannot be
 * changed.
 *
 * @throws PortInUseError when a fixed port is taken; nothing is left running then.
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const region = options.region ?? "us-east-1";
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(options, region, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: LocalAwsOptions,
  region: string,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<LocalAws> {
  const faults = new FaultPlan(options.seed);
  const mailbox = new MemoryMailbox(options.mailboxCapacity);
  const deliveries = new RetryQueue(faults.random);
  const servers = new Map<ServiceName | "gateway", LoopbackServer>();
  const listen = async (name: ServiceName | "gateway", handler: Handler) => {
    const server = await listenOnLoopback(names[name], options.ports?.[name] ?? 0, exchanges(handler));
    servers.set(name, server);
    closers.push(() => server.close());
    return server;
  };

  const sqs = await startSqsBackend(region);
  closers.push(() => sqs.close());
  const dynamodb = await startDynamoDbBackend();
  closers.push(() => dynamodb.close());
  const sqsHandler = withQueryProtocol(withFaults("sqs", sqs.handle, faults));
  const sqsServer = await listen("sqs", sqsHandler);
  const sender = new SqsSender(`http://${sqsServer.host}`, region);
  closers.push(() => sender.close());

  const bus = new EventBus({
    region,
    account: accountId,
    sender,
    deliveries,
    awsSources: options.awsSources ?? "anyone",
  });
  const topics = new Topics(region, accountId);
  const publisher = new Publisher({
    sender,
    mailbox,
    deliveries,
    host: () => servers.get("sns")?.host ?? "",
  });
  const handlers = {
    sqs: sqsHandler,
    sns: withFaults("sns", snsBackend({ topics, publisher, account: accountId }), faults),
    dynamodb: withFaults("dynamodb", dynamodb.handle, faults),
    eventbridge: withFaults("eventbridge", eventBridgeBackend(bus), faults),
  };
  for (const name of services) if (name !== "sqs") await listen(name, handlers[name]);
  let environment: Readonly<Record<string, string>> = {};
  await listen("gateway", gateway({ handlers, faults, mailbox, environment: () => environment }));
  // Last in, first out: deliveries end before the servers they call.
  closers.push(() => deliveries.close());

  const endpoints = Object.fromEntries(
    [...servers].map(([name, { host }]) => [name, `http://${host}`]),
  ) as LocalAws["endpoints"];
  const resources = await createResources(
    { endpoints, region, credentials },
    {
      visibilityTimeoutSeconds: options.visibilityTimeoutSeconds ?? 30,
      maximumReceives: options.maximumReceives ?? 5,
    },
  );
  environment = environmentOf(endpoints, region, resources);
  return {
    endpoints,
    region,
    accountId,
    credentials,
    environment,
    resources,
    mailbox,
    faults,
    settled: () => deliveries.idle(),
    deliveries: () => deliveries.counts,
    close,
  };
}

const names: Record<ServiceName | "gateway", string> = {
  sqs: "SQS",
  sns: "SNS",
  dynamodb: "DynamoDB",
  eventbridge: "EventBridge",
  gateway: "the AWS endpoint",
};

function environmentOf(
  endpoints: LocalAws["endpoints"],
  region: string,
  resources: LocalResources,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoints.gateway,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    STREAMWARDEN_QUEUE_URL: resources.queueUrl,
    STREAMWARDEN_TIMER_QUEUE_URL: resources.timerQueueUrl,
    STREAMWARDEN_DEAD_LETTER_QUEUE_URL: resources.deadLetterQueueUrl,
    STREAMWARDEN_TOPIC_ARN: resources.topicArn,
    STREAMWARDEN_STATE_TABLE: resources.stateTable,
  };
}
