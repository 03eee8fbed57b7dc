import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import { correlationEntries, type GroupedEntry, type Rule, type Ruleset } from "@streamwarden/sigma";

/** What one record adds to one window, with the correlation as a position, so that it can cross threads. */
export interface PlainEntry extends Omit<GroupedEntry, "correlation"> {
  /** Position in the ruleset's `correlations`. */
  readonly correlation: number;
}

/** What a record that matched rules adds to the correlations over them. */
export function plainEntries(
  ruleset: Ruleset,
  matched: readonly Rule[],
  record: CloudTrailRecord,
): PlainEntry[] {
  const event = { id: record.eventID, time: eventTimeOf(record) };
  return correlationEntries(ruleset, matched, record, event).map(({ correlation, ...entry }) => ({
    ...entry,
    correlation: ruleset.correlations.indexOf(correlation),
  }));
}
