import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from "@aws-sdk/client-sns";
import type { Config } from "@streamwarden/config";
import { nearest } from "@streamwarden/sigma";
import { CliError, exitCodes } from "../../errors.ts";

/** A kind that `streamwarden.yml` has, or a queue that it does not name. */
export type DestinationKind = keyof Config["destinations"] | "queue";

/** One receiver: a mailbox, or what a notifier of ours posts to. */
export interface TestDestination {
  readonly kind: DestinationKind;
  /** The destination's name in `streamwarden.yml`; `alerts.email` for its list of addresses. */
  readonly name: string;
  /** Of email. */
  readonly address?: string;
  /** How the topic reaches it; undefined where it is not subscribed. */
  readonly subscription?: Subscription;
}

export interface Subscription {
  /** Of SQS the queue's ARN, of email the address. */
  readonly endpoint: string;
  readonly isPending: boolean;
  /** JSON; undefined takes everything. */
  readonly filterPolicy?: string;
}

interface TopicSubscription extends Subscription {
  readonly protocol: string;
}

/** What the topic is subscribed with now, which may differ from what `streamwarden.yml` says. */
export async function listSubscriptions(
  sns: SNSClient,
  topicArn: string,
): Promise<readonly TopicSubscription[]> {
  const found: TopicSubscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client: sns },
    { TopicArn: topicArn },
  )) {
    for (const { Protocol = "", Endpoint = "", SubscriptionArn = "" } of Subscriptions) {
      const isPending = !SubscriptionArn.startsWith("arn:");
      const { FilterPolicy: filterPolicy } = isPending ? {} : await attributesOf(sns, SubscriptionArn);
      found.push({
        protocol: Protocol,
        endpoint: Endpoint,
        isPending,
        ...(filterPolicy === undefined ? {} : { filterPolicy }),
      });
    }
  }
  return found;
}

async function attributesOf(
  sns: SNSClient,
  SubscriptionArn: string,
): Promise<Readonly<Record<string, string>>> {
  const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  return Attributes;
}

/** Queues of our own are named after their destination, whatever the stage is called. */
const queueShape = /:streamwarden(?:-[\w-]+?)?-to-([a-z][a-z0-9-]*)$/;

/**
 * Every destination of the configuration with its subscription, and whatever else of ours the topic reaches: on a laptop
 * the examples that stand in for an empty configuration.
 */
export function destinationsOf(
  config: Config,
  subscriptions: readonly TopicSubscription[],
): readonly TestDestination[] {
  const left = new Set(subscriptions);
  const take = (fits: (one: TopicSubscription) => boolean): { readonly subscription?: Subscription } => {
    const subscription = [...left].find(fits);
    if (subscription !== undefined) left.delete(subscription);
    return subscription === undefined ? {} : { subscription };
  };
  const mailbox = (name: string, address: string): TestDestination => ({
    kind: "email",
    name,
    address,
    ...take((one) => one.protocol === "email" && one.endpoint.toLowerCase() === address.toLowerCase()),
  });
  const { slack, webhook, amazonQ, email } = config.destinations;
  const queues = [
    ...slack.map(({ name }) => ({ kind: "slack" as const, name })),
    ...webhook.map(({ name }) => ({ kind: "webhook" as const, name })),
    ...amazonQ.map(({ name }) => ({ kind: "amazonQ" as const, name })),
  ]
    // The longest name first: a queue "-to-b-to-a" belongs to "b-to-a" where there is one.
    .toSorted((a, b) => b.name.length - a.name.length)
    .map(
      ({ kind, name }): TestDestination => ({
        kind,
        name,
        ...take(
          (one) =>
            one.protocol === "sqs" && new RegExp(`:streamwarden-(?:[\\w-]+-)?to-${name}$`).test(one.endpoint),
        ),
      }),
    );
  const configured = [
    ...config.alerts.email.map((address) => mailbox("alerts.email", address)),
    ...email.flatMap(({ name, addresses }) => addresses.map((address) => mailbox(name, address))),
    ...queues,
  ];
  const others = [...left].flatMap((subscription): TestDestination[] => {
    if (subscription.protocol === "email")
      return [
        { kind: "email", name: "not in streamwarden.yml", address: subscription.endpoint, subscription },
      ];
    const name = subscription.protocol === "sqs" ? queueShape.exec(subscription.endpoint)?.[1] : undefined;
    return name === undefined ? [] : [{ kind: "queue", name, subscription }];
  });
  return [...configured, ...others];
}

/**
 * Those that were asked for by name or address.
 *
 * @throws CliError for a name that no destination has.
 */
export function chosenOf(
  destinations: readonly TestDestination[],
  names: readonly string[] | undefined,
): readonly TestDestination[] {
  if (names === undefined) return destinations;
  const known = destinations.flatMap(({ name, address }) => [
    name,
    ...(address === undefined ? [] : [address]),
  ]);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint =
      near === undefined ? `There are ${[...new Set(known)].join(", ") || "none"}.` : `Did you mean ${near}?`;
    throw new CliError("cli-usage", `There is no destination ${JSON.stringify(name)}. ${hint}`, {
      exitCode: exitCodes.usage,
    });
  }
  return destinations.filter(({ name, address }) => names.includes(name) || names.includes(address ?? name));
}
