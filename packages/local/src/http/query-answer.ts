import { randomUUID } from "node:crypto";
import type { ServiceResponse } from "./service-request.ts";
import { escapeXml, renderXml, type XmlValue } from "./xml.ts";

/** The services that answer in the query protocol's XML. */
const namespaces = {
  sns: "http://sns.amazonaws.com/doc/2010-03-31/",
  sqs: "http://queue.amazonaws.com/doc/2012-11-05/",
} as const;
type QueryService = keyof typeof namespaces;

/** A map of attributes as SNS writes maps. */
export function xmlMap(entries: Iterable<readonly [string, string]>): string {
  return [...entries]
    .map(([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${escapeXml(value)}</value></entry>`)
    .join("");
}

function document(status: number, body: string): ServiceResponse {
  return {
    status,
    headers: { "content-type": "text/xml" },
    body: `<?xml version="1.0"?>\n${body}`,
  };
}

/** `result` is a structure, or XML that is already rendered (for maps). */
export function queryResponse(
  service: QueryService,
  operation: string,
  result: { readonly [name: string]: XmlValue | undefined } | string,
): ServiceResponse {
  const inner = typeof result === "string" ? result : renderXml(result);
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  const content = `<${operation}Result>${inner}</${operation}Result>${metadata}`;
  return document(
    200,
    `<${operation}Response xmlns="${namespaces[service]}">${content}</${operation}Response>`,
  );
}

export function queryErrorResponse(
  service: QueryService,
  code: string,
  message: string,
  status: number,
): ServiceResponse {
  const error = renderXml({ Type: status >= 500 ? "Receiver" : "Sender", Code: code, Message: message });
  const content = `<Error>${error}</Error><RequestId>${randomUUID()}</RequestId>`;
  return document(status, `<ErrorResponse xmlns="${namespaces[service]}">${content}</ErrorResponse>`);
}
