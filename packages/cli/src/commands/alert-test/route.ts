import { type MessageAttributes, type RouteKey, routeKeys } from "@streamwarden/alerting";
import { isObject } from "@streamwarden/cloudtrail";
import type { Subscription } from "./destinations.ts";

type Values = Partial<Readonly<Record<RouteKey, readonly string[]>>>;

/**
 * For each attribute one value that each route asks for, so that every one of them takes the test. Taken from the
 * subscriptions as they are, not from `streamwarden.yml`: what is deployed decides.
 */
export function wantedValues(subscriptions: readonly Subscription[], fixed: readonly RouteKey[]): Values {
  const wanted = new Map<RouteKey, Set<string>>();
  for (const { filterPolicy } of subscriptions)
    for (const [key, conditions] of conditionsOf(filterPolicy)) {
      const [value] = conditions.flatMap(valueFor);
      if (value === undefined || fixed.includes(key)) continue;
      wanted.set(key, (wanted.get(key) ?? new Set()).add(value));
    }
  return Object.fromEntries([...wanted].map(([key, values]) => [key, [...values]]));
}

/** What the route of a subscription takes, in words, where that leaves out a message with these attributes. */
export function routeObstacle(
  { filterPolicy }: Subscription,
  attributes: MessageAttributes,
): string | undefined {
  for (const [key, conditions] of conditionsOf(filterPolicy)) {
    const carried = valuesOf(attributes[key]);
    if (conditions.some((condition) => holds(condition, carried))) continue;
    const words = conditions.map((condition) =>
      isPrefix(condition) ? `${condition.prefix}*` : String(condition),
    );
    return `its route takes ${key} ${words.join(", ")} only`;
  }
  return undefined;
}

/** Our attributes are texts and lists of texts. */
function valuesOf(attribute: MessageAttributes[string] | undefined): readonly string[] {
  const { DataType = "", StringValue = "" } = attribute ?? {};
  if (DataType !== "String.Array") return [StringValue];
  const list: unknown = JSON.parse(StringValue);
  return Array.isArray(list) ? list.map(String) : [];
}

/** What is no condition of ours may hold: SNS decides, and the outcome shows it. */
function holds(condition: unknown, carried: readonly string[]): boolean {
  if (typeof condition === "string") return carried.includes(condition);
  return isPrefix(condition) ? carried.some((value) => value.startsWith(condition.prefix)) : true;
}

/** The conditions on our own attributes, in a policy that may be anybody's. */
function conditionsOf(
  filterPolicy: string | undefined,
): readonly (readonly [RouteKey, readonly unknown[]])[] {
  if (filterPolicy === undefined || filterPolicy === "") return [];
  const policy: unknown = JSON.parse(filterPolicy);
  if (!isObject(policy)) return [];
  return routeKeys.flatMap((key) => {
    const conditions = policy[key];
    return Array.isArray(conditions) ? [[key, conditions] as const] : [];
  });
}

function isPrefix(condition: unknown): condition is { readonly prefix: string } {
  return isObject(condition) && typeof condition.prefix === "string";
}

/** A value that fulfils the condition, where it is one that our routes make. */
function valueFor(condition: unknown): readonly string[] {
  if (typeof condition === "string") return [condition];
  return isPrefix(condition) ? [condition.prefix] : [];
}
