import type { Alert } from "../model/alert.ts";
import { slackCode, slackLines, slackText } from "../slack/slack-text.ts";
import { type Fact, factSections } from "../wording/facts.ts";
import { callSentence } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { cut, manyLines, oneLine, oneLineValue } from "../wording/text.ts";
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
      title: slackText(`${severityWord[severity]}: ${oneLineValue(policy.title, 200)}`, amazonQLimits.title),
      description: cut(description(alert), amazonQLimits.description),
      nextSteps: nextSteps(alert),
      keywords: [severity, alert.kind, slackText(policy.name, 100)],
    },
    metadata: {
      threadId: oneLine(incident.id, 120),
      summary: slackText(callSentence(alert, 300), 400),
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

function description(alert: Alert): string {
  const sections = Object.values(factSections(alert)).map(({ title, facts }) =>
    [`*${title}*`, ...facts.flatMap(factLines)].join("\n"),
  );
  const reasons = alert.record.reasons.slice(0, 8).map((reason) => `• ${slackCode(reason, 120)}`);
  const about = slackText(alert.policy.description ?? "", 400);
  const why = [
    "*Why this alert*",
    ...(about === "" ? [] : [about]),
    `Policy ${slackCode(alert.policy.name, 120)} fired because`,
    ...reasons,
  ];
  return [situation(alert), ...sections, why.join("\n")].join("\n\n");
}

function factLines({ label, data, note, alarming }: Fact): readonly string[] {
  const words = note === undefined ? "" : alarming ? `*${note}*` : note;
  if (data === undefined) return [`${label}: ${words}`];
  if (typeof data === "string") return [`${label}: ${slackCode(data, maximumValue)} ${words}`.trimEnd()];
  const values = data.map((line) => `• ${slackCode(line, 120)}`);
  return [`${label}:`, ...values, ...(words === "" ? [] : [words])];
}

function nextSteps({ policy, record }: Alert): readonly string[] {
  const steps = manyLines(policy.runbook ?? "", maximumSteps, 2000)
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
