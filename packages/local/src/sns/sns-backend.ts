import { randomUUID } from "node:crypto";
import { AwsServiceError } from "../errors.ts";
import { queryErrorResponse, queryResponse, xmlMap } from "../http/query-answer.ts";
import { QueryForm } from "../http/query-form.ts";
import type { ServiceBackend, ServiceResponse } from "../http/service-request.ts";
import type { XmlValue } from "../http/xml.ts";
import { type Message, parseMessage } from "./message.ts";
import type { Publisher } from "./publisher.ts";
import type { Subscription, Topic, Topics } from "./topics.ts";

interface Context {
  readonly topics: Topics;
  readonly publisher: Publisher;
  readonly account: string;
}

type Operation = (form: QueryForm, context: Context) => Promise<ServiceResponse> | ServiceResponse;

const maximumBatch = 10;
const maximumBatchBytes = 256 * 1024;
const pageLimit = 100;

/** SNS's query protocol: a form in, XML out. */
export function snsBackend(context: Context): ServiceBackend {
  return async (request, operation) => {
    const query = request.method === "GET" ? request.url.slice(request.url.indexOf("?") + 1) : request.body;
    try {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (run === undefined)
        throw new AwsServiceError("InvalidAction", `The local SNS has no operation "${operation}".`);
      return await run(new QueryForm(query), context);
    } catch (error) {
      if (!(error instanceof AwsServiceError)) throw error;
      return queryErrorResponse("sns", error.awsCode, error.message, error.status);
    }
  };
}

function required(form: QueryForm, name: string): string {
  const value = form.get(name);
  if (value === undefined || value === "") {
    throw new AwsServiceError(
      "InvalidParameter",
      `Invalid parameter: ${name} Reason: no value for required parameter`,
    );
  }
  return value;
}

function summary(subscription: Subscription, account: string): XmlValue {
  return {
    SubscriptionArn: subscription.token === undefined ? subscription.arn : "PendingConfirmation",
    TopicArn: subscription.topicArn,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    Owner: account,
  };
}

/** One page of a list; the token is the position to go on from. */
function page<T>(
  items: readonly T[],
  form: QueryForm,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const token = form.get("NextToken") ?? "0";
  if (!/^\d{1,9}$/.test(token)) throw new AwsServiceError("InvalidParameter", "Invalid parameter: NextToken");
  const from = Number(token);
  const end = from + pageLimit;
  return { items: items.slice(from, end), NextToken: end < items.length ? String(end) : undefined };
}

const operations: Readonly<Record<string, Operation>> = {
  CreateTopic: (form, { topics }) =>
    queryResponse("sns", "CreateTopic", {
      TopicArn: topics.create(required(form, "Name"), form.map("Attributes")).arn,
    }),

  DeleteTopic: (form, { topics }) => {
    topics.delete(required(form, "TopicArn"));
    return queryResponse("sns", "DeleteTopic", {});
  },

  ListTopics: (form, { topics }) => {
    const { items, NextToken } = page(topics.all, form);
    return queryResponse("sns", "ListTopics", {
      Topics: items.map(({ arn }) => ({ TopicArn: arn })),
      NextToken,
    });
  },

  GetTopicAttributes: (form, { topics, account }) => {
    const topic = topics.topic(form.get("TopicArn"));
    const pending = [...topic.subscriptions.values()].filter(({ token }) => token !== undefined).length;
    const attributes: [string, string][] = [
      ["TopicArn", topic.arn],
      ["Owner", account],
      ["SubscriptionsConfirmed", String(topic.subscriptions.size - pending)],
      ["SubscriptionsPending", String(pending)],
      ["SubscriptionsDeleted", "0"],
      ["DisplayName", ""],
      ["Policy", "{}"],
      ...topic.attributes,
    ];
    return queryResponse(
      "sns",
      "GetTopicAttributes",
      `<Attributes>${xmlMap(new Map(attributes))}</Attributes>`,
    );
  },

  SetTopicAttributes: (form, { topics }) => {
    topics.setTopicAttribute(
      form.get("TopicArn"),
      form.get("AttributeName"),
      form.get("AttributeValue") ?? "",
    );
    return queryResponse("sns", "SetTopicAttributes", {});
  },

  Subscribe: (form, { topics, publisher }) => {
    const topic = topics.topic(form.get("TopicArn"));
    const before = topic.subscriptions.size;
    const subscription = topics.subscribe(
      topic,
      required(form, "Protocol"),
      required(form, "Endpoint"),
      form.map("Attributes"),
    );
    if (subscription.token !== undefined && topic.subscriptions.size > before)
      publisher.requestConfirmation(subscription);
    const full = subscription.token === undefined || form.get("ReturnSubscriptionArn") === "true";
    return queryResponse("sns", "Subscribe", {
      SubscriptionArn: full ? subscription.arn : "pending confirmation",
    });
  },

  ConfirmSubscription: (form, { topics }) =>
    queryResponse("sns", "ConfirmSubscription", {
      SubscriptionArn: topics.confirm(form.get("TopicArn"), form.get("Token")).arn,
    }),

  Unsubscribe: (form, { topics }) => {
    topics.unsubscribe(required(form, "SubscriptionArn"));
    return queryResponse("sns", "Unsubscribe", {});
  },

  ListSubscriptions: (form, { topics, account }) => {
    const all = topics.all.flatMap((topic) => [...topic.subscriptions.values()]);
    const { items, NextToken } = page(all, form);
    return queryResponse("sns", "ListSubscriptions", {
      Subscriptions: items.map((item) => summary(item, account)),
      NextToken,
    });
  },

  ListSubscriptionsByTopic: (form, { topics, account }) => {
    const { items, NextToken } = page([...topics.topic(form.get("TopicArn")).subscriptions.values()], form);
    return queryResponse("sns", "ListSubscriptionsByTopic", {
      Subscriptions: items.map((item) => summary(item, account)),
      NextToken,
    });
  },

  GetSubscriptionAttributes: (form, { topics, account }) => {
    const subscription = topics.subscription(form.get("SubscriptionArn"));
    const attributes: [string, string][] = [
      ["SubscriptionArn", subscription.arn],
      ["TopicArn", subscription.topicArn],
      ["Protocol", subscription.protocol],
      ["Endpoint", subscription.endpoint],
      ["Owner", account],
      ["PendingConfirmation", String(subscription.token !== undefined)],
      ["ConfirmationWasAuthenticated", "true"],
      ["RawMessageDelivery", String(subscription.rawDelivery)],
      ...subscription.attributes,
    ];
    return queryResponse(
      "sns",
      "GetSubscriptionAttributes",
      `<Attributes>${xmlMap(new Map(attributes))}</Attributes>`,
    );
  },

  SetSubscriptionAttributes: (form, { topics }) => {
    topics.setSubscriptionAttribute(
      form.get("SubscriptionArn"),
      form.get("AttributeName"),
      form.get("AttributeValue") ?? "",
    );
    return queryResponse("sns", "SetSubscriptionAttributes", {});
  },

  Publish: async (form, { topics, publisher }) => {
    const topic = targetTopic(form, topics);
    const { message } = parseMessage(form, randomUUID(), topic.arn);
    await publisher.publish(topic, message);
    return queryResponse("sns", "Publish", { MessageId: message.id });
  },

  PublishBatch: async (form, { topics, publisher }) => {
    const topic = topics.topic(form.get("TopicArn"));
    const entries = form.items("PublishBatchRequestEntries");
    checkBatch(entries);
    const failed: XmlValue[] = [];
    const accepted: { readonly id: string; readonly message: Message }[] = [];
    let total = 0;
    for (const entry of entries) {
      const id = entry.get("Id") ?? "";
      try {
        const { message, bytes } = parseMessage(entry, randomUUID(), topic.arn);
        total += bytes;
        accepted.push({ id, message });
      } catch (error) {
        if (!(error instanceof AwsServiceError)) throw error;
        failed.push({ Id: id, Code: error.awsCode, Message: error.message, SenderFault: true });
      }
    }
    if (total > maximumBatchBytes) {
      throw new AwsServiceError(
        "BatchRequestTooLong",
        "The length of all the messages put together is more than the limit.",
      );
    }
    for (const { message } of accepted) await publisher.publish(topic, message);
    const successful = accepted.map(({ id, message }) => ({ Id: id, MessageId: message.id }));
    return queryResponse("sns", "PublishBatch", { Successful: successful, Failed: failed });
  },
};

function targetTopic(form: QueryForm, topics: Topics): Topic {
  if (form.get("PhoneNumber") !== undefined) {
    throw new AwsServiceError(
      "InvalidParameter",
      "Invalid parameter: PhoneNumber Reason: the local SNS sends no text messages",
    );
  }
  return topics.topic(form.get("TopicArn") ?? form.get("TargetArn"));
}

function checkBatch(entries: readonly QueryForm[]): void {
  if (entries.length === 0)
    throw new AwsServiceError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > maximumBatch) {
    throw new AwsServiceError(
      "TooManyEntriesInBatchRequest",
      "The batch request contains more entries than permissible.",
    );
  }
  const ids = entries.map((entry) => entry.get("Id") ?? "");
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    throw new AwsServiceError(
      "InvalidBatchEntryId",
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  }
  if (new Set(ids).size !== ids.length) {
    throw new AwsServiceError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  }
}
