import { createHash } from "node:crypto";

/**
 * fauxqs rejects every character beyond U+FFFF, which SQS takes. Such characters travel through it as
 * U+F8FF + six hexadecimal digits, and U+F8FF itself as the same; digests are computed over the real text, since SDKs
 * check them.
 */
const mark = "\uf8ff";
const beyond = /[\u{10000}-\u{10ffff}\uf8ff]/gu;
const marked = /\uf8ff([0-9a-f]{6})/g;

function hide(text: string): string {
  return text.replace(
    beyond,
    (character) => mark + (character.codePointAt(0) ?? 0).toString(16).padStart(6, "0"),
  );
}
function reveal(text: string): string {
  return text.replace(marked, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)));
}
function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

interface Body {
  MessageBody?: unknown;
}

/** A send request for fauxqs, and how to correct the digests of its answer; undefined when there is nothing to hide. */
export function hideAstral(
  body: string,
): { readonly body: string; readonly correct: (answer: string) => string } | undefined {
  if (!/[\ud800-\udfff\uf8ff]|\\u(d[89ab]|f8ff)/i.test(body)) return undefined;
  const request = JSON.parse(body) as Body & { Entries?: (Body & { Id: string })[] };
  const digests = new Map<string | undefined, string>();
  const change = <T extends Body>(message: T, id: string | undefined): T => {
    if (typeof message.MessageBody !== "string") return message;
    digests.set(id, md5(message.MessageBody));
    return { ...message, MessageBody: hide(message.MessageBody) };
  };
  const hidden = Array.isArray(request.Entries)
    ? { ...request, Entries: request.Entries.map((entry) => change(entry, entry.Id)) }
    : change(request, undefined);
  return {
    body: JSON.stringify(hidden),
    correct: (text) => {
      const answer = JSON.parse(text) as {
        MD5OfMessageBody?: string;
        Successful?: { Id: string; MD5OfMessageBody: string }[];
      };
      if (answer.MD5OfMessageBody !== undefined)
        answer.MD5OfMessageBody = digests.get(undefined) ?? answer.MD5OfMessageBody;
      for (const entry of answer.Successful ?? [])
        entry.MD5OfMessageBody = digests.get(entry.Id) ?? entry.MD5OfMessageBody;
      return JSON.stringify(answer);
    },
  };
}

/** The answer to a receive with the real text and its digest. */
export function revealAstral(answer: string): string {
  if (!answer.includes(mark)) return answer;
  const received = JSON.parse(answer) as { Messages?: { Body: string; MD5OfBody: string }[] };
  for (const message of received.Messages ?? []) {
    message.Body = reveal(message.Body);
    message.MD5OfBody = md5(message.Body);
  }
  return JSON.stringify(received);
}
