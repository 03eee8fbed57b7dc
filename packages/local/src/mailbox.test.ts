import { expect, test } from "vitest";
import { type Mail, MemoryMailbox } from "./mailbox.ts";

function mail(subject: string): Mail {
  return {
    from: "a",
    to: "b",
    subject,
    body: "",
    footer: "",
    receivedAt: "",
    topicArn: "",
    messageId: "",
    messageAttributes: {},
  };
}

test("keeps the newest mails and counts all", () => {
  const mailbox = new MemoryMailbox(3);
  for (let index = 0; index < 100_000; index += 1) mailbox.deliver(mail(String(index)));
  expect(mailbox.mails.map(({ subject }) => subject)).toEqual(["99997", "99998", "99999"]);
  expect(mailbox.received).toBe(100_000);
  mailbox.clear();
  expect(mailbox.mails).toEqual([]);
});
