import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import type { Alert, AlertDigest } from "../model/alert.ts";
import { tacticsOf } from "../model/attack.ts";
import { boundDigest } from "../model/bounds.ts";
import { oneLine } from "../wording/text.ts";

/**
 * The message attributes that subscriptions filter on. A digest stands for many alerts, so it carries every value
 * that these had: a route that would have got one of them gets the digest. At most seven, because SNS drops
 * messages with more than ten for subscriptions with raw delivery.
 */
export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

const maximumValueLength = 200;
/** Of a list: names longer than this are no policy, account, region or tactic of ours. */
const maximumItemLength = 80;
const maximumItems = 50;

export function alertAttributes(alert: Alert): MessageAttributes {
  const { record } = alert;
  return {
    severity: text(alert.severity),
    policy: text(alert.policy.name),
    kind: text(alert.kind),
    delivery: text(alert.delivery),
    ...(record.account ? { account: text(record.account) } : {}),
    ...(record.region ? { region: text(record.region) } : {}),
    ...namedList(
      "tactic",
      tacticsOf(alert.policy.tags).map(({ name }) => name),
    ),
  };
}

export function digestAttributes(unbounded: AlertDigest): MessageAttributes {
  const digest = boundDigest(unbounded);
  return {
    kind: text("digest"),
    delivery: text("direct"),
    ...namedList(
      "severity",
      digest.policies.map(({ severity }) => severity),
    ),
    ...namedList(
      "policy",
      digest.policies.map(({ name }) => name),
    ),
    ...namedList("account", digest.accounts),
    ...namedList("region", digest.regions),
    ...namedList("tactic", digest.tactics),
  };
}

/** SNS rejects an empty value. */
function text(value: string): MessageAttributeValue {
  return {
    DataType: "String",
    StringValue: oneLine(value, maximumValueLength) || "unknown",
  };
}

export function namedList(name: string, values: readonly string[]): MessageAttributes {
  const kept = [...new Set(values.map((value) => oneLine(value, maximumItemLength)))].slice(0, maximumItems);
  return kept.length === 0 ? {} : { [name]: { DataType: "String.Array", StringValue: JSON.stringify(kept) } };
}
