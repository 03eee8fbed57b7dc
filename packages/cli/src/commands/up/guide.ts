import type { Runtime } from "@streamwarden/consumer";
import type { LocalAws } from "@streamwarden/local";
import { defaultEndpoint, defaultPort } from "../../defaults.ts";
import type { LocalSlack } from "../../preview/local-slack.ts";
import { line, styled, type Text } from "../../ui/text.ts";

/** The command that sends an event to this endpoint. */
export function sendCommand(endpoint: string): string {
  return `npm run streamwarden -- send <file>${endpoint === defaultEndpoint ? "" : ` --endpoint ${endpoint}`}`;
}

/** The command that starts Streamwarden on these ports. */
export function startCommand(ports: { readonly port: number; readonly previewPort?: number }): string {
  const { port, previewPort } = ports;
  const flags = [
    ...(port === defaultPort ? [] : [`--port ${port}`]),
    ...(previewPort === undefined ? [] : [`--preview-port ${previewPort}`]),
  ];
  return ["npm start", ...(flags.length === 0 ? [] : ["--", ...flags])].join(" ");
}

export function policiesLine({ policies: { active, inactive } }: Runtime): string {
  const waiting = `; ${inactive} more need lists in streamwarden.yml (\`npm run streamwarden -- check\` names them)`;
  return `${active} active${inactive === 0 ? "" : waiting}`;
}

/** What can be done now that everything runs. */
export function invitation(aws: LocalAws): Text[] {
  const exported = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return [
    styled("bold", "Send an event of your own"),
    `  ${sendCommand(aws.endpoints.gateway)}`,
    "  (a CloudTrail record, an EventBridge event or a trail file, gz or not; - reads standard input)",
    "",
    styled("bold", "Point any AWS client at this machine"),
    ...exported.map((name) => `  export ${name}=${aws.environment[name] ?? ""}`),
    "",
    line`${styled("bold", "Stop")} with Ctrl-C.`,
  ];
}

/** Where every message, record and alert went (`docs/architecture.md`, section 6). */
export function balance({ metrics }: Runtime, slack: LocalSlack): string[] {
  const { messages, records, alerts } = metrics.total;
  return [
    `  ${messages.received} messages received = ${messages.processed} processed + ${messages.quarantined} quarantined + ${messages.returned} returned`,
    `  ${records.seen} records seen = ${records.alerted} alerted + ${records.merged} merged + ${records.quiet} quiet + ${records.duplicate} duplicate + ${records.dryRun} dry-run`,
    `  ${alerts.owed} alerts owed = ${alerts.published} published + ${alerts.pending} pending`,
    ...slack.notifiers.map(
      ({ destination, totals }) =>
        `  ${totals.received} messages for ${destination} = ${totals.delivered} delivered + ${totals.repeated} repeated + ${totals.quarantined} quarantined + ${totals.returned} returned`,
    ),
  ];
}
