import type { Alert, AlertRecord } from "../model/alert.ts";
import { requestLines } from "./request-lines.ts";
import { duration, utc } from "./time.ts";
import { actorKindWord, callCount, credentialWord, mfaWord, serviceName } from "./words.ts";

/**
 * The facts of an alert, once for all renderings, so that each answers the same questions in the same order:
 * what was done, who did it, from where, when. (What to do now and why it fired are the policy's.)
 *
 * `data` is text of the record: hostile, so a rendering must escape and cut it. `note` is in our own words.
 */
export interface Fact {
  readonly label: string;
  readonly data?: string | readonly string[];
  readonly note?: string;
  /** The note is what makes this call alarming: renderings that can, stress it. */
  readonly alarming?: true;
}

export interface FactSection {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const maximumRequestLines = 12;
const maximumResources = 5;
const maximumRelated = 5;
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
  const { record } = alert;
  return {
    what: {
      title: alert.kind === "new" ? "What was done" : "What was done, in one of the calls",
      facts: whatFacts(record),
    },
    who: { title: "Who did it", facts: [...whoFacts(record), ...relatedFacts(alert)] },
    where: { title: "From where", facts: whereFacts(record) },
    when: { title: "When", facts: whenFacts(alert) },
  };
}

function whatFacts(record: AlertRecord): readonly Fact[] {
  const service = serviceName(record.eventSource);
  const facts: Fact[] = [
    { label: "Operation", data: record.eventName, ...(service === undefined ? {} : { note: service }) },
  ];
  if (service === undefined) facts.push({ label: "Service", data: record.eventSource });
  facts.push(resultFact(record), requestFact(record.request));
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

function requestFact(request: unknown): Fact {
  if (request === undefined || request === null) {
    return { label: "Request", note: "the record carries no parameters" };
  }
  const { lines, more, moreIsLowerBound } = requestLines(request, maximumRequestLines);
  const hidden = moreIsLowerBound ? `and at least ${more} more` : `and ${more} more`;
  return { label: "Request", data: lines, ...(more > 0 ? { note: hidden } : {}) };
}

function whoFacts({ actor }: AlertRecord): readonly Fact[] {
  const facts: Fact[] = [
    { label: "Actor", data: actor.label, note: actorKindWord[actor.kind] },
    { label: "MFA", note: mfaWord[actor.mfa], ...(actor.mfa === "absent" ? { alarming: true } : {}) },
    { label: "Credential", note: credentialWord[actor.credential] },
  ];
  if (actor.id !== actor.label) facts.push({ label: "Identity", data: actor.id });
  if (actor.session !== undefined && !actor.label.includes(actor.session)) {
    facts.push({ label: "Session", data: actor.session });
  }
  if (actor.crossAccount) {
    facts.push({
      label: "Caller's account",
      ...(actor.account === undefined ? {} : { data: actor.account }),
      note: "NOT the account that was called",
      alarming: true,
    });
  }
  return facts;
}

function relatedFacts({ incident }: Alert): readonly Fact[] {
  const { related = [] } = incident;
  if (related.length === 0) return [];
  const data = related
    .slice(0, maximumRelated)
    .map(({ policy, severity, since }) => `${severity}: ${policy} (${utc(since)})`);
  const hidden = related.length - data.length;
  return [
    {
      label: "Also by this actor",
      data,
      ...(hidden > 0 ? { note: `and ${hidden} more` } : {}),
      alarming: true,
    },
  ];
}

function whereFacts(record: AlertRecord): readonly Fact[] {
  const facts: Fact[] = [];
  const { sourceIp, userAgent, account, region } = record;
  if (sourceIp === undefined) facts.push({ label: "Source IP", note: "not recorded" });
  else facts.push({ label: isServiceAddress(sourceIp) ? "Called through" : "Source IP", data: sourceIp });
  if (userAgent !== undefined) facts.push({ label: "Client", data: userAgent });
  if (region !== undefined) facts.push({ label: "Region", data: region });
  if (account !== undefined) facts.push({ label: "Account", data: account });
  return facts;
}

function isServiceAddress(sourceIp: string): boolean {
  return sourceIp === "AWS Internal" || /^[a-z0-9.-]{1,100}\.amazonaws\.com$/.test(sourceIp);
}

function whenFacts(alert: Alert): readonly Fact[] {
  const { record, incident, createdAt } = alert;
  const age = createdAt - record.times.called;
  const facts: Fact[] = [
    {
      label: "Called at",
      note:
        age < -1000
          ? `${utc(record.times.called)}, in the future by our clock (${duration(-age)})`
          : `${utc(record.times.called)} (${duration(age)} before this alert)`,
    },
  ];
  const late = record.times.received - record.times.called;
  if (late > lateMilliseconds) {
    facts.push({ label: "Late", note: `the record reached us ${duration(late)} after the call` });
  }
  if (incident.count > 1) {
    facts.push({
      label: "Incident",
      note: `${callCount(incident)} from ${utc(incident.firstTime)} to ${utc(incident.lastTime)}`,
    });
  }
  return facts;
}
