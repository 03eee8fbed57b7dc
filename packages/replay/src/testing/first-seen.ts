import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicySet } from "@streamwarden/policies";
import { replay } from "../replay.ts";
import type { PolicyMatch, ReplayResult } from "../result/replay-result.ts";
import { policiesAt } from "./policies.ts";

/** Each test file removes it at its end; `write` makes it anew where another one did so before. */
export const folder = mkdtempSync(join(tmpdir(), "streamwarden-first-seen-"));

export function write(path: string, text: string): string {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

export function policyText(firstSeen: string, name = "new"): string {
  return `title: ${name}
name: ${name}
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventName: CreateChannel }
  condition: call
level: low
custom_attributes:
  streamwarden.first_seen: ${firstSeen}
`;
}
export function load(name: string, firstSeen: string): PolicySet {
  return policiesAt(write(`${name}.yml`, policyText(firstSeen)));
}

const hour = 3_600_000;
const start = Date.parse("2026-01-01T00:00:00Z");

export interface Call {
  readonly id: string;
  /** Hours after the start. */
  readonly at: number;
  readonly user: string;
  readonly account?: string;
  readonly name?: string;
}
function recordOf({ id, at, user, account = "1", name = "CreateChannel" }: Call): object {
  return {
    eventVersion: "1.08",
    eventID: id,
    eventTime: new Date(start + at * hour).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName: name,
    recipientAccountId: account,
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${account}:user/${user}` },
  };
}

export interface Ran {
  readonly result: ReplayResult;
  readonly matches: readonly PolicyMatch[];
}
export async function run(policies: PolicySet, files: readonly (readonly Call[])[], jobs = 1): Promise<Ran> {
  const trail = join(folder, "trail");
  rmSync(trail, { recursive: true, force: true });
  mkdirSync(trail);
  for (const [index, calls] of files.entries())
    write(`trail/${index}.json`, JSON.stringify({ Records: calls.map(recordOf) }));
  const matches: PolicyMatch[] = [];
  const result = await replay({
    paths: [trail],
    policies,
    jobs,
    onMatches: (found) => {
      matches.push(...found);
    },
  });
  return { result, matches };
}
export function told({ matches }: Ran): string[] {
  return matches.flatMap((match) => (match.kind === "first-seen" ? match.eventIDs : [])).sort();
}

export const usual = "{ of: [actor.id], within: 100h, learn: 50h }";
