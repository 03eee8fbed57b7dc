import type { Alert } from "../model/alert.ts";
import { authorText } from "../wording/author-text.ts";
import { type Fact, type FactSection, factSections, isOneLine } from "../wording/facts.ts";
import { firedLine, headline, newsLine, plainHeadline } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import type { Prose } from "../wording/prose.ts";
import { listed } from "../wording/tallies.ts";
import { manyLines, oneLine, oneLineValue } from "../wording/text.ts";
import { noRunbook, severityWord, situation } from "../wording/words.ts";
import {
  type LinkButton,
  markdown,
  plainText,
  type SlackBlock,
  type SlackMessage,
  slackLimits,
} from "./slack-blocks.ts";
import { severityLook } from "./slack-look.ts";
import { slackCode, slackLines, slackPlain, slackProse, slackText } from "./slack-text.ts";

/**
 * The alert for Slack. The header and the coloured bar tell the severity at a glance, the lines below it who did what; the
 * facts are fields; the buttons go to the event and the references. Facts are in one attachment of five blocks, because
 * Slack folds longer attachments behind "Show more". The parts' own bounds add up to less than Slack's total.
 *
 * Every message answers all questions by itself: a reader who is woken by an update has not seen the first one. Updates
 * and the summary only say less of why the policy fired and of what to do.
 */

const maximumOpeningLine = 700;
const maximumWhat = 1800;
const maximumWho = 1700;
const maximumField = 750;
const maximumTodo = 2000;
const maximumTodoAgain = 700;
const maximumContext = 1100;
const maximumValue = 240;
const maximumOpeningValue = 120;
const maximumReferences = 2;
const maximumReasons = 8;
const maximumRules = 4;

export function slack(alert: Alert): SlackMessage {
  const { what, who, where, when } = factSections(alert);
  // Two fields are two columns on a desktop and follow each other on a phone: the order stays that of the questions.
  const whereAndWhen = `${factText(where, maximumField)}\n\n${factText(when, maximumField)}`;
  const context = alert.kind === "new" ? [whyText(alert), traceText(alert)] : [traceText(alert)];
  const blocks: SlackBlock[] = [
    { type: "section", text: markdown(factText(what, maximumWhat)) },
    { type: "section", fields: [markdown(factText(who, maximumWho)), markdown(whereAndWhen)] },
    { type: "section", text: markdown(todoText(alert)) },
    ...buttons(alert),
    { type: "context", elements: context.map(markdown) },
  ];
  const head: SlackBlock[] = [
    { type: "header", text: plainText(headerText(alert)) },
    { type: "section", text: markdown(openingText(alert)) },
  ];
  return message(alert, head, blocks);
}

/** What is new, who did what, what fired, and what kind of message this is. */
function openingText(alert: Alert): string {
  const news = newsLine(alert);
  const fired = firedLine(alert);
  const lines = [
    ...(news === undefined ? [] : [bounded(news, "*New in this incident:* ")]),
    bounded(headline(alert)),
    ...(fired === undefined ? [] : [bounded(fired)]),
    situation(alert),
  ];
  return lines.join("\n");
}

/** Whole values while they fit: what a cut would split could be a code span. */
function bounded(prose: Prose, lead?: string): string {
  const parts = lead === undefined ? prose : prose.slice(1);
  let text = lead ?? "";
  for (const part of parts) {
    const next = slackProse([part], maximumOpeningValue);
    if (text.length + next.length > maximumOpeningLine) return `${text}…`;
    text += next;
  }
  return text;
}

function message(alert: Alert, blocks: SlackBlock[], facts: SlackBlock[]): SlackMessage {
  const look = severityLook[alert.severity];
  const text = `${look.square} ${severityWord[alert.severity]}: ${slackText(authorText(alert.policy.title), 150)}. ${slackText(plainHeadline(alert, 300), 400)}`;
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
    `${severityLook[alert.severity].square} ${severityWord[alert.severity]}: ${oneLineValue(authorText(alert.policy.title), 200)}`,
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

function factLines(fact: Fact): readonly string[] {
  const { label, data, text, note, alarming } = fact;
  const name = `${label}:`;
  const words = note === undefined ? "" : alarming ? ` *${note}*` : ` ${note}`;
  if (text !== undefined) return [`${name} ${slackText(text, maximumValue) || "(empty)"}${words}`];
  if (data === undefined) return [`${name}${words}`];
  if (typeof data === "string") {
    const inBrackets = note === undefined || alarming ? words : ` (${note})`;
    return [`${name} ${slackCode(data, maximumValue)}${inBrackets}`];
  }
  const values = data.map((line) => slackCode(line, maximumValue));
  if (isOneLine(fact)) return [`${name} ${values.join(", ")}${words}`];
  const [only] = values;
  const rest = words === "" ? [] : [words.trimStart()];
  if (values.length === 1 && only !== undefined) return [`${name} ${only}`, ...rest];
  return [name, ...values.map((value) => `• ${value}`), ...rest];
}

function todoText({ policy, kind }: Alert): string {
  const maximum = kind === "new" ? maximumTodo : maximumTodoAgain;
  const runbook = manyLines(authorText(policy.runbook ?? ""), kind === "new" ? 30 : 5, maximum) || noRunbook;
  return `*What to do now*\n${slackLines(runbook, maximum)}`;
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

function whyText({ policy, record, incident }: Alert): string {
  const description = slackLines(oneLine(authorText(policy.description ?? ""), 400), 500);
  const opening = `${description === "" ? "" : `${description}\n`}Policy ${slackCode(policy.name, 120)} fired because`;
  const { rules } = incident.calls ?? {};
  const matched = rules === undefined ? undefined : listed(rules, maximumRules);
  const rulesText =
    matched === undefined
      ? ""
      : `\nRules that matched: ${matched.values.map((rule) => slackCode(rule, 80)).join(" · ")} ${matched.more ?? ""}`;
  const parts: string[] = [];
  let length = opening.length + rulesText.length;
  for (const reason of record.reasons.slice(0, maximumReasons)) {
    const part = slackCode(reason, 120);
    if (length + part.length + 40 > maximumContext) break;
    parts.push(part);
    length += part.length + 3;
  }
  const hidden = record.reasons.length - parts.length;
  return `${opening} ${parts.join(" · ")}${hidden > 0 ? ` and ${hidden} more` : ""}${rulesText.trimEnd()}`;
}

function traceText({ id, record }: Alert): string {
  const account = record.account === undefined ? "" : ` in account ${slackCode(record.account, 40)}`;
  return `Alert ${slackCode(id, 100)} · event ${slackCode(record.eventId, 100)}${account}`;
}
