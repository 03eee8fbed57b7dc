import { type AlertTest, alertTestPolicy } from "../model/alert-test.ts";
import { type MessageAttributes, namedList } from "./attributes.ts";

/** The attributes that routes filter on. */
export const routeKeys = ["severity", "policy", "kind", "delivery", "account", "region", "tactic"] as const;
export type RouteKey = (typeof routeKeys)[number];

/**
 * The message attributes of a test: like a digest it carries every value that the routes of its destinations ask for, so that
 * each of them takes it.
 */
export function alertTestAttributes(
  { severity }: AlertTest,
  also: Partial<Readonly<Record<RouteKey, readonly string[]>>>,
): MessageAttributes {
  const own: Partial<Record<RouteKey, string>> = {
    severity,
    policy: alertTestPolicy,
    kind: "new",
    delivery: "direct",
  };
  return Object.assign(
    {},
    ...routeKeys.map((key) => {
      const value = own[key];
      return namedList(key, [...(value === undefined ? [] : [value]), ...(also[key] ?? [])]);
    }),
  );
}
