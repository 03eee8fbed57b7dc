/** One email as a subscriber's mail program would get it. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** What the publisher wrote; for `email-json` the whole notification as JSON. */
  readonly body: string;
  /** What SNS adds below the body of every email. */
  readonly footer: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly topicArn: string;
  readonly messageId: string;
  /** Message attributes by name, values as text. */
  readonly messageAttributes: Readonly<Record<string, string>>;
}

export interface Mailbox {
  /** The newest mails, oldest first; older ones than the mailbox holds are gone. */
  readonly mails: readonly Mail[];
  /** All mails ever received, those that are gone included. */
  readonly received: number;
  /** @returns a function that stops the listening. */
  onMail(listener: (mail: Mail) => void): () => void;
  clear(): void;
}

/** A mailbox that keeps the newest `capacity` mails, so that a storm cannot fill the memory. */
export class MemoryMailbox implements Mailbox {
  readonly #capacity: number;
  readonly #listeners = new Set<(mail: Mail) => void>();
  #mails: Mail[] = [];
  received = 0;

  constructor(capacity = 1_000) {
    this.#capacity = capacity;
  }

  get mails(): readonly Mail[] {
    return this.#mails.slice(-this.#capacity);
  }

  onMail(listener: (mail: Mail) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.#mails = [];
  }

  deliver(mail: Mail): void {
    this.received += 1;
    this.#mails.push(mail);
    // Cut in blocks: dropping one at a time would move the whole array for every mail.
    if (this.#mails.length >= this.#capacity * 2) this.#mails = this.#mails.slice(-this.#capacity);
    for (const listener of this.#listeners) listener(mail);
  }
}
