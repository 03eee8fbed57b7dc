import type { Alert } from "../model/alert.ts";
import { slackCode, slackLines, slackProse, slackText } from "../slack/slack-text.ts";
import { authorText } from "../wording/author-text.ts";
import { type Fact, factSections, isOneLine } from "../wording/facts.ts";
import { firedLine, headline, newsLine, plainHeadline } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { listed } from "../wording/tallies.ts";
import { manyLines, oneLine, oneLineValue } from "../wording/text.ts";
import { noRunbook, severityWord, situation } from "../wording/words.ts";

/**
 * A custom notification of Amazon Q Developer in chat applications (formerly AWS Chatbot), schema 1.0. It must be
 * the whole body of an SNS message, so it needs a topic of its own. Source: chatbot adminguide, custom-notifs.
 */
export interface AmazonQNotification {
  readonly version: "1.0";
  readonly source: "custom";
  readonly id: string;
  readonly content: {
    readonly textType: "client-markdown";
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Groups the updates of one incident in a thread, where the channel's preferences allow it. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

export const amazonQLimits = { title: 250, description: 8000 } as const;

const maximumValue = 200;
const maximumSteps = 10;

/** `client-markdown` is drawn by the chat client, so text is neutralised as for Slack. */
export function amazonQ(alert: Alert): AmazonQNotification {
  const { policy, record, incident, severity } = alert;
  return {
    version: "1.0",
    source: "custom",
    id: oneLine(alert.id, 120),
    content: {
      textType: "client-markdown",
      title: slackText(
        `${severityWord[severity]}: ${oneLineValue(authorText(policy.title), 200)}`,
        amazonQLimits.title,
      ),
      description: description(alert),
      nextSteps: nextSteps(alert),
      keywords: [severity, alert.kind, slackText(policy.name, 100)],
    },
    metadata: {
      threadId: oneLine(incident.id, 120),
      summary: slackText(plainHeadline(alert, 300), 400),
      eventType: slackText(record.eventName, 100),
      relatedResources: record.resources.slice(0, 5).map((arn) => slackText(arn, maximumValue)),
      additionalContext: {
        policy: slackText(policy.name, 100),
        eventId: slackText(record.eventId, 100),
        account: slackText(record.account ?? "unknown", 40),
        region: slackText(record.region ?? "unknown", 40),
      },
    },
  };
}

/** Whole lines while they fit: what a cut would split could be a code span. */
function description(alert: Alert): string {
  const sections = Object.values(factSections(alert)).map(({ title, facts }) => [
    `*${title}*`,
    ...facts.flatMap(factLines),
  ]);
  const all = [openingLines(alert), ...sections, whyLines(alert)].flatMap((lines, index) =>
    index === 0 ? lines : ["", ...lines],
  );
  let text = "";
  for (const line of all) {
    if (text.length + 1 + line.length > amazonQLimits.description - 2) return `${text}\n…`;
    text += text === "" ? line : `\n${line}`;
  }
  return text;
}

function openingLines(alert: Alert): readonly string[] {
  const sentences = [newsLine(alert), headline(alert), firedLine(alert)].filter((line) => line !== undefined);
  return [...sentences.map((line) => slackProse(line, 100)), situation(alert)];
}

function whyLines({ policy, record, incident }: Alert): readonly string[] {
  const about = slackLines(oneLine(authorText(policy.description ?? ""), 400), 500);
  const { rules } = incident.calls ?? {};
  const matched = rules === undefined ? undefined : listed(rules, 8);
  return [
    "*Why this alert*",
    ...(about === "" ? [] : [about]),
    `Policy ${slackCode(policy.name, 120)} fired because`,
    ...record.reasons.slice(0, 8).map((reason) => `• ${slackCode(reason, 120)}`),
    ...(matched === undefined ? [] : ["Rules that matched:"]),
    ...(matched?.values ?? []).map((rule) => `• ${slackCode(rule, 120)}`),
    ...(matched?.more === undefined ? [] : [matched.more]),
  ];
}

function factLines(fact: Fact): readonly string[] {
  const { label, data, text, note, alarming } = fact;
  const words = note === undefined ? "" : alarming ? ` *${note}*` : ` ${note}`;
  if (text !== undefined) return [`${label}: ${slackText(text, maximumValue) || "(empty)"}${words}`];
  if (data === undefined) return [`${label}:${words}`];
  if (typeof data === "string") {
    const inBrackets = note === undefined || alarming ? words : ` (${note})`;
    return [`${label}: ${slackCode(data, maximumValue)}${inBrackets}`];
  }
  const values = data.map((line) => slackCode(line, 120));
  if (isOneLine(fact)) return [`${label}: ${values.join(", ")}${words}`];
  return [`${label}:`, ...values.map((value) => `• ${value}`), ...(words === "" ? [] : [words.trimStart()])];
}

function nextSteps({ policy, record }: Alert): readonly string[] {
  const steps = manyLines(authorText(policy.runbook ?? ""), maximumSteps, 2000)
    .split("\n")
    .map((line) => slackLines(line.replace(/^\s*(?:[-*]|\d{1,2}[.)])\s+/, ""), 300))
    .filter((line) => line !== "");
  const links = [
    cloudTrailUrl(record),
    ...policy.references.slice(0, 2).map((text) => referenceUrl(text)?.href),
  ];
  const shown = links.flatMap((url, index) =>
    url === undefined
      ? []
      : [`<${url.replaceAll("&", "&amp;")}|${index === 0 ? "Open in CloudTrail" : "Background"}>`],
  );
  return [...(steps.length > 0 ? steps : [noRunbook]), ...shown];
}
