import { systemClock } from "@streamwarden/base";
import { PublishError, type PublishErrorCode } from "../errors.ts";
import { type RetryOptions, retrying } from "../retry.ts";
import { oneLine } from "../wording/text.ts";

export interface HttpDeliveryOptions extends RetryOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take. Default 5000. */
  readonly attemptTimeoutMilliseconds?: number;
}

export interface HttpDelivery {
  /** What the receiver is called in error messages. Never its URL, which may be a secret. */
  readonly receiver: string;
  readonly url: URL;
  /** Made anew for each attempt, because a signature holds the time. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string;
}

const defaultAttemptTimeoutMilliseconds = 5000;
const maximumAnswerBytes = 512;

/**
 * Posts a body and takes only 2xx for taken. Follows no redirect: it could lead to a host that is not allowed.
 *
 * @returns the HTTP status.
 * @throws PublishError
 */
export function deliver(delivery: HttpDelivery, options: HttpDeliveryOptions): Promise<number> {
  return retrying(() => attempt(delivery, options), options);
}

async function attempt(delivery: HttpDelivery, options: HttpDeliveryOptions): Promise<number> {
  const { receiver, url, headers, body } = delivery;
  const send = options.fetch ?? fetch;
  const signal = AbortSignal.timeout(options.attemptTimeoutMilliseconds ?? defaultAttemptTimeoutMilliseconds);
  let response: Response;
  let answer: string;
  try {
    response = await send(url, { method: "POST", headers: headers(), body, redirect: "manual", signal });
    answer = await readStart(response);
  } catch (error) {
    const [code, advice]: readonly [PublishErrorCode, string] = signal.aborted
      ? ["publish-timeout", "It may or may not have taken the alert; the alert is tried again."]
      : ["publish-unreachable", "Check DNS and the network path. The alert waits."];
    const detail = reasonOf(error, url);
    throw new PublishError(code, `${receiver} did not answer (${detail}). ${advice}`, { detail });
  }
  if (response.status >= 200 && response.status < 300) return response.status;
  throw rejection(receiver, response, answer, options);
}

function rejection(
  receiver: string,
  response: Response,
  answer: string,
  options: HttpDeliveryOptions,
): PublishError {
  const { status } = response;
  const said = answer === "" ? `HTTP ${status}` : `HTTP ${status}: ${oneLine(answer, 120)}`;
  if (status === 429) {
    return new PublishError(
      "publish-throttled",
      `${receiver} asks to slow down (${said}). The alert waits.`,
      {
        retryAfterSeconds: retryAfter(response, (options.clock ?? systemClock).now()),
        detail: said,
      },
    );
  }
  if (status >= 500 || status === 408) {
    const retryAfterSeconds = retryAfter(response, (options.clock ?? systemClock).now());
    return new PublishError("publish-unavailable", `${receiver} failed (${said}). The alert waits.`, {
      retryAfterSeconds,
      detail: said,
    });
  }
  if (status >= 300 && status < 400) {
    return new PublishError(
      "publish-target-refused",
      `${receiver} answered with a redirect (${said}), which is not followed. Configure the final address.`,
      { detail: said },
    );
  }
  const [code, advice] = diagnose(status);
  return new PublishError(code, `${receiver} rejected the alert (${said}). ${advice}`, { detail: said });
}

function diagnose(status: number): readonly [PublishErrorCode, string] {
  if (status === 404 || status === 410) {
    return [
      "publish-target-not-found",
      "The webhook, channel or workspace is gone: create a new webhook and configure it.",
    ];
  }
  if (status === 401 || status === 403) {
    return ["publish-not-authorized", "The webhook's secret or token is not accepted any more: renew it."];
  }
  return ["publish-message-refused", "Please report this with the text in brackets."];
}

/** Seconds or an HTTP date; 0 when there is none or it cannot be read. */
function retryAfter(response: Response, now: number): number {
  const value = response.headers.get("retry-after");
  if (value === null) return 0;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, Math.ceil((date - now) / 1000));
}

/** The first bytes of the answer; the rest is not read, because a receiver could send without end. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < maximumAnswerBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return text;
}

/** fetch hides the reason in `cause`; the URL is taken out, should a message hold it. */
function reasonOf(error: unknown, url: URL): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return oneLine(text.replaceAll(url.href, "the URL").replaceAll(url.pathname, "…"), 200);
}
