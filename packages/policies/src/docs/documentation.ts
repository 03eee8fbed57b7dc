import { dirname } from "node:path";
import { formatDuration, listDescriptions, pipelineLists } from "@streamwarden/config";
import { levels } from "@streamwarden/sigma";
import type { Policy } from "../policy.ts";
import type { InactivePolicy, PolicySet } from "../policy-set.ts";

const areaTitles: Readonly<Record<string, string>> = {
  access: "Access: who calls",
  chat: "Chat",
  ingest: "Ingest",
  keys: "Stream keys",
  operations: "Operations on live streams",
  pipeline: "Streamwarden itself and the log it lives on",
  playback: "Playback",
  realtime: "Real-time stages",
  reconnaissance: "Reconnaissance: who looks around",
  recording: "Recording",
};

/** The text of `docs/policies.md`: what the pack holds, as one table per area. */
export function policiesPage({ policies, inactive }: Pick<PolicySet, "policies" | "inactive">): string {
  const all: (Policy | InactivePolicy)[] = [...policies, ...inactive];
  const areas = Map.groupBy(all, ({ path }) => dirname(path).split("/").at(-1) ?? "");
  const sections = [...areas].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(section);
  return `# The policies that ship with Streamwarden

<!-- Written by packages/policies/bin/generate-docs.ts; a test fails when it is not current. -->

${all.length} policies. Each is a plain Sigma rule or correlation in \`packages/policies/rules\`, with its tests beside it. A policy
that names a list is inactive until that list is filled in \`streamwarden.yml\`. Failed calls do not match unless a policy
says so.

*Kind* is what a policy looks at: each *call* alone; the calls of a *window* together (a Sigma correlation, by its type); or
what is new in a window (\`first_seen\`, see [SEMANTICS-first-seen.md](SEMANTICS-first-seen.md)). First-seen policies learn for
some days before they report anything, or are taught from stored trail files by \`streamwarden seed\`
([operations.md](operations.md)). Every correlation counts by account and actor. Its base rules stand in the same file and
raise no alerts; an exception for a correlation names these base rules.

- Switch one off: \`policies.disabled\` in \`streamwarden.yml\`, with owner and reason.
- Narrow one: an exception, which is a Sigma filter with \`streamwarden.owner\`, \`streamwarden.reason\` and \`streamwarden.expires\`.
- Add your own: \`policies.paths\` in \`streamwarden.yml\`. Test them with \`npm run streamwarden test\`.

${sections.join("\n\n")}

## What is not here

Sign-ins to the console and changes of MFA devices are not delivered by the capture rules, so no policy joins them to
IVS calls. The state of MFA in each call's own record is what the policies under *Access* go by.

## Lists

| list | what belongs into it |
|---|---|
${Object.entries(listDescriptions)
  .map(([name, description]) => `| \`${name}\` | ${description} |`)
  .join("\n")}
${Object.values(pipelineLists)
  .map(
    ({ placeholder, description }) =>
      `| \`${placeholder}\` | ${description} Set under \`pipeline\`; default \`streamwarden-*\`. |`,
  )
  .join("\n")}
`;
}

function section([area, policies]: [string, readonly (Policy | InactivePolicy)[]]): string {
  const sorted = policies.toSorted(
    (left, right) =>
      levels.indexOf(right.severity) - levels.indexOf(left.severity) || (left.name < right.name ? -1 : 1),
  );
  return `## ${areaTitles[area] ?? area}

| policy | level | kind | window | what it finds | ATT&CK | needs |
|---|---|---|---|---|---|---|
${sorted.map(row).join("\n")}`;
}

function row(policy: Policy | InactivePolicy): string {
  const techniques = policy.tags.flatMap(
    (tag) => /^attack\.(t\d+(?:\.\d+)?)$/.exec(tag)?.[1]?.toUpperCase() ?? [],
  );
  const needs = "placeholders" in policy ? policy.placeholders.map((name) => `\`${name}\``).join(", ") : "";
  const description = (policy.description ?? policy.title)
    .trim()
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|");
  const [kind, window] = kindOf(policy);
  return `| \`${policy.name}\` | ${policy.severity} | ${kind} | ${window} | **${policy.title}.** ${description} | ${techniques.join(", ")} | ${needs} |`;
}

/** What a policy looks at, and over what time. */
function kindOf({ rule, firstSeen }: Policy): readonly [kind: string, window: string] {
  if (rule.kind === "correlation") return [rule.type, formatDuration(rule.timespanSeconds)];
  return firstSeen === undefined ? ["call", ""] : ["first_seen", formatDuration(firstSeen.withinSeconds)];
}
