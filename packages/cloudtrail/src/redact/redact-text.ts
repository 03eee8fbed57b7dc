/** What stands where a secret stood. */
export const redacted = "[redacted]";

/**
 * Secrets that can be told by their form alone. Every pattern runs in linear time: no two of its parts can match the
 * same text. A secret that is cut off still matches by its beginning.
 */
const forms: readonly RegExp[] = [
  // IVS stream keys: low-latency `sk_us-west-2_...`, real-time ingest `rt_...`
  /sk_[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}_[A-Za-z0-9_-]+/gi,
  /\brt_[A-Za-z0-9_-]{16,}/g,
  // JSON Web Tokens: participant tokens, playback tokens, identity provider tokens
  /eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,4}/g,
  // STS session tokens
  /(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdzE|FQoGZXIvYXdzE)[A-Za-z0-9+/=_%-]*/g,
  // Slack webhooks and tokens, GitHub tokens
  /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]+/gi,
  /\bxox[a-z]-[A-Za-z0-9-]{8,}/g,
  /\bgh[a-z]_[A-Za-z0-9]{20,}/g,
  // Private keys
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
];

/**
 * `name=value` and `"name": "value"` inside free text, URLs and JSON in strings. A plain `secret` after a colon is
 * part of a Secrets Manager ARN.
 */
const named =
  /((?:password|passwd|passphrase|(?<!:)secret(?:[_-]?access)?(?:[_-]?key)?|token|api[_-]?key|private[_-]?key|stream[_-]?key|authorization|x-amz-signature|x-amz-credential)["'\\]*\s{0,4}[:=]\s{0,4}["'\\]*(?:(?:bearer|basic)\s{1,4})?)[^\s"'\\&,;<>{}()[\]]{3,}/gi;

/** The text with every recognisable secret replaced. Use it on whatever came from a record and is not redacted yet. */
export function redactText(text: string): string {
  let result = text;
  for (const form of forms) result = result.replace(form, redacted);
  return result.replace(named, `$1${redacted}`);
}
