import { isObject, type JsonObject } from "@streamwarden/cloudtrail";
import type * as z from "zod";
import { FindingError } from "../errors.ts";
import { currentFormat, formatOf, formats, type Published } from "./own-message.ts";

/**
 * Reads back what `ocsf` and `digestFinding` carry of ours, this release's format or the one before. Every field is
 * checked and what is unknown is dropped: whoever may publish to the topic can send anything.
 *
 * @param text the body of the SNS message (the finding's JSON), not the SNS envelope.
 * @throws FindingError `finding-invalid`, and `finding-format-newer` for one that a later release wrote.
 */
export function alertFromFinding(text: string): Published {
  const own = ownPart(text);
  const format = formatOf(own);
  if (format !== undefined && format > currentFormat) {
    throw new FindingError(
      "finding-format-newer",
      `The message has format ${format}, and this notifier reads up to ${currentFormat}: deploy the notifier again, of the same release as the consumer.`,
    );
  }
  const schema = formats.get(format ?? 0);
  if (schema === undefined) throw invalid("its unmapped.streamwarden names no format of ours");
  const { data, error } = schema.safeParse(own);
  if (error !== undefined) throw invalid(firstProblem(error));
  return data;
}

function ownPart(text: string): JsonObject {
  let finding: unknown;
  try {
    finding = JSON.parse(text);
  } catch (error) {
    throw invalid("it is not JSON", error);
  }
  const unmapped = isObject(finding) ? finding.unmapped : undefined;
  const own = isObject(unmapped) ? unmapped.streamwarden : undefined;
  if (!isObject(own)) throw invalid("it has no unmapped.streamwarden");
  return own;
}

function invalid(reason: string, cause?: unknown): FindingError {
  return new FindingError("finding-invalid", `The message is not one of our findings: ${reason}.`, cause);
}

/** `alert.record.eventId: expected string, received undefined`: places and types, never what the message holds. */
function firstProblem({ issues }: z.ZodError): string {
  const issue = deepest(issues);
  if (issue === undefined) return "it has another shape";
  const what = issue.message.replace(/^Invalid (?:input|option): /, "");
  return `${issue.path.join(".") || "unmapped.streamwarden"}: ${what}`;
}

/** Of the branches of a union, the one that got furthest is the one that was meant. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const found = issues.flatMap((issue) => {
    const inner =
      issue.code === "invalid_union" ? issue.errors.flatMap((branch) => deepest(branch) ?? []) : [];
    return [issue, ...inner];
  });
  return found.toSorted((a, b) => b.path.length - a.path.length)[0];
}
