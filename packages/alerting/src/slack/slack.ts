import type { Alert } from "../model/alert.ts";
import { type Fact, type FactSection, factSections } from "../wording/facts.ts";
import { callSentence } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { manyLines, oneLineValue } from "../wording/text.ts";
import { utc } from "../wording/time.ts";
import { callCount, isEscalation, noRunbook, severityWord } from "../wording/words.ts";
import {
  type LinkButton,
  markdown,
  plainText,
  type SlackBlock,
  type SlackMessage,
  slackLimits,
} from "./slack-blocks.ts";
import { severityLook } from "./slack-look.ts";
import { slackCode, slackLines, slackPlain, slackText } from "./slack-text.ts";

/**
 * The alert for Slack. The header and the coloured bar tell the severity at a glance; the facts are fields; the
 * buttons go to the event and the references. Facts are in one attachment of five blocks, because Slack folds
 * longer attachments behind "Show more". The parts' own bounds add up to less than Slack's total.
 */

const maximumWhat = 2000;
const maximumField = 700;
const maximumTodo = 2400;
const maximumContext = 1400;
const maximumValue = 240;
const maximumReferences = 2;
const maximumReasons = 8;

/** The full message for a new incident, and a compact follow-up for updates and summaries. */
export function slack(alert: Alert): SlackMessage {
  return alert.kind === "new" ? fullMessage(alert) : compactMessage(alert);
}

function fullMessage(alert: Alert): SlackMessage {
  const { what, who, where, when } = factSections(alert);
  // Two fields are two columns on a desktop and follow each other on a phone: the order stays that of the questions.
  const whereAndWhen = `${factText(where, maximumField)}\n\n${factText(when, maximumField)}`;
  const blocks: SlackBlock[] = [
    { type: "section", text: markdown(factText(what, maximumWhat)) },
    { type: "section", fields: [markdown(factText(who, 2 * maximumField)), markdown(whereAndWhen)] },
    { type: "section", text: markdown(todoText(alert)) },
    ...buttons(alert),
    { type: "context", elements: [markdown(whyText(alert)), markdown(traceText(alert))] },
  ];
  return message(alert, [{ type: "header", text: plainText(headerText(alert)) }], blocks);
}

function compactMessage(alert: Alert): SlackMessage {
  const { record, incident, severity } = alert;
  const look = severityLook[severity];
  const closed = alert.kind === "summary";
  const count = closed ? `closed after ${callCount(incident)}` : `${callCount(incident)} so far`;
  const rise = isEscalation(alert) ? `severity rose to ${severityWord[severity]}, ` : "";
  const failed = record.errorCode === undefined ? "" : ` (failed: ${slackCode(record.errorCode, 80)})`;
  const lines = [
    `${look.square} *${severityWord[severity]}: ${slackText(alert.policy.title, 150) || "untitled policy"}*`,
    `*${rise}${count}*, by ${slackCode(record.actor.label, 200)}`,
    `First ${utc(incident.firstTime)}, last ${utc(incident.lastTime)}`,
    `${closed ? "Last sent" : "This call"}: ${slackCode(record.eventName, 100)} from ${slackCode(record.sourceIp ?? "unknown", 100)}${failed}`,
  ];
  const blocks: SlackBlock[] = [
    { type: "section", text: markdown(lines.join("\n")) },
    ...buttons(alert),
    { type: "context", elements: [markdown(traceText(alert))] },
  ];
  return message(alert, [], blocks);
}

function message(alert: Alert, blocks: SlackBlock[], facts: SlackBlock[]): SlackMessage {
  const look = severityLook[alert.severity];
  const text = `${look.square} ${severityWord[alert.severity]}: ${slackText(alert.policy.title, 150)}. ${slackText(callSentence(alert, 300), 400)}`;
  return {
    text,
    blocks,
    attachments: [{ color: look.color, fallback: text, blocks: facts }],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function headerText(alert: Alert): string {
  return slackPlain(
    `${severityLook[alert.severity].square} ${severityWord[alert.severity]}: ${oneLineValue(alert.policy.title, 200)}`,
    slackLimits.headerText,
  );
}

/** A section's facts as lines, each whole; facts that do not fit are left out and said to be. */
function factText(section: FactSection, maximumLength: number): string {
  const lines = [`*${section.title}*`];
  let length = section.title.length + 2;
  const all = section.facts.flatMap(factLines);
  for (const [index, line] of all.entries()) {
    const reserve = index === all.length - 1 ? 0 : 2;
    if (length + 1 + line.length + reserve > maximumLength) {
      lines.push("…");
      break;
    }
    lines.push(line);
    length += 1 + line.length;
  }
  return lines.join("\n");
}

function factLines({ label, data, note, alarming }: Fact): readonly string[] {
  const name = `${label}:`;
  const words = note === undefined ? "" : alarming ? `*${note}*` : note;
  if (data === undefined) return [`${name} ${words}`];
  if (typeof data === "string")
    return [`${name} ${slackCode(data, maximumValue)}${words === "" ? "" : ` ${words}`}`];
  const values = data.map((line) => slackCode(line, maximumValue));
  const [only] = values;
  const rest = words === "" ? [] : [words];
  if (values.length === 1 && only !== undefined) return [`${name} ${only}`, ...rest];
  return [name, ...values.map((value) => `• ${value}`), ...rest];
}

function todoText({ policy }: Alert): string {
  const runbook = manyLines(policy.runbook ?? "", 30, maximumTodo) || noRunbook;
  return `*What to do now*\n${slackLines(runbook, maximumTodo)}`;
}

function buttons(alert: Alert): readonly SlackBlock[] {
  const event = cloudTrailUrl(alert.record);
  const elements: LinkButton[] = [];
  if (event !== undefined) {
    elements.push({
      type: "button",
      action_id: "open-event",
      text: plainText("Open in CloudTrail"),
      url: event,
      style: "primary",
    });
  }
  for (const [index, text] of alert.policy.references.slice(0, maximumReferences).entries()) {
    const url = referenceUrl(text);
    if (url === undefined) continue;
    const label = slackPlain(`Background: ${pageName(url)}`, slackLimits.buttonText);
    elements.push({ type: "button", action_id: `reference-${index}`, text: plainText(label), url: url.href });
  }
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

/** The page's own name with its host, because two pages of one host would be two buttons of one name. */
function pageName({ hostname, pathname }: URL): string {
  const name = pathname.split("/").findLast((part) => part !== "") ?? "";
  return name === "" ? hostname : `${name.replace(/\.html?$/, "").slice(0, 40)} (${hostname})`;
}

function whyText({ policy, record }: Alert): string {
  const description = slackText(policy.description ?? "", 400);
  const opening = `${description === "" ? "" : `${description}\n`}Policy ${slackCode(policy.name, 120)} fired because`;
  const parts: string[] = [];
  let length = opening.length;
  for (const reason of record.reasons.slice(0, maximumReasons)) {
    const part = slackCode(reason, 120);
    if (length + part.length + 40 > maximumContext) break;
    parts.push(part);
    length += part.length + 3;
  }
  const hidden = record.reasons.length - parts.length;
  return `${opening} ${parts.join(" · ")}${hidden > 0 ? ` and ${hidden} more` : ""}`;
}

function traceText({ id, record }: Alert): string {
  const account = record.account === undefined ? "" : ` in account ${slackCode(record.account, 40)}`;
  return `Alert ${slackCode(id, 100)} · event ${slackCode(record.eventId, 100)}${account}`;
}
