import { callFacets } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import type { Actor } from "@streamwarden/cloudtrail";
import { z } from "zod";
import { type Call, type CallContext, sameCall } from "./call.ts";

/**
 * The calls behind the rows of a correlation's window. Sigma's window counts ids and values and knows nothing of AWS;
 * what an alert says of the calls it counted stands here, beside it, in the same document. A row of a correlation over
 * correlations stands for several calls.
 */
export type WindowCalls = ReadonlyMap<string, readonly Call[]>;

export const noWindowCalls: WindowCalls = new Map();

/**
 * The most calls that a window remembers: those whose ids have the smallest hashes, so that the order of arrival does not
 * show. Beyond it a call is still counted, by its row.
 */
export const mostWindowCalls = 200;

/** The calls after adding some: those of rows that the window still has. The same object when nothing changes. */
export function withCalls(
  current: WindowCalls,
  added: readonly { readonly row: string; readonly calls: readonly Call[] }[],
  rows: readonly string[],
): WindowCalls {
  const kept = new Set(rows);
  const all = new Map<string, { readonly row: string; readonly call: Call }>();
  for (const [row, calls] of current)
    if (kept.has(row)) for (const call of calls) all.set(JSON.stringify([row, call.id]), { row, call });
  let hasChanged = [...current.keys()].some((row) => !kept.has(row));
  for (const { row, calls } of added) {
    if (!kept.has(row)) continue;
    for (const call of calls) {
      const key = JSON.stringify([row, call.id]);
      const known = all.get(key)?.call;
      const merged = known === undefined ? call : sameCall(known, call);
      if (merged === known) continue;
      all.set(key, { row, call: merged });
      hasChanged = true;
    }
  }
  if (!hasChanged) return current;
  const chosen = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const smallest =
    chosen.length <= mostWindowCalls
      ? chosen
      : chosen
          .map((one) => ({ ...one, hash: shortDigest(one.call.id, 16) }))
          .sort((a, b) => (a.hash < b.hash ? -1 : 1))
          .slice(0, mostWindowCalls);
  const grouped = Map.groupBy(smallest, ({ row }) => row);
  return new Map(
    [...grouped]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([row, ones]) => [row, ones.map(({ call }) => call).sort((a, b) => (a.id < b.id ? -1 : 1))]),
  );
}

/** The calls behind some rows. One of which nothing more is known counts as a call by its id and time. */
export function callsOfRows(
  calls: WindowCalls,
  rows: readonly { readonly id: string; readonly time: number }[],
): readonly Call[] {
  return rows.flatMap(
    ({ id, time }) => calls.get(id) ?? [{ id, time, kind: "unknown" as const, values: {} }],
  );
}

/**
 * As it is stored. The calls of a window share most of their values (one actor, one address, one operation), so each
 * text stands once and calls point to it; so do their values together, but for resources, of which each call has its own.
 */
export interface StoredWindowCalls {
  readonly texts: readonly string[];
  /**
   * Row, id (null where it is the row's), time, and the places of the texts: as JSON actor, context and the places of all
   * values but resources by facet; then the resources.
   */
  readonly rows: readonly StoredCall[];
}

const place = z.int().nonnegative();
const storedCall = z.tuple([
  z.string(),
  z.string().nullable(),
  z.number(),
  place.nullable(),
  place.nullable(),
  place,
  z.array(place),
]);
const placesOfFacets = z.array(z.array(place));
type StoredCall = readonly [
  row: string,
  id: string | null,
  time: number,
  actor: number | null,
  context: number | null,
  facets: number,
  resources: readonly number[],
];

export const windowCallsSchema = z
  .object({ texts: z.array(z.string()), rows: z.array(storedCall) })
  .refine(
    ({ texts, rows }) =>
      rows.every(([, , , actor, context, facets, resources]) =>
        [actor ?? facets, context ?? facets, facets, ...resources].every((at) => at < texts.length),
      ),
    "a call points to a text that is not there",
  );

/** Adding a facet changes nothing for what is stored as long as it is added at the end. */
const sharedFacets = callFacets.filter((facet) => facet !== "resources");

export function encodeWindowCalls(calls: WindowCalls): StoredWindowCalls {
  const texts: string[] = [];
  const places = new Map<string, number>();
  function placeOf(text: string): number {
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, texts.length);
    texts.push(text);
    return texts.length - 1;
  }
  const rows = [...calls].flatMap(([row, ones]) =>
    ones.map(
      ({ id, time, actor, context, values }): StoredCall => [
        row,
        id === row ? null : id,
        time,
        actor === undefined ? null : placeOf(JSON.stringify(actor)),
        context === undefined ? null : placeOf(JSON.stringify(context)),
        placeOf(JSON.stringify(sharedFacets.map((facet) => (values[facet] ?? []).map(placeOf)))),
        (values.resources ?? []).map(placeOf),
      ],
    ),
  );
  return { texts, rows };
}

export function decodeWindowCalls({ texts, rows }: StoredWindowCalls): WindowCalls {
  const calls = new Map<string, Call[]>();
  const shared = new Map<number, Call["values"]>();
  function valuesAt(at: number): Call["values"] {
    const known = shared.get(at);
    if (known !== undefined) return known;
    const places = placesOfFacets.parse(JSON.parse(texts[at] ?? ""));
    const values = Object.fromEntries(
      sharedFacets.flatMap((facet, index) => {
        const found = (places[index] ?? []).map((one) => texts[one] ?? "");
        return found.length === 0 ? [] : [[facet, found]];
      }),
    );
    shared.set(at, values);
    return values;
  }
  for (const [row, id, time, actor, context, facets, resources] of rows) {
    const values = {
      ...valuesAt(facets),
      ...(resources.length === 0 ? {} : { resources: resources.map((at) => texts[at] ?? "") }),
    };
    const call: Call = {
      id: id ?? row,
      time,
      values,
      ...(actor === null ? {} : { actor: JSON.parse(texts[actor] ?? "") as Actor }),
      ...(context === null ? {} : { context: JSON.parse(texts[context] ?? "") as CallContext }),
    };
    const ones = calls.get(row);
    if (ones === undefined) calls.set(row, [call]);
    else ones.push(call);
  }
  return calls;
}
