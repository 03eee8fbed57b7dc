import type { ReplayResult } from "@streamwarden/replay";
import { counted, shortened, styled, type Text } from "../../ui/text.ts";
import { noteLines } from "../replay/table.ts";
import type { DocumentCounts, SeededPolicy } from "./table.ts";

/** What a seed did. */
export interface SeedReport {
  readonly table: string;
  readonly dryRun: boolean;
  /** Milliseconds since the epoch. */
  readonly before: number;
  readonly now: number;
  readonly policies: readonly SeededPolicy[];
  readonly interrupted: boolean;
  /** How the reading went, with policies that wait for configuration. */
  readonly reading: ReplayResult;
}

interface Learning {
  /** Sets of `by` values whose learning period is over. */
  readonly over: number;
  /** When the last of them is done with learning; undefined when all are. */
  readonly until?: number;
}

const longestName = 100;
function isoTime(time: number): string {
  return new Date(time).toISOString();
}
function isoDay(time: number): string {
  return isoTime(time).slice(0, 10);
}

/** The report for a program: one stable object. */
export function seedJson({ table, dryRun, before, now, policies, interrupted, reading }: SeedReport): object {
  const { records, quarantined, files, problems, inactive } = reading;
  return {
    table,
    dryRun,
    before: isoTime(before),
    records,
    quarantined,
    policies: policies.map((seeded) => {
      const { over, until } = learningOf(seeded, now);
      return {
        id: seeded.policy.id,
        name: seeded.policy.name,
        title: seeded.policy.title,
        terms: seeded.terms.length,
        groups: seeded.groups.length,
        records: seeded.records,
        earliest: seeded.earliest.length === 0 ? null : isoTime(Math.min(...seeded.earliest)),
        learning: { over, until: until === undefined ? null : isoTime(until) },
        forgotten: seeded.forgotten,
        leftToConsumers: seeded.left,
        documents: seeded.documents,
      };
    }),
    inactive,
    files,
    problems,
    interrupted,
  };
}

/** The report for a person. */
export function seedText(report: SeedReport): Text[] {
  const { policies, reading, before } = report;
  const rows = [
    ["POLICY", "TERMS", "GROUPS", "RECORDS", "EARLIEST", "LEARNING"],
    ...policies.map((seeded) => [
      shortened(seeded.policy.name, longestName),
      seeded.terms.length.toLocaleString("en-US"),
      seeded.groups.length.toLocaleString("en-US"),
      seeded.records.toLocaleString("en-US"),
      seeded.earliest.length === 0 ? "-" : isoDay(Math.min(...seeded.earliest)),
      learningText(seeded, report.now),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column >= 1 && column <= 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const forgotten = policies.reduce((sum, seeded) => sum + seeded.forgotten, 0);
  const left = policies.reduce((sum, seeded) => sum + seeded.left, 0);
  const notes = [
    ...noteLines(reading),
    ...(forgotten > 0
      ? [
          `${counted(forgotten, "term")} of long ago would be forgotten at once and ${forgotten === 1 ? "is" : "are"} left out.`,
        ]
      : []),
    ...(left > 0
      ? [
          `${counted(left, "term")} first seen since ${isoTime(before)} ${left === 1 ? "is" : "are"} left to the consumers.`,
        ]
      : []),
  ];
  return [
    ...(policies.length === 0 ? [] : [styled("bold", lines[0] ?? ""), ...lines.slice(1), ""]),
    ...notes,
    ...conclusion(report),
  ];
}

function conclusion({ policies, reading, table, dryRun, interrupted }: SeedReport): Text[] {
  const sum = (kind: keyof DocumentCounts): number =>
    policies.reduce((total, { documents }) => total + documents[kind], 0);
  const looked = counted(reading.records, "record");
  const seen = policies.reduce((total, { records }) => total + records, 0);
  const written = sum("new") + sum("changed");
  const did = dryRun ? "Dry run: would write" : "Wrote";
  const documents = `${did} ${counted(written, "document")} to ${table} (${sum("new")} new, ${sum("changed")} changed; ${sum("unchanged")} as they were).`;
  if (interrupted) {
    if (policies.length === 0) {
      const nothing = `Interrupted while reading: nothing was ${dryRun ? "compared" : "written"}.`;
      return [styled("yellow", nothing)];
    }
    const left = sum("left");
    const rest = left > 0 ? ` ${counted(left, "document")} ${left === 1 ? "is" : "are"} missing.` : "";
    return [styled("yellow", `Interrupted. ${documents}${rest} The same command completes it.`)];
  }
  if (policies.length === 0)
    return [
      "No active policy alerts on first sightings (streamwarden.first_seen): there is nothing to teach.",
    ];
  if (seen === 0) return [`None of ${looked} is a match of a first-seen policy: there is nothing to teach.`];
  return [documents];
}

function learningOf({ earliest, policy }: SeededPolicy, now: number): Learning {
  const learn = (policy.firstSeen?.learnSeconds ?? 0) * 1000;
  const ends = earliest.map((time) => time + learn);
  const open = ends.filter((end) => end > now);
  return { over: ends.length - open.length, ...(open.length === 0 ? {} : { until: Math.max(...open) }) };
}

function learningText(seeded: SeededPolicy, now: number): string {
  const { over, until } = learningOf(seeded, now);
  if (seeded.earliest.length === 0) return "begins with the first record";
  if (until === undefined) return "over";
  const end = `until ${isoTime(until).slice(0, 16)}Z`;
  return over === 0 ? end : `over in ${over} of ${seeded.earliest.length} groups, the last ${end}`;
}
