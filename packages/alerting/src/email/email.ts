import type { Alert } from "../model/alert.ts";
import { type Fact, type FactSection, factSections } from "../wording/facts.ts";
import { callSentence, subject } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { cut, manyLines, oneLine, oneLineValue, wrap } from "../wording/text.ts";
import { duration } from "../wording/time.ts";
import { noRunbook, severityWord, situation } from "../wording/words.ts";

/** An email as SNS sends it: plain text, and a subject of one visible line of at most 99 characters in any script. */
export interface EmailMessage {
  readonly subject: string;
  readonly body: string;
}

const columns = 78;
const maximumDataLength = 300;
const maximumReasons = 20;
const maximumReferences = 5;
const maximumFalsePositives = 5;
/** Every part is bounded; this is the bound of all, about a tenth of what SNS takes. */
const maximumBodyLength = 24_000;

/**
 * The alert for a mailbox: short labelled lines without columns, because a phone shows mail in a proportional
 * font and breaks long lines itself.
 */
export function email(alert: Alert): EmailMessage {
  const parts = [
    opening(alert),
    ...Object.values(factSections(alert)).map(factBlock),
    block("What to do now", todoLines(alert)),
    block("Why this alert", whyLines(alert)),
    closing(alert),
  ];
  return { subject: subject(alert), body: cut(`${parts.join("\n\n")}\n`, maximumBodyLength) };
}

function opening(alert: Alert): string {
  const title = oneLineValue(alert.policy.title, 200);
  return [
    ...wrap(`${severityWord[alert.severity]}: ${title}`, columns),
    ...wrap(callSentence(alert, 400), columns),
    ...wrap(situation(alert), columns),
  ].join("\n");
}

function factBlock({ title, facts }: FactSection): string {
  return block(title, facts.flatMap(factLines));
}

function block(title: string, lines: readonly string[]): string {
  return [title.toUpperCase(), ...lines].join("\n");
}

function factLines({ label, data, note }: Fact): readonly string[] {
  if (data === undefined) return wrap(`${label}: ${note ?? ""}`, columns);
  if (typeof data === "string") {
    const value = oneLineValue(data, maximumDataLength);
    return wrap(`${label}: ${value}${note === undefined ? "" : ` (${note})`}`, columns);
  }
  const values = data.map((line) => oneLineValue(line, maximumDataLength));
  const [only] = values;
  const rest = note === undefined ? [] : [`  ${note}`];
  if (values.length === 1 && only !== undefined) return [...wrap(`${label}: ${only}`, columns), ...rest];
  return [`${label}:`, ...values.flatMap((value) => wrap(`- ${value}`, columns, "  ")), ...rest];
}

function todoLines(alert: Alert): readonly string[] {
  const { policy, record } = alert;
  const runbook = manyLines(policy.runbook ?? "", 60, 6000);
  const lines =
    runbook === ""
      ? wrap(noRunbook, columns)
      : runbook.split("\n").flatMap((line) => wrap(line, columns, hangingIndent(line)));
  const url = cloudTrailUrl(record);
  const event = oneLineValue(record.eventId, 100);
  const account =
    record.account === undefined ? "" : ` (sign in to account ${oneLine(record.account, 40)} first)`;
  const link =
    url === undefined
      ? wrap(`Look up event ${event} in the CloudTrail event history${account}.`, columns)
      : [...wrap(`The event in the CloudTrail console${account}:`, columns), url];
  const references = policy.references.slice(0, maximumReferences).flatMap((text) => {
    const reference = referenceUrl(text);
    return reference === undefined ? [] : [reference.href];
  });
  return [...lines, "", ...link, ...(references.length > 0 ? ["", "Background:", ...references] : [])];
}

/** A wrapped list item continues under its text. */
function hangingIndent(line: string): string {
  return " ".repeat(/^\s*(?:[-*]|\d{1,2}[.)]) /.exec(line)?.[0].length ?? 0);
}

function whyLines(alert: Alert): readonly string[] {
  const { policy, record } = alert;
  const shown = record.reasons
    .slice(0, maximumReasons)
    .map((reason) => oneLineValue(reason, maximumDataLength));
  const hidden = record.reasons.length - shown.length;
  const harmless = policy.falsePositives
    .slice(0, maximumFalsePositives)
    .map((text) => oneLineValue(text, maximumDataLength));
  const description = oneLine(policy.description ?? "", 600);
  return [
    ...(description === "" ? [] : wrap(description, columns)),
    ...wrap(`Policy ${oneLineValue(policy.name, 120)} fired because:`, columns),
    ...shown.flatMap((reason) => wrap(`- ${reason}`, columns, "  ")),
    ...(hidden > 0 ? [`- and ${hidden} more conditions`] : []),
    ...(harmless.length > 0 ? ["Harmless when:"] : []),
    ...harmless.flatMap((text) => wrap(`- ${text}`, columns, "  ")),
  ];
}

/** What a person needs to find this alert again, and where the time went. */
function closing(alert: Alert): string {
  const { record, createdAt, publishedAt = createdAt, incident } = alert;
  const { called, received } = record.times;
  const delay = `${duration(received - called)} to reach us, ${duration(publishedAt - received)} to match and alert`;
  const group = incident.group
    .slice(0, 5)
    .map(({ field, value }) => `${oneLine(field, 60)} ${oneLineValue(value, 120)}`);
  const others = incident.eventIds.filter((id) => id !== record.eventId).map((id) => oneLine(id, 64));
  return [
    "--",
    ...wrap(`Alert ${oneLine(alert.id, 120)}`, columns),
    ...wrap(`Event ${oneLineValue(record.eventId, 100)}, carried by ${record.carrier}`, columns),
    ...(group.length > 0 ? wrap(`One incident per ${group.join(", ")}`, columns) : []),
    ...(others.length > 0
      ? wrap(`First events of the incident: ${others.slice(0, 5).join(", ")}`, columns)
      : []),
    ...wrap(`Delay: ${delay}`, columns),
  ].join("\n");
}
