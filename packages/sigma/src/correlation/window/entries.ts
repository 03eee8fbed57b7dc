import type { JsonObject } from "../../event/json.ts";
import type { Rule } from "../../rule.ts";
import type { Ruleset } from "../../ruleset.ts";
import { type CorrelatedRule, type Correlation, referenceOf } from "../correlation.ts";
import type { Membership } from "../correlation-set.ts";
import { boundedText } from "./bounded-text.ts";
import type { Firing } from "./firing.ts";
import {
  countedValues,
  type GroupValue,
  groupKey,
  groupText,
  measuredValues,
  type ReadField,
} from "./group.ts";

/** What one correlation needs to know of one event. */
export interface Entry {
  /** The event's id. Events with one id are one event and count once. */
  readonly id: string;
  /** When it happened, in whole milliseconds since the epoch; never when it arrived. */
  readonly time: number;
  /** Which rule it matched: the rule's id, else its name. */
  readonly rule: string;
  /** For value_count the distinct texts, for the other value types the numbers. At most 100. */
  readonly values?: readonly string[] | readonly number[];
}

/** An entry and the window it belongs to. */
export interface GroupedEntry {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  /** The group as one text, equal for equal groups only. Up to 25 KB long: hash it for a key. */
  readonly groupKey: string;
  readonly entry: Entry;
}

/** What is longer is cut to its beginning and its hash. */
const longestGroupInIdBytes = 128;
const noEntries: readonly GroupedEntry[] = Object.freeze([]);

/**
 * What an event adds to the correlations over the rules it matched: at most one entry for each rule and correlation.
 * A value_* correlation takes no entry from an event without a usable value.
 *
 * @param matched What `ruleset.match` returned for this very event.
 */
export function correlationEntries(
  ruleset: Ruleset,
  matched: readonly Rule[],
  event: JsonObject,
  { id, time }: { readonly id: string; readonly time: number },
): readonly GroupedEntry[] {
  let found: GroupedEntry[] | undefined;
  for (const rule of matched) {
    for (const membership of ruleset.correlationsOver(rule)) {
      const read: ReadField = (field) => ruleset.read(event, field);
      const entry = entryOf(membership, rule, { id, time, read });
      if (entry !== undefined) {
        found ??= [];
        found.push(entry);
      }
    }
  }
  return found ?? noEntries;
}

/**
 * What firings add to the correlations over their correlations. A firing is an event with the time of the event that
 * fired, the inner group-by fields as its fields, and an id that says which correlation fired at which event.
 */
export function chainedEntries(ruleset: Ruleset, firings: readonly Firing[]): readonly GroupedEntry[] {
  let found: GroupedEntry[] | undefined;
  for (const firing of firings) {
    const { correlation, group, time } = firing;
    const id = firingId(firing);
    for (const membership of ruleset.correlationsOver(correlation)) {
      const read: ReadField = (field) => {
        const value = group.find((part) => part.field === field)?.value ?? null;
        return value === null ? [] : [value];
      };
      const entry = entryOf(membership, correlation, { id, time, read });
      if (entry !== undefined) {
        found ??= [];
        found.push(entry);
      }
    }
  }
  return found ?? noEntries;
}

/** Where aliases read the group of each rule from a field of its own, one event may fire in several groups. */
function firingId({ correlation, group, id }: Firing): string {
  const [first, ...others] = correlation.memberFields.map((fields) => JSON.stringify(fields.group));
  const own = `${referenceOf(correlation)}:${id}`;
  return others.every((fields) => fields === first)
    ? own
    : `${own}:${boundedText(groupKey(group), longestGroupInIdBytes)}`;
}

function entryOf(
  { correlation, position }: Membership,
  rule: CorrelatedRule,
  { id, time, read }: { readonly id: string; readonly time: number; readonly read: ReadField },
): GroupedEntry | undefined {
  const fields = correlation.memberFields[position];
  const values = valuesOf(correlation, fields?.values ?? [], read);
  if (values?.length === 0) {
    return undefined;
  }
  const group = correlation.groupBy.map((field, index) => ({
    field,
    value: groupText(read(fields?.group[index] ?? field)),
  }));
  const entry = { id, time, rule: referenceOf(rule), ...(values === undefined ? {} : { values }) };
  return { correlation, group, groupKey: groupKey(group), entry };
}

function valuesOf(
  { type }: Correlation,
  fields: readonly string[],
  read: ReadField,
): string[] | number[] | undefined {
  if (type === "value_count") {
    return countedValues(fields, read);
  }
  return fields[0] === undefined ? undefined : measuredValues(fields[0], read);
}
