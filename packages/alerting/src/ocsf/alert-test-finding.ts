import { type AlertTest, alertTestPolicy, alertTestText, alertTestTitle } from "../model/alert-test.ts";
import { ocsfVersion, product, severityCaptions, severityIds } from "./ocsf.ts";
import { ownTest } from "./own-message.ts";

/**
 * A test of the delivery for machines: a Detection Finding whose verdict is OCSF's own word for it (`verdict_id` 6, Test, of
 * the incident profile), and which is not to alert (`is_alert`).
 */
export function alertTestFinding(test: AlertTest): object {
  return {
    activity_id: 1,
    activity_name: "Create",
    category_uid: 2,
    category_name: "Findings",
    class_uid: 2004,
    class_name: "Detection Finding",
    type_uid: 200401,
    type_name: "Detection Finding: Create",
    severity_id: severityIds[test.severity],
    severity: severityCaptions[test.severity],
    status_id: 1,
    status: "New",
    verdict_id: 6,
    verdict: "Test",
    is_alert: false,
    time: test.createdAt,
    message: alertTestText,
    metadata: { version: ocsfVersion, product, profiles: ["cloud", "incident"], uid: test.id },
    cloud: { provider: "AWS" },
    finding_info: {
      uid: test.id,
      title: alertTestTitle,
      desc: alertTestText,
      analytic: { type_id: 1, type: "Rule", name: alertTestPolicy },
    },
    unmapped: { streamwarden: ownTest(test) },
  };
}
