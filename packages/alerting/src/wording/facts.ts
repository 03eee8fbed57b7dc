import { levels } from "@streamwarden/sigma";
import type { Alert, AlertRecord, RelatedIncident } from "../model/alert.ts";
import type { AlertCalls, CallTallies } from "../model/alert-calls.ts";
import { requestLines } from "./request-lines.ts";
import { actorName, hasFailures, isSeveral, listed, moreOf, plural, resourceGroups } from "./tallies.ts";
import { duration, timeRange, utc } from "./time.ts";
import { actorKindWord, callCount, credentialWord, isNews, mfaWord, mfaWords, serviceName } from "./words.ts";

/**
 * The facts of an alert, once for all renderings, so that each answers the same questions in the same order:
 * what was done, who did it, from where, when. (What to do now and why it fired are the policy's.) Where an incident
 * has several calls, each section says first what all of them had, then what one of them was.
 *
 * Everything follows from the alert's name and the calls merged when it fell due. How and when a copy of a record reached
 * us is no fact of an incident, except that the shown record came late.
 *
 * `data` and `text` are hostile, so a rendering must escape and cut them: `data` are values, `text` is a sentence.
 * `note` is in our own words.
 */
export interface Fact {
  readonly label: string;
  readonly data?: string | readonly string[];
  readonly text?: string;
  readonly note?: string;
  /** The data are short values, which may stand on one line. */
  readonly brief?: true;
  /** The note is what makes this call alarming: renderings that can, stress it. */
  readonly alarming?: true;
}

export interface FactSection {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const maximumRequestLines = 12;
/** Of a request whose resource is described besides. */
const maximumRequestLinesBesides = 4;
const maximumResources = 5;
const maximumResourceNames = 12;
const maximumRelated = 5;
const maximumListed = 8;
/** Of an incident that counts for the whole account: every one that it kept. */
const maximumActors = 20;
/** A call that reached us later than this was delivered late, and the reader should know. */
const lateMilliseconds = 5 * 60 * 1000;

/** In the order in which every rendering shows them. */
export interface FactSections {
  readonly what: FactSection;
  readonly who: FactSection;
  readonly where: FactSection;
  readonly when: FactSection;
}

export function factSections(alert: Alert): FactSections {
  return {
    what: { title: "What was done", facts: whatFacts(alert) },
    who: { title: "Who did it", facts: [...whoFacts(alert), ...relatedFacts(alert)] },
    where: { title: "From where", facts: whereFacts(alert) },
    when: { title: "When", facts: whenFacts(alert) },
  };
}

function whatFacts(alert: Alert): readonly Fact[] {
  const { record, incident } = alert;
  // Behind a correlation most calls are known by what the incident lists, and not by their requests.
  const isWhole = record.request !== undefined || incident.fired === undefined;
  if (incident.count <= 1) return callFacts(record, isWhole);
  return [
    ...callsFacts(alert),
    { label: shownCall(alert), data: record.eventId, note: utc(record.times.called) },
    ...callFacts(record, isWhole),
  ];
}

/** Which of the calls is shown. */
function shownCall(alert: Alert): string {
  const { fired } = alert.incident;
  if (isNews(alert)) return "The call that brought the news";
  return alert.kind === "new" && fired !== undefined && fired.at === alert.record.times.called
    ? "The call that completed it"
    : "One of the calls";
}

/** What all calls of the incident had. */
function callsFacts({ incident }: Alert): readonly Fact[] {
  const { calls } = incident;
  if (calls === undefined) return [{ label: "Calls", note: callCount(incident) }];
  const { operations, results, resources } = calls;
  return [
    operations === undefined
      ? { label: "Calls", note: callCount(incident) }
      : listFact("Operations", operations),
    ...(results === undefined ? [] : [resultsFact(calls, results)]),
    ...(resources === undefined ? [] : resourceFacts(resources)),
  ];
}

function resultsFact(calls: AlertCalls, results: CallTallies): Fact {
  return hasFailures(calls) || results.more > 0
    ? listFact("Results", results)
    : { label: "Results", note: "all succeeded" };
}

function resourceFacts(resources: CallTallies): readonly Fact[] {
  const groups = resourceGroups(resources.values.map(({ value }) => value));
  return groups.flatMap(({ noun, prefix, names }, index): readonly Fact[] => {
    const shown = names.slice(0, maximumResourceNames);
    const { more } = moreOf(names.length - shown.length, index === groups.length - 1 ? resources.more : 0);
    const label = plural(noun, names.length);
    const isList = prefix !== "" && names.length > 1;
    const list: Fact = {
      label: `${label.charAt(0).toUpperCase()}${label.slice(1)}`,
      data: isList ? shown : shown.map((name) => prefix + name),
      brief: true,
      ...(more === undefined ? {} : { note: more }),
    };
    return isList ? [list, { label: "Their ARNs begin with", data: prefix }] : [list];
  });
}

function listFact(label: string, tallies: CallTallies, maximum = maximumListed): Fact {
  const { values, more } = listed(tallies, maximum);
  return { label, data: values, brief: true, ...(more === undefined ? {} : { note: more }) };
}

const mostBriefCharacters = 150;

/** Whether a list fits one line: many short values down the page would push the rest out of sight. */
export function isOneLine({ brief, data }: Fact): boolean {
  return brief === true && Array.isArray(data) && data.join(", ").length <= mostBriefCharacters;
}

/** The list, where it says more than the one call that is shown does. */
function severalFact(label: string, tallies: CallTallies | undefined, maximum?: number): readonly Fact[] {
  return isSeveral(tallies) ? [listFact(label, tallies, maximum)] : [];
}

function callFacts(record: AlertRecord, isWhole: boolean): readonly Fact[] {
  const service = serviceName(record.eventSource);
  const facts: Fact[] = [
    { label: "Operation", data: record.eventName, ...(service === undefined ? {} : { note: service }) },
  ];
  if (service === undefined) facts.push({ label: "Service", data: record.eventSource });
  facts.push(resultFact(record));
  if (record.consequence !== undefined) facts.push({ label: "What this means", text: record.consequence });
  const { facts: details = [] } = record;
  if (details.length > 0) {
    facts.push({ label: "Details", data: details.map(({ label, value }) => `${label}: ${value}`) });
  }
  facts.push(
    isWhole
      ? requestFact(record.request, details.length > 0 ? maximumRequestLinesBesides : maximumRequestLines)
      : { label: "Request", note: "not kept with the incident: see the event in CloudTrail" },
  );
  const { resources } = record;
  if (resources.length > 0) {
    const hidden = resources.length - maximumResources;
    facts.push({
      label: resources.length === 1 ? "Resource" : "Resources",
      data: resources.slice(0, maximumResources),
      ...(hidden > 0 ? { note: `and ${hidden} more` } : {}),
    });
  }
  return facts;
}

function resultFact({ errorCode, errorMessage }: AlertRecord): Fact {
  if (errorCode === undefined && errorMessage === undefined) return { label: "Result", note: "succeeded" };
  return {
    label: "FAILED with",
    data: [errorCode, errorMessage].filter((text) => text !== undefined).join(": "),
  };
}

function requestFact(request: unknown, maximumLines: number): Fact {
  if (request === undefined || request === null) {
    return { label: "Request", note: "the record carries no parameters" };
  }
  const { lines, more, moreIsLowerBound } = requestLines(request, maximumLines);
  const hidden = moreIsLowerBound ? `and at least ${more} more` : `and ${more} more`;
  return { label: "Request", data: lines, ...(more > 0 ? { note: hidden } : {}) };
}

function whoFacts({ record, incident }: Alert): readonly Fact[] {
  const { actor } = record;
  const { calls = {} } = incident;
  const otherMfa = (calls.mfa?.values ?? []).flatMap(({ value }) =>
    value !== actor.mfa && isMfaState(value) ? [mfaWord[value]] : [],
  );
  return [
    ...severalFact("Actors", namedShort(calls.actors), maximumActors),
    {
      label: isSeveral(calls.actors) ? "Actor of this call" : "Actor",
      data: actor.label,
      note: actorKindWord[actor.kind],
    },
    ...identityFacts(actor),
    { label: "MFA", note: mfaWords(actor), ...(actor.mfa === "absent" ? { alarming: true as const } : {}) },
    ...(otherMfa.length === 0 ? [] : [{ label: "MFA in other calls", note: otherMfa.join("; ") }]),
    { label: "Credential", note: credentialWord[actor.credential] },
    ...credentialFacts(record),
    ...severalFact("Access keys", calls.accessKeys),
    ...severalFact("Sessions", calls.sessions),
    ...severalFact("Source identities (chosen by the caller)", calls.sourceIdentities),
    ...(actor.crossAccount
      ? [
          {
            label: "Caller's account",
            ...(actor.account === undefined ? {} : { data: actor.account }),
            note: "NOT the account that was called",
            alarming: true as const,
          },
        ]
      : []),
  ];
}

/** Actors by their labels, so that twenty find room; with their ids where two labels are the same. */
function namedShort(actors: CallTallies | undefined): CallTallies | undefined {
  if (actors === undefined) return undefined;
  const names = actors.values.map(({ value }) => actorName(value));
  const values = actors.values.map((tally, index) => {
    const name = names[index] ?? tally.value;
    return names.filter((other) => other === name).length > 1 ? tally : { ...tally, value: name };
  });
  return { ...actors, values };
}

function isMfaState(value: string): value is keyof typeof mfaWord {
  return Object.hasOwn(mfaWord, value);
}

/** Person, principal and session are told apart, because only the first two are names that nobody could choose. */
function identityFacts({ label, person, principal, session, kind }: AlertRecord["actor"]): readonly Fact[] {
  return [
    ...(person === undefined || person === principal ? [] : [{ label: "Person", data: person }]),
    ...(principal === label
      ? []
      : [{ label: person === principal && kind === "federated" ? "Person" : "Principal", data: principal }]),
    ...(session === undefined || session === person
      ? []
      : [
          {
            label: "Session",
            data: session,
            ...(person === undefined
              ? {
                  note:
                    kind === "machine" ? "its bearer could choose this name" : "its bearer chose this name",
                }
              : {}),
          },
        ]),
  ];
}

function credentialFacts({ credentials = {}, sourceIp, times }: AlertRecord): readonly Fact[] {
  const { accessKeyId, sessionStarted, sourceIdentity, credentialId, invokedBy } = credentials;
  return [
    ...(accessKeyId === undefined ? [] : [accessKeyFact(accessKeyId)]),
    ...(credentialId === undefined ? [] : [{ label: "Credential id", data: credentialId }]),
    ...(sessionStarted === undefined ? [] : [sessionStartFact(sessionStarted, times.called)]),
    ...(sourceIdentity === undefined
      ? []
      : [{ label: "Source identity (chosen by the caller)", data: sourceIdentity }]),
    ...(invokedBy === undefined || invokedBy === sourceIp
      ? []
      : [{ label: "Through the service", data: invokedBy }]),
  ];
}

function accessKeyFact(accessKeyId: string): Fact {
  const kind = accessKeyId.startsWith("AKIA")
    ? "long-term: deactivate it in IAM"
    : accessKeyId.startsWith("ASIA")
      ? "temporary: it ends with its session"
      : undefined;
  return { label: "Access key", data: accessKeyId, ...(kind === undefined ? {} : { note: kind }) };
}

function sessionStartFact(written: string, called: number): Fact {
  const started = /^\d{4}-\d\d-\d\dT[\d:.]{5,16}Z$/.test(written) ? Date.parse(written) : Number.NaN;
  if (!Number.isFinite(started)) return { label: "Session began", data: written };
  const age = called - started;
  const before = Number.isFinite(age) && age >= 0 ? ` (${duration(age)} before the call)` : "";
  return { label: "Session began", note: `${utc(started)}${before}` };
}

/** Grouped by policy, the gravest first: how many incidents, and since when the latest runs. */
function relatedFacts({ incident }: Alert): readonly Fact[] {
  const { related = [] } = incident;
  if (related.length === 0) return [];
  const groups = Map.groupBy(related, ({ policy }) => policy);
  const lines = [...groups]
    .map(([policy, incidents]) => ({ policy, count: incidents.length, ...summaryOf(incidents) }))
    .sort((a, b) => levels.indexOf(b.severity) - levels.indexOf(a.severity) || b.latest - a.latest)
    .map(({ policy, count, severity, latest }) =>
      count === 1
        ? `${severity}: ${policy} (since ${utc(latest)})`
        : `${severity}: ${policy}, ${count} incidents (the latest since ${utc(latest)})`,
    );
  const { more } = moreOf(lines.length - maximumRelated, 0);
  return [
    {
      label: "Also by this actor",
      data: lines.slice(0, maximumRelated),
      ...(more === undefined ? {} : { note: more }),
      alarming: true,
    },
  ];
}

function summaryOf(
  incidents: readonly RelatedIncident[],
): Pick<RelatedIncident, "severity"> & { latest: number } {
  const present = new Set(incidents.map(({ severity }) => severity));
  return {
    severity: levels.findLast((level) => present.has(level)) ?? "informational",
    latest: incidents.reduce((latest, { since }) => Math.max(latest, since), Number.NEGATIVE_INFINITY),
  };
}

function whereFacts({ record, incident }: Alert): readonly Fact[] {
  const { calls = {} } = incident;
  const { sourceIp, userAgent, account, region, vpcEndpoint } = record;
  return [
    ...severalFact("Addresses", calls.addresses),
    sourceIp === undefined
      ? { label: "Source IP", note: "not recorded" }
      : {
          label: isServiceAddress(sourceIp) ? "Called through" : "Source IP",
          data: sourceIp,
          ...(isSeveral(calls.addresses) ? { note: "of the call shown" } : {}),
        },
    ...(vpcEndpoint === undefined ? [] : [{ label: "VPC endpoint", data: vpcEndpoint }]),
    ...severalFact("User agents", calls.clients, 4),
    ...(userAgent === undefined
      ? []
      : [
          {
            label: "User agent",
            data: userAgent,
            ...(isSeveral(calls.clients) ? { note: "of the call shown" } : {}),
          },
        ]),
    ...(region === undefined ? [] : [{ label: "Region", data: region }]),
    ...(account === undefined ? [] : [{ label: "Account", data: account }]),
  ];
}

function isServiceAddress(sourceIp: string): boolean {
  return sourceIp === "AWS Internal" || /^[a-z0-9.-]{1,100}\.amazonaws\.com$/.test(sourceIp);
}

function whenFacts({ record, incident, createdAt }: Alert): readonly Fact[] {
  const { called, received } = record.times;
  const age = createdAt - called;
  const late = received - called;
  return [
    ...(incident.count > 1
      ? [
          {
            label: "Incident",
            note: `${callCount(incident)} ${timeRange(incident.firstTime, incident.lastTime)}`,
          },
        ]
      : []),
    {
      label: incident.count > 1 ? "The call shown" : "Called at",
      note:
        age < -1000
          ? `${utc(called)}, in the future by our clock (${duration(-age)})`
          : `${utc(called)} (${duration(age)} before this alert)`,
    },
    ...(late > lateMilliseconds
      ? [{ label: "Late", note: `its record reached us ${duration(late)} after the call` }]
      : []),
  ];
}
