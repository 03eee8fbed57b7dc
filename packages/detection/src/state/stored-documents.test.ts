import { describe, expect, test } from "vitest";
import { learningDocuments, storedMatches, termDocuments } from "../correlation/first-seen-documents.ts";
import { keptRecords, windowDocuments } from "../correlation/window-documents.ts";
import { deliveryMinutes } from "../delivery/delivery-minute.ts";
import { actorTrails } from "../incident/actor-trail.ts";
import { mergeIncident } from "../incident/incident.ts";
import { incidentDocuments } from "../incident/incident-document.ts";
import { storedEvent } from "../incident/incident-event.ts";
import { sampleRecord, sampleScope } from "../testing/fixtures.ts";
import { ledgerEntries } from "../timer/timer-ledger.ts";
import type { DocumentKind } from "./document-kind.ts";

const record = sampleRecord("a");
const group = [{ field: "actor.id", value: "alice" }];
const related = { id: "b", policy: "Policy", severity: "high", since: 1 };
const { document: incident } = mergeIncident(undefined, {
  scope: sampleScope(),
  events: [storedEvent({ id: "a", time: record.times.called }, record)],
  lease: { by: "batch", until: 30_000 },
  now: 0,
  allowedLatenessSeconds: 900,
});
const [alert, timer] = incident.outbox;
if (alert?.due.kind !== "alert" || timer?.due.kind !== "timer") throw new Error("an incident owes both");

/** A kind, what the first release wrote of it, and the paths of values that are wrong when they become an object. */
function row<T extends object>(given: {
  readonly name: string;
  readonly kind: DocumentKind<T>;
  readonly format1: object;
  readonly needed: readonly string[];
}) {
  return {
    ...given,
    parse: (key: string, document: unknown): object => given.kind.parse(key, document),
    rewrite: (document: unknown): object => given.kind.serialize(given.kind.parse("k", document)),
  };
}

const kinds = [
  row({
    name: "incident",
    kind: incidentDocuments,
    format1: {
      ...incident,
      outbox: [
        { id: alert.id, cause: "a", due: alert.due, claim: alert.lease },
        { id: timer.id, cause: "a", due: { kind: "wake-up", at: timer.due.timer.at }, claim: timer.lease },
      ],
    },
    needed: [
      "id",
      "severity",
      "ids",
      "ids.0",
      "firstTime",
      "samples.0.times.called",
      "samples.0.actor.label",
      "raised.0",
      "outbox.0.due.alert.policy.title",
      "outbox.0.due.kind",
      "outbox.1.due.at",
      "outbox.0.claim.until",
    ],
  }),
  row({
    name: "correlation window",
    kind: windowDocuments,
    format1: {
      group: [{ field: "actor.id", value: null }],
      shape: "s",
      times: [1, 2],
      ids: ["a", "b"],
      rules: [0, 1],
      values: ["x", ["y", "z"]],
      bytes: 40,
      closedBefore: 7,
      truncated: { time: 0, id: "t" },
    },
    needed: [
      "group.0.value",
      "shape",
      "times",
      "times.1",
      "ids",
      "values.0",
      "bytes",
      "closedBefore",
      "truncated.id",
    ],
  }),
  row({
    name: "kept record",
    kind: keptRecords,
    format1: record,
    needed: ["eventId", "times", "resources", "actor.id"],
  }),
  row({
    name: "first-seen term",
    kind: termDocuments,
    format1: { runs: [{ first: 1, last: 2, ids: ["a"], decided: false }] },
    needed: ["runs", "runs.0.first", "runs.0.ids.0", "runs.0.decided"],
  }),
  row({
    name: "first-seen learning",
    kind: learningDocuments,
    format1: { earliest: 1, lastDay: 2 },
    needed: ["earliest", "lastDay"],
  }),
  row({
    name: "first-seen match",
    kind: storedMatches,
    format1: { record, group },
    needed: ["record", "record.eventId", "group.0.value"],
  }),
  row({
    name: "actor trail",
    kind: actorTrails,
    format1: { incidents: [related] },
    needed: ["incidents", "incidents.0.severity", "incidents.0.since"],
  }),
  row({
    name: "delivery minute",
    kind: deliveryMinutes,
    format1: {
      minuteStart: 0,
      direct: ["a"],
      held: [{ name: "p", title: "P", severity: "low", alerts: ["0123456789abc"] }],
      actors: ["alice"],
      accounts: [],
      regions: [],
      tactics: [],
      digest: "closed",
      claim: { by: "batch", until: 9 },
    },
    needed: ["direct.0", "held.0.alerts", "held.0.severity", "digest", "claim.by"],
  }),
  row({ name: "timer ledger", kind: ledgerEntries, format1: { at: 5 }, needed: ["at"] }),
];

/** The document with the value at a path replaced by an object, which no such place may hold. */
function damaged(document: object, path: string): object {
  const copy = structuredClone(document);
  const names = path.split(".");
  const last = names.pop() ?? "";
  const holder = names.reduce<object>((value, name) => Reflect.get(value, name), copy);
  if (!Reflect.has(holder, last)) throw new Error(`there is no ${path}`);
  Reflect.set(holder, last, { damaged: true });
  return copy;
}

function stored(document: object): unknown {
  return JSON.parse(JSON.stringify(document));
}

describe.each(kinds)("$name", ({ name, parse, rewrite, format1, needed }) => {
  test("is read as the first release wrote it, and rewritten so that the first release reads the same", () => {
    const rewritten = rewrite(stored(format1));
    expect(rewritten).toEqual({ ...format1, format: 2, readableSince: 1 });
    expect(parse("k", stored(rewritten))).toEqual(parse("k", stored(format1)));
  });

  test.each(needed)("is not read where %s is damaged", (path) => {
    const parsing = () => parse("the#key", stored(damaged(format1, path)));
    expect(parsing).toThrow(
      expect.objectContaining({
        code: "state-document-unreadable",
        message: expect.stringMatching(new RegExp(`^The ${name} document the#key does not fit format 1 `)),
      }),
    );
  });

  test("of a format to come is not guessed at", () => {
    const parsing = () => parse("the#key", stored({ ...format1, format: 3 }));
    expect(parsing).toThrow(expect.objectContaining({ code: "state-format-unknown" }));
  });
});

test("columns of a window that are not of one length are not read", () => {
  const document = { group: [], shape: "s", times: [1, 2], ids: ["a"], bytes: 1 };
  expect(() => windowDocuments.parse("k", document)).toThrow("columns");
});

test("an actor that the first release stored was its own principal", () => {
  const { principal: _unknown, ...actor } = record.actor;
  const kept = keptRecords.parse("k", { ...record, actor });
  expect(kept.actor.principal).toBe(actor.id);
  expect(keptRecords.parse("k", { ...record, actor: { ...actor, principal: "p" } }).actor.principal).toBe(
    "p",
  );
});
