import { randomUUID } from "node:crypto";
import { AwsServiceError } from "../errors.ts";
import { compileFilterPolicy, type FilterPolicyScope, type MessageFilter } from "./filter-policy.ts";

const protocols = ["sqs", "http", "https", "email", "email-json"] as const;
type Protocol = (typeof protocols)[number];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Settable attributes by AWS's names. */
  readonly attributes: Map<string, string>;
  /** Set while the endpoint has not confirmed. */
  token: string | undefined;
  filter: MessageFilter;
  readonly rawDelivery: boolean;
  readonly deadLetterArn: string | undefined;
}

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly subscriptions: Map<string, Subscription>;
}

function invalid(reason: string): AwsServiceError {
  return new AwsServiceError("InvalidParameter", `Invalid parameter: ${reason}`);
}
function notFound(what: string): AwsServiceError {
  return new AwsServiceError("NotFound", `${what} does not exist`, 404);
}

const topicAttributes = new Set([
  "DisplayName",
  "Policy",
  "DeliveryPolicy",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
]);
const subscriptionAttributes = new Set([
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
  "DeliveryPolicy",
]);

/** Topics and subscriptions; knows nothing of delivery. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  readonly #prefix: string;

  constructor(region: string, account: string) {
    this.#prefix = `arn:aws:sns:${region}:${account}:`;
  }

  get all(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  create(name: string, attributes: ReadonlyMap<string, string>): Topic {
    if (name.endsWith(".fifo") || attributes.get("FifoTopic") === "true")
      throw invalid("the local SNS has no FIFO topics");
    if (!/^[\w-]{1,256}$/.test(name)) throw invalid("Topic Name");
    const arn = this.#prefix + name;
    const existing = this.#topics.get(arn);
    for (const [key, value] of attributes) {
      checkTopicAttribute(key);
      if (existing !== undefined && existing.attributes.get(key) !== value) {
        throw invalid("Attributes Reason: Topic already exists with different attributes");
      }
    }
    if (existing !== undefined) return existing;
    const topic: Topic = { arn, name, attributes: new Map(attributes), subscriptions: new Map() };
    this.#topics.set(arn, topic);
    return topic;
  }

  /** Deleting what is not there is fine, as on AWS. */
  delete(arn: string): void {
    this.#topics.delete(arn);
  }

  topic(arn: string | undefined): Topic {
    if (arn === undefined || !/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:.+$/.test(arn))
      throw invalid("TopicArn");
    const topic = this.#topics.get(arn);
    if (topic === undefined) throw notFound("Topic");
    return topic;
  }

  setTopicAttribute(arn: string | undefined, name: string | undefined, value: string): void {
    const topic = this.topic(arn);
    topic.attributes.set(checkTopicAttribute(name ?? ""), value);
  }

  subscribe(
    topic: Topic,
    protocol: string,
    endpoint: string,
    attributes: ReadonlyMap<string, string>,
  ): Subscription {
    const checked = checkEndpoint(protocol, endpoint);
    const existing = [...topic.subscriptions.values()].find(
      (subscription) => subscription.protocol === checked && subscription.endpoint === endpoint,
    );
    if (existing !== undefined) {
      for (const [name, value] of attributes) {
        if (existing.attributes.get(name) !== value) {
          throw invalid("Attributes Reason: Subscription already exists with different attributes");
        }
      }
      return existing;
    }
    const pending = checked === "http" || checked === "https";
    const subscription = build({
      arn: `${topic.arn}:${randomUUID()}`,
      topicArn: topic.arn,
      protocol: checked,
      endpoint,
      attributes: new Map(attributes),
      token: pending ? randomUUID() : undefined,
    });
    topic.subscriptions.set(subscription.arn, subscription);
    return subscription;
  }

  subscription(arn: string | undefined): Subscription {
    const topicArn = (arn ?? "").slice(0, (arn ?? "").lastIndexOf(":"));
    const subscription = this.#topics.get(topicArn)?.subscriptions.get(arn ?? "");
    if (subscription === undefined) throw notFound("Subscription");
    return subscription;
  }

  setSubscriptionAttribute(arn: string | undefined, name: string | undefined, value: string): void {
    const before = this.subscription(arn);
    const attributes = new Map(before.attributes).set(name ?? "", value);
    this.topic(before.topicArn).subscriptions.set(before.arn, build({ ...before, attributes }));
  }

  unsubscribe(arn: string): void {
    const topicArn = arn.slice(0, arn.lastIndexOf(":"));
    this.#topics.get(topicArn)?.subscriptions.delete(arn);
  }

  confirm(topicArn: string | undefined, token: string | undefined): Subscription {
    const topic = this.topic(topicArn);
    const found = [...topic.subscriptions.values()].find((subscription) => subscription.token === token);
    if (token === undefined || found === undefined) throw invalid("Token");
    found.token = undefined;
    return found;
  }
}

function checkTopicAttribute(name: string): string {
  if (!topicAttributes.has(name)) throw invalid(`AttributeName: ${name.slice(0, 100)}`);
  return name;
}

function checkEndpoint(protocol: string, endpoint: string): Protocol {
  const known = protocols.find((candidate) => candidate === protocol);
  if (known === undefined) throw invalid(`Does not support this protocol string: ${protocol.slice(0, 100)}`);
  switch (known) {
    case "sqs":
      if (!/^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/.test(endpoint))
        throw invalid("SQS endpoint ARN");
      break;
    case "email":
    case "email-json":
      if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalid("Email address");
      break;
    default:
      if (!isLoopbackUrl(endpoint, known)) {
        throw invalid(
          `Endpoint: the local SNS calls loopback addresses only, and ${endpoint.slice(0, 200)} is not one`,
        );
      }
  }
  return known;
}

function isLoopbackUrl(endpoint: string, protocol: "http" | "https"): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname, protocol: scheme } = new URL(endpoint);
  return (
    scheme === `${protocol}:` &&
    (/^127(\.\d{1,3}){3}$/.test(hostname) || hostname === "localhost" || hostname === "[::1]")
  );
}

type Draft = Omit<Subscription, "filter" | "rawDelivery" | "deadLetterArn">;

/** Checks the attributes together: a policy only makes sense with its scope. */
function build({ arn, topicArn, protocol, endpoint, attributes, token }: Draft): Subscription {
  for (const name of attributes.keys()) {
    if (!subscriptionAttributes.has(name)) throw invalid(`AttributeName: ${name.slice(0, 100)}`);
  }
  const scope = attributes.get("FilterPolicyScope") ?? "MessageAttributes";
  if (scope !== "MessageAttributes" && scope !== "MessageBody") throw invalid("FilterPolicyScope");
  const raw = attributes.get("RawMessageDelivery") ?? "false";
  if (raw !== "true" && raw !== "false") throw invalid("RawMessageDelivery");
  if (raw === "true" && protocol.startsWith("email"))
    throw invalid(`RawMessageDelivery: not supported for protocol ${protocol}`);
  const policy = attributes.get("FilterPolicy");
  return {
    arn,
    topicArn,
    protocol,
    endpoint,
    attributes,
    token,
    filter:
      policy === undefined || policy === ""
        ? () => true
        : compileFilterPolicy(policy, scope satisfies FilterPolicyScope),
    rawDelivery: raw === "true",
    deadLetterArn: parseRedrive(attributes.get("RedrivePolicy")),
  };
}

function parseRedrive(policy: string | undefined): string | undefined {
  if (policy === undefined || policy === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(policy);
    const arn =
      typeof parsed === "object" && parsed !== null && "deadLetterTargetArn" in parsed
        ? parsed.deadLetterTargetArn
        : undefined;
    if (typeof arn === "string" && /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/.test(arn)) return arn;
  } catch {
    // Answered below.
  }
  throw invalid("RedrivePolicy: deadLetterTargetArn must be the ARN of an SQS queue");
}
