import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type ReplayOptions, replay } from "../replay.ts";
import type { PolicyMatch, ReplayResult } from "../result/replay-result.ts";
import { policiesAt } from "./policies.ts";

/** The folder of the current test. Two policies lie in it; trail files go below `trail`. */
export let folder: string;

/** Makes the folder before each test and removes it afterwards. */
export function useFolder(): void {
  beforeEach(makeFolder);
  afterEach(removeFolder);
}

export function makeFolder(): string {
  folder = mkdtempSync(join(tmpdir(), "streamwarden-"));
  write(
    "policies/create.yml",
    rule("Channel created", "{eventSource: ivs.amazonaws.com, eventName: CreateChannel}", "name: create"),
  );
  write("policies/delete.yml", rule("Channel deleted", "eventName: DeleteChannel", "name: delete"));
  return folder;
}

export function removeFolder(): void {
  rmSync(folder, { recursive: true });
}

export function rule(title: string, selection: string, attributes = ""): string {
  return `title: ${title}\n${attributes}\nlogsource: {product: aws, service: cloudtrail}\nlevel: low\ndetection:\n  s:\n    ${selection}\n  condition: s\n`;
}

export function write(path: string, content: string | Uint8Array): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

let made = 0;
export function record(eventName: string, parts: object = {}): Record<string, unknown> {
  return {
    eventVersion: "1.08",
    eventID: `id-${made++}`,
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName,
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/alice" },
    ...parts,
  };
}
export function file(...records: unknown[]): string {
  return JSON.stringify({ Records: records });
}
export function lines(...values: unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

export interface Ran {
  readonly result: ReplayResult;
  readonly matches: readonly PolicyMatch[];
}
export async function run(options: Partial<ReplayOptions> = {}, policies = "policies"): Promise<Ran> {
  const matches: PolicyMatch[] = [];
  const result = await replay({
    paths: [join(folder, "trail")],
    policies: policiesAt(join(folder, policies)),
    onMatches: (found) => {
      matches.push(...found);
    },
    ...options,
  });
  return { result, matches };
}
