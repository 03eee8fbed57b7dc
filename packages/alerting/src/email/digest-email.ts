import { levels } from "@streamwarden/sigma";
import type { AlertDigest, Severity } from "../model/alert.ts";
import { authorText } from "../wording/author-text.ts";
import { subjectPart } from "../wording/subject-part.ts";
import { oneLine, oneLineValue, wrap } from "../wording/text.ts";
import { counted, utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import type { EmailMessage } from "./email.ts";

const columns = 78;
const maximumPolicies = 10;
const maximumActors = 10;

/** The highest severity among the alerts held back. */
export function digestSeverity({ policies }: AlertDigest): Severity {
  const present = new Set(policies.map(({ severity }) => severity));
  return levels.findLast((severity) => present.has(severity)) ?? "informational";
}

/** `1,204 alerts`, `about 4,200 alerts`. */
export function heldCount({ held, heldIsEstimate }: AlertDigest): string {
  return `${heldIsEstimate ? "about " : ""}${counted(held, "alert")}`;
}

export function digestSubject(digest: AlertDigest): string {
  const [first] = digest.policies;
  const top = first === undefined ? "" : `, most of all: ${subjectPart(authorText(first.title), 60)}`;
  return subjectPart(
    `[${severityWord[digestSeverity(digest)]}] Alert storm: ${heldCount(digest)} held back${top}`,
    99,
  );
}

/** How many alerts of each severity were held back, the highest first. */
export function heldBySeverity({ policies }: AlertDigest): readonly { severity: Severity; count: number }[] {
  return levels.toReversed().flatMap((severity) => {
    const rows = policies.filter((policy) => policy.severity === severity);
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    return rows.length === 0 ? [] : [{ severity, count }];
  });
}

/** The policies with the highest severity first, then by number: what matters before what is loud. */
export function gravestFirst({ policies }: AlertDigest): AlertDigest["policies"] {
  return policies.toSorted(
    (a, b) => levels.indexOf(b.severity) - levels.indexOf(a.severity) || b.count - a.count,
  );
}

/** The digest of a storm's minute for a mailbox. */
export function digestEmail(digest: AlertDigest): EmailMessage {
  const word = severityWord[digestSeverity(digest)];
  const opening = [
    `${word}: alert storm, ${heldCount(digest)} held back`,
    `In the minute from ${utc(digest.minuteStart)}, ${counted(digest.direct, "alert")} went out one by one and ${heldCount(digest)} did not, because a mailbox or channel cannot take more. None is lost: each is an incident in the state table and went to every subscription that takes all alerts.`,
  ];
  const todo = [
    "1. Look at the highest severity first: a flood can be meant to hide one quiet call.",
    "2. Then at the actors: the one behind most alerts is the cause of the storm, or its victim.",
    "3. If one policy makes all the noise and the calls are meant, write an exception for it.",
  ];
  const lines = [
    ...opening.flatMap((line) => wrap(line, columns)),
    ...rows(
      "BY SEVERITY",
      heldBySeverity(digest).map(
        ({ severity, count }) => `${severityWord[severity]}: ${count.toLocaleString("en-US")}`,
      ),
      10,
    ),
    ...rows("BY POLICY", gravestFirst(digest).map(policyRow), maximumPolicies),
    ...rows(
      "SOME OF THE ACTORS",
      digest.actors.map((actor) => oneLineValue(actor, 150)),
      maximumActors,
    ),
    "",
    "WHAT TO DO NOW",
    ...todo.flatMap((line) => wrap(line, columns, "   ")),
    "",
    "--",
    `Digest ${oneLine(digest.id, 120)}`,
  ];
  return { subject: digestSubject(digest), body: `${lines.join("\n")}\n` };
}

function policyRow({ title, name, severity, count }: AlertDigest["policies"][number]): string {
  return `${severityWord[severity]}, ${oneLineValue(authorText(title), 150)} (${oneLine(name, 80)}): ${count.toLocaleString("en-US")}`;
}

function rows(title: string, lines: readonly string[], maximum: number): readonly string[] {
  if (lines.length === 0) return [];
  const hidden = lines.length - maximum;
  return [
    "",
    title,
    ...lines.slice(0, maximum).flatMap((line) => wrap(`- ${line}`, columns, "  ")),
    ...(hidden > 0 ? [`- and ${hidden} more`] : []),
  ];
}
