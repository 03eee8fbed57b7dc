import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@streamwarden/cloudtrail";
import type { SourceFile } from "@streamwarden/sigma";

/** Public rules and records, kept beside the repository and not in it. */
const corpora = join(import.meta.dirname, "../../../shared/corpora");
export const publicRulesFolder = join(corpora, "sigmahq-cloudtrail");
const recordsFolder = join(corpora, "invictus-aws/CloudTrail");

/** Real records of an attack simulation (Invictus), or undefined where they are missing. */
export function realRecords(): JsonObject[] | undefined {
  if (!existsSync(recordsFolder)) return undefined;
  return readdirSync(recordsFolder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .flatMap((name): JsonObject[] => JSON.parse(readFileSync(join(recordsFolder, name), "utf8")).Records);
}

/** SigmaHQ's rules about CloudTrail, or undefined where they are missing. */
export function publicRules(): SourceFile[] | undefined {
  if (!existsSync(publicRulesFolder)) return undefined;
  return readdirSync(publicRulesFolder)
    .filter((name) => name.endsWith(".yml"))
    .toSorted()
    .map((name) => ({ path: name, text: readFileSync(join(publicRulesFolder, name), "utf8") }));
}
