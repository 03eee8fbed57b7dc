import type { Actor, ActorKind, CredentialKind, MfaState } from "@streamwarden/cloudtrail";
import type { Alert, AlertIncident, Severity } from "../model/alert.ts";
import { counted } from "./time.ts";

/** Our own words for the closed sets of an alert: what a person who does not know the product understands. */

export const severityWord: Readonly<Record<Severity, string>> = {
  informational: "INFO",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  critical: "CRITICAL",
};

export const actorKindWord: Readonly<Record<ActorKind, string>> = {
  root: "the account's root user",
  user: "IAM user",
  "role-session": "role session",
  federated: "federated session",
  machine: "machine role",
  service: "AWS service",
  account: "another AWS account",
  unknown: "unknown kind of principal",
};

/** What is said where nothing else of the credentials is known: see `mfaWords`. */
export const mfaWord: Readonly<Record<MfaState, string>> = {
  present: "yes",
  absent: "NO (AWS saw no second factor for this session)",
  unknown: "UNKNOWN (the record cannot prove it either way)",
  "not-applicable": "does not apply to machines and services",
};

/** No more than the record proves: a long-term key has no second factor; of a session AWS says what it saw. */
export function mfaWords({ mfa, credential }: Pick<Actor, "mfa" | "credential">): string {
  return mfa === "absent" && credential === "long-term-key"
    ? "NO (a long-term key: no second factor)"
    : mfaWord[mfa];
}

export const credentialWord: Readonly<Record<CredentialKind, string>> = {
  console: "AWS console sign-in",
  "long-term-key": "long-term access key",
  session: "temporary session credentials",
  service: "an AWS service's own",
  unknown: "unknown",
};

/** `1 call`, `12 calls`, `about 4,200 calls`. */
export function callCount(incident: Pick<AlertIncident, "count" | "countIsEstimate">): string {
  const calls = counted(incident.count, "call");
  return incident.countIsEstimate ? `about ${calls}` : calls;
}

const serviceNames: Readonly<Record<string, string>> = {
  "ivs.amazonaws.com": "Amazon IVS",
  "ivschat.amazonaws.com": "Amazon IVS Chat",
  "events.amazonaws.com": "Amazon EventBridge",
  "cloudtrail.amazonaws.com": "AWS CloudTrail",
  "sns.amazonaws.com": "Amazon SNS",
  "sqs.amazonaws.com": "Amazon SQS",
  "lambda.amazonaws.com": "AWS Lambda",
  "s3.amazonaws.com": "Amazon S3",
};

/** The service's name where we know it; undefined otherwise (then `eventSource` itself is shown, as data). */
export function serviceName(eventSource: string): string | undefined {
  return Object.hasOwn(serviceNames, eventSource) ? serviceNames[eventSource] : undefined;
}

/** What to do when the policy's author wrote no runbook. */
export const noRunbook =
  "Ask the actor whether this was meant. If it was not, revoke the session or key and undo the call.";

/** Whether this update was sent because the incident's severity rose; its id then ends in `.severity-<level>`. */
export function isEscalation(alert: Pick<Alert, "id" | "kind" | "severity">): boolean {
  return alert.kind === "update" && alert.id.endsWith(`.severity-${alert.severity}`);
}

/** Whether this update was sent because its incident saw something for the first time. */
export function isNews(alert: Pick<Alert, "kind" | "news">): boolean {
  return alert.kind === "update" && alert.news !== undefined && alert.news.length > 0;
}

/** Updates that news makes due in one incident. Beyond it, news is listed in its other alerts. */
const newsUpdatesPerIncident = 8;

/** What kind of message this is, in one or two sentences. */
export function situation(alert: Alert): string {
  const calls = callCount(alert.incident);
  switch (alert.kind) {
    case "new":
      return "New incident. Repeats will be counted and merged; what is new in it will be sent.";
    case "update":
      return updateSituation(alert, calls);
    case "summary":
      return `Summary: the incident's window has closed with ${calls}.${furtherNews(alert)}`;
  }
}

function updateSituation(alert: Alert, calls: string): string {
  const what = isEscalation(alert)
    ? `Update: the severity rose to ${severityWord[alert.severity]}; ${calls} so far.`
    : isNews(alert)
      ? `Update: something new in this incident; ${calls} so far.`
      : `Update: ${calls} in this incident so far.`;
  return `${what}${furtherNews(alert)}`;
}

function furtherNews({ incident: { newsRaised = 0 } }: Alert): string {
  return newsRaised < newsUpdatesPerIncident
    ? ""
    : ` It has had ${newsUpdatesPerIncident} updates about news: further news is listed in its alerts and not sent.`;
}
