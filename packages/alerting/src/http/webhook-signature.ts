import { createHmac, timingSafeEqual } from "node:crypto";
import { WebhookSignatureError } from "../errors.ts";

/**
 * Signatures of the open "Standard Webhooks" convention, which has verifying libraries in most languages:
 *
 *   webhook-id         the alert's id; the same on every retry, so a receiver can drop repeats
 *   webhook-timestamp  seconds since the epoch, when this attempt was made
 *   webhook-signature  `v1,` and the base64 HMAC-SHA256 of `<id>.<timestamp>.<body>`; several, separated by a
 *                      space, while a secret is being changed
 *
 * The time is signed, so a recorded request cannot be replayed later than the receiver's tolerance.
 */
export interface SignedHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** A secret as `whsec_` and base64, of at least 24 bytes. */
const secretShape = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const minimumSecretBytes = 24;

/** The secret's bytes, or undefined when it is not a secret that is strong enough. */
export function secretBytes(secret: string): Buffer | undefined {
  const [, encoded] = secretShape.exec(secret) ?? [];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length < minimumSecretBytes ? undefined : bytes;
}

export function sign(
  message: { readonly id: string; readonly body: string; readonly now: number },
  secrets: readonly Buffer[],
): SignedHeaders {
  const timestamp = String(Math.floor(message.now / 1000));
  const content = `${message.id}.${timestamp}.${message.body}`;
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": secrets.map((secret) => `v1,${hmac(secret, content)}`).join(" "),
  };
}

export interface WebhookToVerify {
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body's exact text, before any parsing. */
  readonly body: string;
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How far the sender's clock and the way may be off. Default 300. */
  readonly toleranceSeconds?: number;
}

/**
 * What a receiver does with a request of ours before it believes it.
 *
 * @throws WebhookSignatureError saying what is wrong.
 */
export function verifyWebhook(request: WebhookToVerify): void {
  const { headers, body, now, toleranceSeconds = 300 } = request;
  const secret = secretBytes(request.secret);
  if (secret === undefined)
    throw new WebhookSignatureError("The secret must be whsec_ and base64 of at least 24 bytes.");
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (!id || !timestamp || !signatures) {
    throw new WebhookSignatureError("The request lacks webhook-id, webhook-timestamp or webhook-signature.");
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    throw new WebhookSignatureError("The request is too old or from the future: it may be a replay.");
  }
  const expected = Buffer.from(hmac(secret, `${id}.${timestamp}.${body}`));
  const matches = signatures
    .split(" ")
    .filter((signature) => signature.startsWith("v1,"))
    .map((signature) => Buffer.from(signature.slice(3)))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!matches) throw new WebhookSignatureError("No signature of the request fits its body: it is not ours.");
}

function hmac(secret: Buffer, content: string): string {
  return createHmac("sha256", secret).update(content).digest("base64");
}
