import type { Alert } from "../model/alert.ts";
import { authorText } from "./author-text.ts";
import { type Prose, plainProse, proseList } from "./prose.ts";
import { subjectPart } from "./subject-part.ts";
import {
  actorName,
  distinct,
  hasFailures,
  isSeveral,
  listed,
  moreOf,
  newsWords,
  plural,
  resourceGroups,
} from "./tallies.ts";
import { oneLine } from "./text.ts";
import { timeRange, utcTime } from "./time.ts";
import { callCount, isEscalation, isNews, severityWord } from "./words.ts";

/** SNS: UTF-8 without line breaks or control characters, fewer than 100 characters; ours always begins with `[`. */
const maximumSubjectLength = 99;
/** Room for `someone@example.com as VideoAdmin`; the whole of it is in the body. */
const maximumSubjectActor = 44;

/**
 * `[HIGH] alice@example.com as VideoAdmin: IVS channel created without MFA (CreateChannel in us-west-2)`: the severity,
 * then the person, because that decides whom the reader calls. When it is too long the region goes first, then the
 * operation, then the end of the title.
 */
export function subject(alert: Alert): string {
  const { record, policy } = alert;
  const others = distinct(alert.incident.calls?.actors) - 1;
  const actor = subjectPart(record.actor.label, maximumSubjectActor) || "unknown";
  const who = others > 0 ? `${actor} and ${others} more` : actor;
  const start = `[${severityWord[alert.severity]}] ${who}: ${progress(alert)}`;
  const title = subjectPart(authorText(policy.title), 80) || "untitled policy";
  const operation = subjectPart(record.eventName, 40) || "unknown operation";
  const region = record.region === undefined ? "" : ` in ${subjectPart(record.region, 20)}`;
  const ends = [`${title} (${operation}${region})`, `${title} (${operation})`, title];
  const end =
    ends.find((text) => start.length + text.length <= maximumSubjectLength) ??
    subjectPart(title, Math.max(12, maximumSubjectLength - start.length));
  return subjectPart(`${start}${end}`, maximumSubjectLength);
}

function progress(alert: Alert): string {
  switch (alert.kind) {
    case "new":
      return alert.incident.count > 1 ? `${callCount(alert.incident)}: ` : "";
    case "update":
      if (isEscalation(alert)) return "severity rose: ";
      return isNews(alert) ? subjectNews(alert) : `${callCount(alert.incident)} so far: `;
    case "summary":
      return `closed after ${callCount(alert.incident)}: `;
  }
}

function subjectNews({ news = [] }: Alert): string {
  const [first] = news;
  if (first === undefined) return "";
  const { noun, value } = newsWords(first);
  const more = news.length > 1 ? ` and ${news.length - 1} more` : "";
  return `new ${noun} ${subjectPart(value, 30)}${more}: `;
}

const maximumSentenceValues = 6;
const maximumNews = 6;

/** `New in this incident: network 198.51.100.0/24, access key AKIA...`; undefined for all other alerts. */
export function newsLine(alert: Alert): Prose | undefined {
  if (!isNews(alert)) return undefined;
  const { news = [] } = alert;
  const shown = news.slice(0, maximumNews).flatMap((one, index): Prose => {
    const { noun, value } = newsWords(one);
    return [`${index === 0 ? "" : ", "}${noun} `, { data: value }];
  });
  const { more } = moreOf(news.length - maximumNews, 0);
  return ["New in this incident: ", ...shown, more === undefined ? "." : ` ${more}.`];
}

/** `What fired: 5 or more calls within 10 minutes, reached at 12:25:20 UTC.`; undefined where a single call did. */
export function firedLine({ incident: { fired } }: Alert): Prose | undefined {
  return fired === undefined
    ? undefined
    : ["What fired: ", { text: fired.when }, `, reached at ${utcTime(fired.at)}.`];
}

/**
 * Who did what, when and from where, for the whole incident: one call, or
 * `carol: 6 calls from 12:25:16 to 12:25:21 UTC on 2026-11-28: DeleteChannel ×6; channels a, b, c; from 192.0.2.10.`
 */
export function headline(alert: Alert): Prose {
  return alert.incident.count > 1 ? callsSentence(alert) : callSentence(alert);
}

/** The headline as plain text, for a notification or a summary line. Visible, but not escaped. */
export function plainHeadline(alert: Alert, maximumLength: number): string {
  return oneLine(plainProse(headline(alert), 120), maximumLength);
}

function callSentence({ record }: Alert): Prose {
  return [
    { data: record.actor.label },
    noSecondFactor(record.actor),
    record.errorCode === undefined ? " called " : " tried ",
    { data: record.eventName },
    ...placeOf(record),
    ".",
  ];
}

function callsSentence(alert: Alert): Prose {
  const { incident, record } = alert;
  const { calls } = incident;
  const lead = `${callCount(incident)} ${timeRange(incident.firstTime, incident.lastTime)}`;
  if (calls?.operations === undefined) {
    // An alert of the previous release knows one of its calls.
    const one: Prose = [`: ${lead}, one of them `, { data: record.eventName }, ...placeOf(record), "."];
    return [{ data: record.actor.label }, noSecondFactor(record.actor), ...one];
  }
  const operations = listed(calls.operations, maximumSentenceValues);
  return [
    ...actorsOf(alert),
    `: ${lead}: `,
    ...proseList(operations.values, operations.more),
    ...resourcesIn(alert),
    ...(hasFailures(calls) && calls.results
      ? ["; results: ", ...proseList(listed(calls.results, 3).values, undefined)]
      : []),
    ...(calls.addresses === undefined ? [] : ["; from ", ...addressesIn(calls.addresses)]),
    ".",
  ];
}

function actorsOf({ incident, record }: Alert): Prose {
  const { actors } = incident.calls ?? {};
  if (!isSeveral(actors)) return [{ data: record.actor.label }, noSecondFactor(record.actor)];
  const { values, more } = listed(actors, 3, false);
  return proseList(values.map(actorName), more);
}

function resourcesIn({ incident }: Alert): Prose {
  const { resources } = incident.calls ?? {};
  if (resources === undefined) return [];
  const groups = resourceGroups(resources.values.map(({ value }) => value));
  return groups.slice(0, 3).flatMap(({ noun, names }, index): Prose => {
    const shown = names.slice(0, maximumSentenceValues);
    const beyond = index === groups.length - 1 ? resources.more : 0;
    const { more } = moreOf(names.length - shown.length, beyond);
    return [`; ${plural(noun, names.length)} `, ...proseList(shown, more)];
  });
}

function addressesIn(addresses: NonNullable<NonNullable<Alert["incident"]["calls"]>["addresses"]>): Prose {
  const { values, more } = listed(addresses, 3, false);
  return proseList(values, more);
}

function placeOf({ region, sourceIp }: Alert["record"]): Prose {
  return [
    ...(region === undefined ? [] : [" in ", { data: region }]),
    ...(sourceIp === undefined ? [] : [" from ", { data: sourceIp }]),
  ];
}

function noSecondFactor({ mfa }: Alert["record"]["actor"]): string {
  return mfa === "absent" ? " (no second factor seen)" : "";
}
