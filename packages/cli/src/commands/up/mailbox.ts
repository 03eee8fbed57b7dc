import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { type Config, emailSubscriptions } from "@streamwarden/config";
import type { LocalAws } from "@streamwarden/local";
import { framed } from "../../ui/frame.ts";
import type { Output } from "../../ui/output.ts";

/** What stands in when `streamwarden.yml` names no address. */
const example = { address: "on-call@example.com", filterPolicy: { delivery: ["direct"] } };

/** Subscribes the addresses of `streamwarden.yml`, or an example, and shows every mail as it comes. */
export async function openMailbox(
  aws: LocalAws,
  config: Config,
  out: Output,
): Promise<{ readonly count: () => number }> {
  const configured = emailSubscriptions(config);
  const client = new SNSClient({
    endpoint: aws.endpoints.sns,
    region: aws.region,
    credentials: aws.credentials,
  });
  try {
    for (const { address, filterPolicy } of configured.length === 0 ? [example] : configured)
      await client.send(
        new SubscribeCommand({
          TopicArn: aws.resources.topicArn,
          Protocol: "email",
          Endpoint: address,
          Attributes: { FilterPolicy: JSON.stringify(filterPolicy) },
        }),
      );
  } finally {
    client.destroy();
  }
  aws.mailbox.onMail(({ to, subject, body }) =>
    out.print(...framed(out, `email to ${to}`, `Subject: ${subject}\n\n${body}`), ""),
  );
  return { count: () => aws.mailbox.received };
}
