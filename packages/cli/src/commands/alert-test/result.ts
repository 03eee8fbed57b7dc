import type { AlertTestDocument } from "@streamwarden/consumer";
import type { TestDestination } from "./destinations.ts";

/**
 * What came back from one destination.
 *
 * - `reached`: the receiver itself answered that it has the message.
 * - `accepted`: AWS has it and hands it on; no answer of the receiver can be seen from here.
 * - `not-reached`: it does not have it, or nothing shows that it has.
 * - `not-sent`: its route does not take a test like this one.
 */
export interface TestResult {
  readonly destination: TestDestination;
  readonly result: "reached" | "accepted" | "not-reached" | "not-sent";
  /** What was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
  /** How long the receiver took to answer its notifier. */
  readonly milliseconds?: number;
}

/** By the code of a PublishError: what to do for one destination. */
const advices: Readonly<Record<string, string>> = {
  "publish-target-not-found":
    "The webhook, channel or workspace is gone: make a new webhook, set its secret (sst secret set) and deploy.",
  "publish-not-authorized":
    "The secret is not accepted: renew it at the receiver, set it (sst secret set) and deploy.",
  "publish-encryption-key": "Allow the notifier's role the use of the topic's KMS key: deploy again.",
  "publish-message-refused": "The receiver rejects the message itself: please report this.",
  "publish-throttled": "The receiver asks to slow down: run the test again in a minute.",
  "publish-unavailable": "The receiver has a fault: look at its status page, and run the test again.",
  "publish-timeout": "The receiver was too slow: look at it, and whether a firewall swallows the requests.",
  "publish-unreachable":
    "Check the receiver's name (DNS), the network path from the function, and a firewall between them.",
  "publish-target-refused": "Correct the address: the secret of Slack, `url` of a webhook. Then deploy.",
};
const certificateAdvice = "Renew or complete the receiver's TLS certificate; it is verified, always.";

/** What a notifier stored of the test. */
export function resultOf(destination: TestDestination, outcome: AlertTestDocument): TestResult {
  const { milliseconds } = outcome;
  if (outcome.outcome === "failed") {
    const isCertificate = /certificate|self.signed|\bTLS\b|\bSSL\b/i.test(outcome.reason);
    const advice = isCertificate ? certificateAdvice : advices[outcome.code];
    return {
      destination,
      result: "not-reached",
      detail: outcome.reason,
      ...(advice === undefined ? {} : { advice }),
      milliseconds,
    };
  }
  if (destination.kind !== "amazonQ")
    return { destination, result: "reached", detail: outcome.answer, milliseconds };
  return {
    destination,
    result: "accepted",
    detail: `${outcome.answer} on its own topic`,
    advice: "Only the channel shows whether Amazon Q posted it: look there.",
    milliseconds,
  };
}

/** Why nothing can come, seen before anything is sent. */
export function obstacleOf(destination: TestDestination): TestResult | undefined {
  const { kind, subscription, address = "" } = destination;
  if (subscription === undefined) {
    const what =
      kind === "email" ? "this address" : `a queue of it (streamwarden-<stage>-to-${destination.name})`;
    return {
      destination,
      result: "not-reached",
      detail: `the topic has no subscription of ${what}`,
      advice: "Deploy (npx sst deploy): streamwarden.yml is ahead of what is deployed.",
    };
  }
  if (!subscription.isPending) return undefined;
  return {
    destination,
    result: "not-reached",
    detail: "its subscription is not confirmed",
    advice:
      kind === "email"
        ? `${address} must follow the link in the mail "AWS Notification - Subscription Confirmation"; after three days, deploy again for a new one.`
        : "Deploy again.",
  };
}
