import type { AlertRecord, Severity } from "@streamwarden/alerting";
import type { IncidentScope } from "../incident/incident.ts";

/** An alert record that stands for a real one where only its id and time matter. */
export function sampleRecord(eventId: string, called = 1_600_000_000_000): AlertRecord {
  return {
    eventId,
    eventTime: new Date(called).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    resources: [],
    actor: {
      id: "arn:aws:iam::123456789012:user/alice",
      principal: "arn:aws:iam::123456789012:user/alice",
      person: "arn:aws:iam::123456789012:user/alice",
      kind: "user",
      label: "alice",
      crossAccount: false,
      mfa: "absent",
      credential: "long-term-key",
    },
    carrier: "bare",
    reasons: ["eventName = CreateChannel"],
    times: { called, received: called + 1000, matched: called + 1001 },
  };
}

export function sampleScope(
  change: { readonly live?: boolean; readonly severity?: Severity } = {},
): IncidentScope {
  return {
    id: "0123456789abcdef01234567",
    policy: { id: "p", name: "policy", title: "Policy", tags: [], references: [], falsePositives: [] },
    severity: change.severity ?? "high",
    live: change.live ?? true,
    group: [{ field: "actor.id", value: "arn:aws:iam::123456789012:user/alice" }],
    windowStart: 1_599_998_400_000,
    windowEnd: 1_600_002_000_000,
  };
}
