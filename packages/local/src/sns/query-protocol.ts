import { randomUUID } from "node:crypto";
import type { ServiceResponse } from "../http/service-request.ts";

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/** A value of a query-protocol answer: text, a structure, or a list whose items are `<member>`. */
export type XmlValue =
  | string
  | number
  | boolean
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue | undefined };

/** XML 1.0 cannot carry most control characters at all, not even escaped; they become U+FFFD. */
const escapeXml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the document
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);

function render(value: XmlValue): string {
  if (Array.isArray(value)) return value.map((item: XmlValue) => `<member>${render(item)}</member>`).join("");
  if (typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, item]) => (item === undefined ? "" : `<${name}>${render(item)}</${name}>`))
    .join("");
}

/** A map of attributes as the query protocol writes maps. */
export const xmlMap = (entries: Iterable<readonly [string, string]>): string =>
  [...entries]
    .map(([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${escapeXml(value)}</value></entry>`)
    .join("");

const document = (status: number, body: string): ServiceResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body: `<?xml version="1.0"?>\n${body}`,
});

/** `result` is a structure, or XML that is already rendered (for maps). */
export function snsResponse(
  operation: string,
  result: { readonly [name: string]: XmlValue | undefined } | string,
): ServiceResponse {
  const inner = typeof result === "string" ? result : render(result);
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  const content = `<${operation}Result>${inner}</${operation}Result>${metadata}`;
  return document(200, `<${operation}Response xmlns="${namespace}">${content}</${operation}Response>`);
}

export function snsErrorResponse(code: string, message: string, status: number): ServiceResponse {
  const error = render({ Type: status >= 500 ? "Receiver" : "Sender", Code: code, Message: message });
  const content = `<Error>${error}</Error><RequestId>${randomUUID()}</RequestId>`;
  return document(status, `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>`);
}

/** A form of the query protocol: `A.entry.1.Name=x` is the field Name of the first item of A. */
export class QueryForm {
  readonly #values: ReadonlyMap<string, string>;

  constructor(form: string) {
    this.#values = new Map(new URLSearchParams(form));
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The items of a list or map parameter, in order, as forms of their own. */
  items(name: string): readonly QueryForm[] {
    const items = new Map<number, Map<string, string>>();
    for (const [key, value] of this.#values) {
      if (!key.startsWith(`${name}.`)) continue;
      const [kind, index, ...rest] = key.slice(name.length + 1).split(".");
      if ((kind !== "entry" && kind !== "member") || index === undefined || !/^\d{1,4}$/.test(index))
        continue;
      const item = items.get(Number(index)) ?? new Map<string, string>();
      item.set(rest.join("."), value);
      items.set(Number(index), item);
    }
    return [...items].sort(([left], [right]) => left - right).map(([, values]) => QueryForm.of(values));
  }

  /** A map parameter with text values (`Attributes.entry.1.key`, `.value`). */
  map(name: string): ReadonlyMap<string, string> {
    return new Map(this.items(name).map((item) => [item.get("key") ?? "", item.get("value") ?? ""]));
  }

  static of(values: ReadonlyMap<string, string>): QueryForm {
    return new QueryForm(new URLSearchParams([...values]).toString());
  }
}
