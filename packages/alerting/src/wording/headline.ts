import type { Alert } from "../model/alert.ts";
import { subjectPart } from "./subject-part.ts";
import { oneLine, oneLineValue } from "./text.ts";
import { callCount, isEscalation, severityWord } from "./words.ts";

/** SNS: UTF-8 without line breaks or control characters, fewer than 100 characters; ours always begins with `[`. */
const maximumSubjectLength = 99;

/**
 * `[HIGH] IVS channel created without MFA: CreateChannel by Admin/alice in us-west-2`. When it is too long the
 * actor gives way first (its end is in the body), then the title, so that the operation and region stay.
 */
export function subject(alert: Alert): string {
  const { record, policy } = alert;
  const prefix = `[${severityWord[alert.severity]}] ${progress(alert)}`;
  const title = subjectPart(policy.title, 60) || "untitled policy";
  const operation = subjectPart(record.eventName, 40) || "unknown operation";
  const region = record.region === undefined ? "" : ` in ${subjectPart(record.region, 20)}`;
  const actor = subjectPart(record.actor.label, 60) || "unknown";
  const fixed = `${prefix}: ${operation} by ${region}`.length;
  const actorRoom = Math.max(12, maximumSubjectLength - fixed - title.length);
  const shortActor = subjectPart(actor, actorRoom);
  const titleRoom = Math.max(12, maximumSubjectLength - fixed - shortActor.length);
  const line = `${prefix}${subjectPart(title, titleRoom)}: ${operation} by ${shortActor}${region}`;
  return subjectPart(line, maximumSubjectLength);
}

function progress(alert: Alert): string {
  switch (alert.kind) {
    case "new":
      return "";
    case "update":
      return isEscalation(alert) ? "Severity rose: " : `${callCount(alert.incident)} so far: `;
    case "summary":
      return `Closed after ${callCount(alert.incident)}: `;
  }
}

/** Who called what from where, one sentence for a notification or a summary line. Visible, but not escaped. */
export function callSentence({ record }: Alert, maximumLength: number): string {
  const place = record.region === undefined ? "" : ` in ${oneLine(record.region, 30)}`;
  const source = record.sourceIp === undefined ? "" : ` from ${oneLine(record.sourceIp, 60)}`;
  const verb = record.errorCode === undefined ? "called" : "tried";
  const mfa = record.actor.mfa === "absent" ? " (no MFA)" : "";
  const actor = `${oneLineValue(record.actor.label, 120)}${mfa}`;
  return oneLine(`${actor} ${verb} ${oneLineValue(record.eventName, 80)}${place}${source}.`, maximumLength);
}
