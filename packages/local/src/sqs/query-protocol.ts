import type { Handler } from "../http/exchange.ts";
import { queryErrorResponse, queryResponse } from "../http/query-answer.ts";
import { QueryForm } from "../http/query-form.ts";
import { operationOf, type ServiceRequest, type ServiceResponse } from "../http/service-request.ts";
import { renderXml, type XmlValue } from "../http/xml.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Lets clients speak SQS's older protocol (a form in, XML out), which AWS still answers and older clients know only:
 * the AWS CLI of Debian 12, SDKs from before November 2023. Requests become the JSON protocol's and answers are written
 * back, so that the service behind it, its faults included, knows one protocol.
 */
export function withQueryProtocol(handle: Handler): Handler {
  return async (exchange) => {
    const { request } = exchange;
    const operation = request.headers["x-amz-target"] === undefined ? operationOf(request) : undefined;
    if (operation === undefined) return handle(exchange);
    const inner = { ...exchange, request: jsonRequest(request, operation) };
    const outcome = await handle(inner);
    exchange.onUndelivered = inner.onUndelivered;
    return typeof outcome === "string" ? outcome : queryAnswer(operation, outcome);
  };
}

const numbers = ["DelaySeconds", "VisibilityTimeout", "MaxNumberOfMessages", "WaitTimeSeconds", "MaxResults"];
const texts = [
  "QueueUrl",
  "QueueName",
  "QueueNamePrefix",
  "QueueOwnerAWSAccountId",
  "NextToken",
  "MessageBody",
  "MessageGroupId",
  "MessageDeduplicationId",
  "ReceiveRequestAttemptId",
  "ReceiptHandle",
  "Id",
];
/** Lists of text: the form's name and the JSON protocol's. */
const textLists = [
  ["AttributeName", "AttributeNames"],
  ["MessageAttributeName", "MessageAttributeNames"],
  ["MessageSystemAttributeName", "MessageSystemAttributeNames"],
  ["TagKey", "TagKeys"],
] as const;

function jsonRequest(request: ServiceRequest, operation: string): ServiceRequest {
  const question = request.url.indexOf("?");
  const query = question < 0 ? "" : request.url.slice(question + 1);
  const form = new QueryForm(request.method === "GET" ? query : request.body);
  const path = question < 0 ? request.url : request.url.slice(0, question);
  // The oldest clients call the queue's own URL and name the queue nowhere else.
  const queue = /^\/\d{12}\/[\w.-]+$/.test(path) ? { QueueUrl: `http://${request.host}${path}` } : {};
  const entries = form.list(`${operation}RequestEntry`);
  const body = {
    ...queue,
    ...fieldsOf(form, operation),
    ...(entries.length === 0 ? {} : { Entries: entries.map((entry) => fieldsOf(entry, operation)) }),
  };
  return {
    ...request,
    method: "POST",
    headers: { ...request.headers, "x-amz-target": `AmazonSQS.${operation}` },
    body: JSON.stringify(body),
  };
}

function fieldsOf(form: QueryForm, operation: string): Json {
  const fields = new Map<string, unknown>();
  for (const name of texts) {
    const value = form.get(name);
    if (value !== undefined) fields.set(name, value);
  }
  for (const name of numbers) {
    const value = form.get(name);
    // What is no number stays text, for the service to reject.
    if (value !== undefined) fields.set(name, /^-?\d{1,15}$/.test(value) ? Number(value) : value);
  }
  for (const [from, to] of textLists) {
    const items = form.list(from).flatMap((item) => item.get("") ?? []);
    if (items.length > 0) fields.set(to, items);
  }
  const pairs = (from: string, key: string, read: (item: QueryForm) => unknown, to: string): void => {
    const items = form.list(from);
    if (items.length > 0)
      fields.set(to, Object.fromEntries(items.map((item) => [item.get(key) ?? "", read(item)])));
  };
  pairs("Attribute", "Name", (item) => item.get("Value") ?? "", "Attributes");
  pairs("Tag", "Key", (item) => item.get("Value") ?? "", operation === "CreateQueue" ? "tags" : "Tags");
  pairs("MessageAttribute", "Name", attributeOf, "MessageAttributes");
  return Object.fromEntries(fields);
}

function attributeOf(item: QueryForm): Json {
  return Object.fromEntries(
    ["DataType", "StringValue", "BinaryValue"].flatMap((name) => {
      const value = item.get(`Value.${name}`);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function queryAnswer(operation: string, { status, headers, body }: ServiceResponse): ServiceResponse {
  const answer = (body === "" ? {} : JSON.parse(body)) as Json;
  if (status === 200) return queryResponse("sqs", operation, membersOf(operation, answer));
  const code = headers["x-amzn-query-error"]?.split(";")[0] ?? String(answer.__type).replace(/^.*#/, "");
  return queryErrorResponse("sqs", code, String(answer.message), status);
}

/** Names of the elements that a list or map is written as; each item is an element of its own, without a list around. */
const elements: Readonly<Record<string, string>> = {
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
  Messages: "Message",
  Attributes: "Attribute",
  MessageAttributes: "MessageAttribute",
  Tags: "Tag",
  Failed: "BatchResultErrorEntry",
};

function membersOf(operation: string, value: Json): string {
  return Object.entries(value)
    .flatMap(([name, member]): readonly string[] => {
      const element = name === "Successful" ? `${operation}ResultEntry` : (elements[name] ?? name);
      const write = (inner: string): string => `<${element}>${inner}</${element}>`;
      if (Array.isArray(member)) return member.map((item: unknown) => write(itemOf(operation, item)));
      if (typeof member !== "object" || member === null) return [write(renderXml(member as XmlValue))];
      const key = name === "Tags" ? "Key" : "Name";
      return Object.entries(member).map(([itemName, item]) =>
        write(`${renderXml({ [key]: itemName })}<Value>${itemOf(operation, item)}</Value>`),
      );
    })
    .join("");
}

function itemOf(operation: string, item: unknown): string {
  return typeof item === "object" && item !== null
    ? membersOf(operation, item as Json)
    : renderXml(item as XmlValue);
}
