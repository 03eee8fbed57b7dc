import type { Alert } from "../model/alert.ts";
import { plainAuthorText } from "../wording/author-links.ts";
import { authorText } from "../wording/author-text.ts";
import { type Fact, type FactSection, factSections, isOneLine } from "../wording/facts.ts";
import { firedLine, headline, newsLine, subject } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { plainProse } from "../wording/prose.ts";
import { listed } from "../wording/tallies.ts";
import { cut, manyLines, oneLine, oneLineValue, wrap } from "../wording/text.ts";
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
const maximumRules = 12;
const maximumOtherEvents = 5;
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
  const title = oneLineValue(authorText(alert.policy.title), 200);
  const sentences = [newsLine(alert), headline(alert), firedLine(alert)].filter((line) => line !== undefined);
  return [
    ...wrap(`${severityWord[alert.severity]}: ${title}`, columns, "  "),
    ...sentences.flatMap((line) => wrap(oneLine(plainProse(line, 120), 700), columns, "  ")),
    ...wrap(situation(alert), columns, "  "),
  ].join("\n");
}

function factBlock({ title, facts }: FactSection): string {
  return block(title, facts.flatMap(factLines));
}

const headings: ReadonlySet<string> = new Set(
  ["What was done", "Who did it", "From where", "When", "What to do now", "Why this alert"].map((title) =>
    title.toUpperCase(),
  ),
);

/** A line of a block is never one of our headings, whoever wrote it. */
function block(title: string, lines: readonly string[]): string {
  return [title.toUpperCase(), ...lines.map((line) => (headings.has(line.trim()) ? `> ${line}` : line))].join(
    "\n",
  );
}

function factLines(fact: Fact): readonly string[] {
  const { label, data, text, note } = fact;
  if (text !== undefined) {
    const sentence = oneLineValue(text, maximumDataLength);
    return wrap(`${label}: ${sentence}${note === undefined ? "" : `, ${note}`}`, columns, "  ");
  }
  if (data === undefined) return wrap(`${label}: ${note ?? ""}`, columns, "  ");
  if (typeof data === "string") {
    const value = oneLineValue(data, maximumDataLength);
    return wrap(`${label}: ${value}${note === undefined ? "" : ` (${note})`}`, columns, "  ");
  }
  const values = data.map((line) => oneLineValue(line, maximumDataLength));
  if (isOneLine(fact)) {
    return wrap(`${label}: ${values.join(", ")}${note === undefined ? "" : ` ${note}`}`, columns, "  ");
  }
  const [only] = values;
  const rest = note === undefined ? [] : [`  ${note}`];
  if (values.length === 1 && only !== undefined)
    return [...wrap(`${label}: ${only}`, columns, "  "), ...rest];
  return [`${label}:`, ...values.flatMap((value) => wrap(`- ${value}`, columns, "  ")), ...rest];
}

function todoLines(alert: Alert): readonly string[] {
  const { policy, record } = alert;
  const runbook = manyLines(plainAuthorText(authorText(policy.runbook ?? "")), 60, 6000);
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
  const { policy, record, incident } = alert;
  const shown = record.reasons
    .slice(0, maximumReasons)
    .map((reason) => oneLineValue(reason, maximumDataLength));
  const hidden = record.reasons.length - shown.length;
  const harmless = policy.falsePositives
    .slice(0, maximumFalsePositives)
    .map((text) => oneLineValue(plainAuthorText(authorText(text)), maximumDataLength));
  const description = oneLine(plainAuthorText(authorText(policy.description ?? "")), 600);
  const { rules } = incident.calls ?? {};
  const matched = rules === undefined ? undefined : listed(rules, maximumRules);
  return [
    ...(description === "" ? [] : wrap(description, columns)),
    ...wrap(`Policy ${oneLineValue(policy.name, 120)} fired because:`, columns, "  "),
    ...shown.flatMap((reason) => wrap(`- ${reason}`, columns, "  ")),
    ...(hidden > 0 ? [`- and ${hidden} more conditions`] : []),
    ...(matched === undefined ? [] : ["Rules that matched:"]),
    ...(matched?.values ?? []).flatMap((rule) => wrap(`- ${oneLineValue(rule, 200)}`, columns, "  ")),
    ...(matched?.more === undefined ? [] : [`- ${matched.more}`]),
    ...(harmless.length > 0 ? ["Harmless when:"] : []),
    ...harmless.flatMap((text) => wrap(`- ${text}`, columns, "  ")),
  ];
}

/**
 * What a person needs to find this alert again. Not how the record came or how long that took: two copies of one record
 * come by different ways, and the same calls must give the same text.
 */
function closing(alert: Alert): string {
  const { record, incident } = alert;
  const group = incident.group
    .slice(0, 5)
    .map(({ field, value }) => `${oneLine(field, 60)} ${oneLineValue(value, 120)}`);
  const others = incident.eventIds.filter((id) => id !== record.eventId).map((id) => oneLine(id, 64));
  return [
    "--",
    ...wrap(`Alert ${oneLine(alert.id, 120)}`, columns, "  "),
    ...wrap(`Event ${oneLineValue(record.eventId, 100)}`, columns, "  "),
    ...(group.length > 0 ? wrap(`One incident per ${group.join(", ")}`, columns, "  ") : []),
    ...(others.length > 0
      ? wrap(`Other events of the incident: ${others.slice(0, maximumOtherEvents).join(", ")}`, columns, "  ")
      : []),
  ].join("\n");
}
