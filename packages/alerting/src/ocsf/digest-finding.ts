import { digestSeverity, digestSubject } from "../email/digest-email.ts";
import type { AlertDigest } from "../model/alert.ts";
import { boundDigest } from "../model/bounds.ts";
import { ocsfVersion, product, severityCaptions, severityIds } from "./ocsf.ts";
import { ownDigest } from "./own-message.ts";

/** The digest for machines: a Detection Finding that is not an alert of its own, since SIEMs got each alert. */
export function digestFinding(unbounded: AlertDigest): object {
  const digest = boundDigest(unbounded);
  const severity = digestSeverity(digest);
  return {
    activity_id: 1,
    activity_name: "Create",
    category_uid: 2,
    category_name: "Findings",
    class_uid: 2004,
    class_name: "Detection Finding",
    type_uid: 200401,
    type_name: "Detection Finding: Create",
    severity_id: severityIds[severity],
    severity: severityCaptions[severity],
    status_id: 1,
    status: "New",
    is_alert: false,
    time: digest.createdAt,
    start_time: digest.minuteStart,
    end_time: digest.minuteStart + 60_000,
    count: digest.held,
    message: digestSubject(digest),
    metadata: { version: ocsfVersion, product, profiles: ["cloud"], uid: digest.id },
    cloud: { provider: "AWS" },
    finding_info: {
      uid: digest.id,
      title: "Alert storm",
      analytic: { type_id: 3, type: "Statistical", name: "streamwarden-storm-control" },
      related_events_count: digest.held,
    },
    unmapped: { streamwarden: ownDigest(digest) },
  };
}
