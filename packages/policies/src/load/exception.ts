import { parseEventTime } from "@streamwarden/cloudtrail";
import type { Filter } from "@streamwarden/sigma";
import { identityOf } from "../policy.ts";
import type { PolicyProblem } from "../problem.ts";
import { Attributes } from "./attributes.ts";
import { endOfDay } from "./end-of-day.ts";

/**
 * A Sigma filter that narrows policies. One of ours says who answers for it, why, and until when; a plain filter of a
 * public rule set says nothing, holds for ever, and is warned of.
 */
export interface Exception {
  readonly filter: Filter;
  readonly name: string;
  readonly owner?: string;
  readonly reason?: string;
  /** The last day on which it holds, UTC: `2026-12-31`. */
  readonly lastDay?: string;
}

const attributeNames = ["owner", "reason", "expires"];
const expires = "streamwarden.expires";

/** Reads an exception, and reports what does not fit: an error unless it has no attribute of ours at all. */
export function readException(filter: Filter, problems: PolicyProblem[]): Exception {
  const attributes = new Attributes(filter, attributeNames, problems);
  const { name } = identityOf(filter);
  const missing = attributeNames.filter((attribute) => !attributes.has(attribute));
  const hint = "An exception says who answers for it, why, and until when.";
  if (missing.length === attributeNames.length) {
    const message = `The exception "${filter.title}" has no \`streamwarden.owner\`, \`.reason\` and \`.expires\`, so it holds for ever and nobody answers for it.`;
    attributes.report("incomplete-exception", undefined, message, hint, "warning");
    return { filter, name };
  }
  for (const attribute of missing) {
    const message = `The exception has no \`streamwarden.${attribute}\`.`;
    attributes.report("incomplete-exception", attribute, message, hint);
  }
  const owner = attributes.text("owner");
  const reason = attributes.text("reason");
  const lastDay = attributes.day("expires");
  return {
    filter,
    name,
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(lastDay === undefined ? {} : { lastDay }),
  };
}

/** The ends of filters, which are asked of every record that one would except. */
const ends = new WeakMap<Filter, number>();

/**
 * Whether an exception holds for a record: until its last day is over, by the time of the call, so that a record gives
 * the same alerts whenever it is evaluated. A call without a time is not excepted from anything that ends.
 */
export function isInForce(filter: Filter, event: { readonly eventTime?: unknown }): boolean {
  const end = ends.get(filter) ?? endOf(filter);
  ends.set(filter, end);
  return end === Number.POSITIVE_INFINITY || parseEventTime(event.eventTime) < end;
}

/**
 * What to say of exceptions that hold no longer: they narrow nothing that happens from now on. It depends on the day, and is
 * asked of a policy set beside its problems, so that loading the same files always gives the same.
 *
 * @param now milliseconds since the epoch.
 */
export function expiredExceptions(exceptions: readonly Exception[], now: number): PolicyProblem[] {
  return exceptions.flatMap(({ filter, name, lastDay }): PolicyProblem[] => {
    if (lastDay === undefined || now < endOf(filter)) return [];
    const at = filter.places.key(expires) ?? { path: filter.path, line: filter.line, column: 1 };
    return [
      {
        code: "expired-exception",
        severity: "warning",
        message: `The exception "${name}" ended with ${lastDay} (UTC): calls after that day alert again.`,
        hint: "Remove it, or have its owner set a new last day.",
        ...at,
      },
    ];
  });
}

function endOf({ customAttributes }: Filter): number {
  return Object.hasOwn(customAttributes, expires)
    ? (endOfDay(customAttributes[expires]) ?? Number.NEGATIVE_INFINITY)
    : Number.POSITIVE_INFINITY;
}
