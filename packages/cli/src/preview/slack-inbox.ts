import { type SlackMessage, slackPreviewArticle } from "@streamwarden/alerting";

/** A Slack message as it arrived at the loopback webhook, ready to be shown. */
export interface ReceivedSlackMessage {
  /** The destination's name in `streamwarden.yml`. */
  readonly destination: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** What the notification on a phone says. */
  readonly notification: string;
  /** HTML, escaped. */
  readonly article: string;
}

/** Keeps the newest messages, so that a storm cannot fill the memory. */
export class SlackInbox {
  readonly #capacity: number;
  #messages: ReceivedSlackMessage[] = [];
  received = 0;

  constructor(capacity = 200) {
    this.#capacity = capacity;
  }

  /** Newest first. */
  get messages(): readonly ReceivedSlackMessage[] {
    return this.#messages.toReversed();
  }

  /** Takes the body of a request; false when it is no message that we can show, which Slack would reject too. */
  take(destination: string, body: string, receivedAt: string): boolean {
    try {
      const message = JSON.parse(body) as SlackMessage;
      const article = slackPreviewArticle(message);
      this.#messages.push({ destination, receivedAt, notification: String(message.text), article });
    } catch {
      return false;
    }
    this.received += 1;
    this.#messages = this.#messages.slice(-this.#capacity);
    return true;
  }
}
