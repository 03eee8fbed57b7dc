import { isIP } from "node:net";
import type { Actor } from "@streamwarden/cloudtrail";
import type { Alert, AlertRecord, Severity } from "../model/alert.ts";
import type { CallFacet, CallTallies } from "../model/alert-calls.ts";
import { tacticsOf, techniquesOf } from "../model/attack.ts";
import { type Bounds, boundAlert, boundsLadder } from "../model/bounds.ts";
import { plainHeadline } from "../wording/headline.ts";
import { cloudTrailUrl, referenceUrl } from "../wording/links.ts";
import { oneLineValue } from "../wording/text.ts";
import { severityWord } from "../wording/words.ts";
import { type OwnMessage, ownAlert } from "./own-message.ts";

/**
 * The alert for machines: an OCSF Detection Finding (class 2004) of schema 1.8.0 with the cloud profile. One
 * incident is one finding (`finding_info.uid`); its updates are activity 2 of the same finding. What OCSF has no
 * place for is under `unmapped.streamwarden`, which holds the whole alert, so that a subscriber (our own Slack
 * notifier among them) can render it again: see `OwnMessage`.
 *
 * Nothing here says how or when a copy of the record came, except `logged_time`, which its own message has: the same calls
 * give the same finding. Times of the decision are `time` and `metadata.processed_time`.
 *
 * Texts are the record's own, cut but not replaced: this is data. Print it with `visibleJson`.
 */
export interface OcsfFinding {
  readonly class_uid: 2004;
  readonly type_uid: number;
  readonly time: number;
  readonly finding_info: {
    readonly uid: string;
    readonly title: string;
    readonly [attribute: string]: unknown;
  };
  readonly unmapped: { readonly streamwarden: OwnMessage };
  readonly [attribute: string]: unknown;
}

export const severityIds: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

export const severityCaptions: Readonly<Record<Severity, string>> = {
  informational: "Informational",
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

/** What OCSF calls the kind of user: 1 User, 2 Admin, 3 System, 4 Service, 0 Unknown. */
const userTypes: Readonly<Record<Actor["kind"], { readonly type_id: number; readonly type: string }>> = {
  root: { type_id: 2, type: "Admin" },
  user: { type_id: 1, type: "User" },
  "role-session": { type_id: 1, type: "User" },
  federated: { type_id: 1, type: "User" },
  machine: { type_id: 4, type: "Service" },
  service: { type_id: 4, type: "Service" },
  account: { type_id: 0, type: "Unknown" },
  unknown: { type_id: 0, type: "Unknown" },
};

export const product = { name: "Streamwarden", vendor_name: "Streamwarden", uid: "streamwarden" } as const;

export const ocsfVersion = "1.8.0";

/** @param bounds how much to carry; the default is all that one SNS message has room for. */
export function ocsf(unbounded: Alert, bounds: Bounds = boundsLadder[0]): OcsfFinding {
  const alert = boundAlert(unbounded, bounds);
  const { policy, record, incident, severity } = alert;
  const arns = [
    ...new Set([...record.resources, ...(incident.calls?.resources?.values.map(({ value }) => value) ?? [])]),
  ];
  const activity =
    alert.kind === "new" ? ({ id: 1, name: "Create" } as const) : ({ id: 2, name: "Update" } as const);
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    category_uid: 2,
    category_name: "Findings",
    class_uid: 2004,
    class_name: "Detection Finding",
    type_uid: 200400 + activity.id,
    type_name: `Detection Finding: ${activity.name}`,
    severity_id: severityIds[severity],
    severity: severityCaptions[severity],
    status_id: 1,
    status: "New",
    is_alert: alert.kind !== "summary",
    time: milliseconds(alert.createdAt),
    start_time: milliseconds(incident.firstTime),
    end_time: milliseconds(incident.lastTime),
    count: incident.count,
    message: `${severityWord[severity]}: ${oneLineValue(policy.title, 200)}. ${plainHeadline(alert, 400)}`,
    metadata: {
      version: ocsfVersion,
      product,
      profiles: ["cloud"],
      uid: alert.id,
      correlation_uid: incident.id,
      log_provider: "AWS CloudTrail",
      original_time: record.eventTime,
      logged_time: milliseconds(record.times.received),
      processed_time: milliseconds(alert.createdAt),
    },
    cloud: {
      provider: "AWS",
      ...(record.region === undefined ? {} : { region: record.region }),
      ...(record.account === undefined ? {} : { account: awsAccount(record.account) }),
    },
    finding_info: {
      uid: incident.id,
      title: policy.title,
      ...(policy.description === undefined ? {} : { desc: policy.description }),
      analytic: { type_id: 1, type: "Rule", uid: policy.id, name: policy.name },
      attacks: attacks(policy.tags),
      created_time: milliseconds(incident.firstTime),
      modified_time: milliseconds(alert.createdAt),
      first_seen_time: milliseconds(incident.firstTime),
      last_seen_time: milliseconds(incident.lastTime),
      data_sources: ["AWS CloudTrail"],
      related_events: incident.eventIds.map((uid) => ({ uid })),
      related_events_count: incident.count,
      ...optional("src_url", cloudTrailUrl(record)),
    },
    evidences: [evidence(record)],
    resources: arns.map((arn) => resource(arn, record.region)),
    ...remediation(policy),
    observables: observables(alert, arns),
    unmapped: { streamwarden: ownAlert(alert) },
  };
}

function evidence(record: AlertRecord): object {
  const { actor, credentials = {} } = record;
  const failed = record.errorCode !== undefined || record.errorMessage !== undefined;
  const credential = credentials.accessKeyId ?? credentials.credentialId;
  const data = evidenceData(record);
  return {
    uid: record.eventId,
    actor: {
      user: {
        uid: actor.id,
        name: actor.person !== undefined && actor.person === actor.session ? actor.person : actor.label,
        ...(actor.principal === actor.id ? {} : { uid_alt: actor.principal }),
        ...optional("credential_uid", credential),
        ...userTypes[actor.kind],
        ...(actor.account === undefined ? {} : { account: awsAccount(actor.account) }),
      },
      session: {
        ...optional("uid", actor.session),
        ...optional("credential_uid", credential),
        issuer: actor.principal,
        ...createdTime(credentials.sessionStarted),
        ...(actor.mfa === "present" || actor.mfa === "absent" ? { is_mfa: actor.mfa === "present" } : {}),
      },
      ...optional("app_name", record.userAgent),
    },
    api: {
      operation: record.eventName,
      service: { name: record.eventSource },
      ...(record.request === undefined ? {} : { request: { uid: record.eventId, data: record.request } }),
      ...(failed
        ? {
            response: {
              ...optional("error", record.errorCode),
              ...optional("error_message", record.errorMessage),
            },
          }
        : {}),
    },
    ...(record.sourceIp === undefined ? {} : { src_endpoint: endpoint(record.sourceIp) }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** What the schema has no attribute for; `data` is its place for that. */
function evidenceData({ credentials = {}, vpcEndpoint, facts, consequence, actor }: AlertRecord): object {
  return {
    ...optional("person", actor.person),
    ...optional("source_identity", credentials.sourceIdentity),
    ...optional("invoked_by", credentials.invokedBy),
    ...optional("vpc_endpoint", vpcEndpoint),
    ...(facts === undefined ? {} : { facts: facts.map(({ label, value }) => ({ label, value })) }),
    ...optional("consequence", consequence),
  };
}

function createdTime(written: string | undefined): object {
  const time = Date.parse(written ?? "");
  return Number.isFinite(time) ? { created_time: time } : {};
}

/** CloudTrail writes an AWS service's name where a service made the call. */
function endpoint(sourceIp: string): object {
  return isIP(sourceIp) === 0 ? { svc_name: sourceIp } : { ip: sourceIp };
}

function awsAccount(uid: string): object {
  return { uid, type: "AWS Account", type_id: 10 };
}

function resource(arn: string, region: string | undefined): object {
  const [, partition, service, arnRegion, , ...rest] = arn.split(":");
  const kind = rest.join(":").split("/")[0];
  return {
    uid: arn,
    ...(service ? { type: kind ? `${service}:${kind}` : service } : {}),
    ...optional("region", arnRegion || region),
    ...(partition ? { cloud_partition: partition } : {}),
  };
}

/** Tags do not say which tactic a technique serves, so each stands alone: one attack per technique, one for the tactics. */
function attacks(tags: readonly string[]): readonly object[] {
  const version = "19";
  const tactics = tacticsOf(tags).map(({ uid, title }) => ({ version, tactic: { uid, name: title } }));
  const techniques = techniquesOf(tags).map(({ uid }) =>
    uid.includes(".")
      ? { version, technique: { uid: uid.slice(0, uid.indexOf(".")) }, sub_technique: { uid } }
      : { version, technique: { uid } },
  );
  return [...tactics, ...techniques];
}

function remediation(policy: Alert["policy"]): object {
  const references = policy.references.flatMap((text) => referenceUrl(text)?.href ?? []);
  if (policy.runbook === undefined && references.length === 0) return {};
  return {
    remediation: {
      desc: policy.runbook ?? "See the references.",
      ...(references.length > 0 ? { references } : {}),
    },
  };
}

/**
 * What a SIEM pivots on, of the call that is shown and of all others: OCSF's observable types 2 IP Address, 4 User Name,
 * 10 Resource UID, 12 Subnet, 19 User Credential ID. Each names its place, and each value stands once.
 */
function observables({ record, incident }: Alert, arns: readonly string[]): readonly object[] {
  const { sourceIp, actor, credentials = {} } = record;
  const { calls = {} } = incident;
  const found: Observable[] = [
    ...(sourceIp !== undefined && isIP(sourceIp) !== 0
      ? [observable("evidences[0].src_endpoint.ip", "ip", sourceIp)]
      : []),
    observable("evidences[0].actor.user.name", "user", actor.label),
    ...(credentials.accessKeyId === undefined
      ? []
      : [observable("evidences[0].actor.user.credential_uid", "credential", credentials.accessKeyId)]),
    ...arns.map((arn, index) => observable(`resources[${index}].uid`, "resource", arn)),
    ...tallied("addresses", "ip", calls.addresses).filter(({ value }) => isIP(value) !== 0),
    ...tallied("networks", "subnet", calls.networks).filter(({ value }) => value.includes("/")),
    ...tallied("accessKeys", "credential", calls.accessKeys),
  ];
  return found.filter(
    (one, index) =>
      found.findIndex(({ type_id, value }) => type_id === one.type_id && value === one.value) === index,
  );
}

interface Observable {
  readonly name: string;
  readonly type_id: number;
  readonly type: string;
  readonly value: string;
}

const observableTypes = {
  ip: { type_id: 2, type: "IP Address" },
  user: { type_id: 4, type: "User Name" },
  resource: { type_id: 10, type: "Resource UID" },
  subnet: { type_id: 12, type: "Subnet" },
  credential: { type_id: 19, type: "User Credential ID" },
} as const;

function observable(name: string, type: keyof typeof observableTypes, value: string): Observable {
  return { name, ...observableTypes[type], value };
}

function tallied(
  facet: CallFacet,
  type: keyof typeof observableTypes,
  tallies: CallTallies | undefined,
): readonly Observable[] {
  const place = `unmapped.streamwarden.alert.incident.calls.${facet}.values`;
  return (tallies?.values ?? []).map(({ value }, index) =>
    observable(`${place}[${index}].value`, type, value),
  );
}

function optional(name: string, value: string | undefined): object {
  return value === undefined || value === "" ? {} : { [name]: value };
}

/** `timestamp_t` is a whole number; a time that no calendar has becomes the epoch, not a null. */
function milliseconds(time: number): number {
  return Number.isFinite(time) ? Math.trunc(time) : 0;
}
