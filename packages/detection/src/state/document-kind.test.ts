import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DocumentKind, formatReader } from "./document-kind.ts";
import { MemoryStateStore } from "./memory-state-store.ts";

interface Counter {
  readonly count: number;
  readonly people: readonly string[];
}

/** The second release of a document: `people` is new, `total` was renamed in memory and not in the store. */
const counters = new DocumentKind<Counter>({
  name: "counter",
  format: 2,
  readableSince: 1,
  readers: {
    1: formatReader(z.object({ total: z.number() }), ({ total }) => ({ count: total, people: [] })),
    2: formatReader(z.object({ total: z.number(), people: z.array(z.string()) }), ({ total, people }) => ({
      count: total,
      people,
    })),
  },
  encode: ({ count, people }) => ({ total: count, people }),
});
const key = "counter#a";
async function holding(stored: unknown): Promise<MemoryStateStore> {
  const store = new MemoryStateStore();
  await store.update(key, 60, () => stored);
  return store;
}

describe("a stored document is read in each format that this release knows", () => {
  test.each([
    ["of the first release, which wrote no number", { total: 3 }, { count: 3, people: [] }],
    ["of this release", { format: 2, total: 3, people: ["a"] }, { count: 3, people: ["a"] }],
    [
      "that the first release rewrote and left the number in",
      { format: 1, total: 4 },
      { count: 4, people: [] },
    ],
    [
      "of a later release that says this one may read it",
      { format: 3, readableSince: 2, total: 3, people: [], places: ["x"] },
      { count: 3, people: [] },
    ],
  ])("%s", async (_, stored, document) => {
    expect(await counters.read(await holding(stored), key)).toEqual(document);
  });

  test("and rewritten in this release's own, without what only a later one knows", async () => {
    const store = await holding({ format: 3, readableSince: 2, total: 3, people: [], places: ["x"] });
    await counters.update(store, key, 60, (current) => ({ count: (current?.count ?? 0) + 1, people: ["b"] }));
    expect(await store.read(key)).toEqual({ format: 2, readableSince: 1, total: 4, people: ["b"] });
  });

  test("but a change that changes nothing writes nothing, in whatever format it is", async () => {
    const stored = { total: 3 };
    const store = await holding(stored);
    await counters.update(store, key, 60, (current) => current);
    expect(await store.read(key)).toBe(stored);
    await counters.update(store, "counter#none", 60, (current) => current);
    expect(store.list("counter#none")).toEqual([]);
  });
});

describe("what cannot be read is an error that names key and format, and is never treated as absent", () => {
  test.each([
    ["a later format", { format: 3, total: 1, people: [] }, "state-format-unknown", "format 3"],
    [
      "a later format that needs a later reader",
      { format: 5, readableSince: 3, total: 1, people: [] },
      "state-format-unknown",
      "format 5",
    ],
    ["a missing field", { format: 2, total: 1 }, "state-document-unreadable", "people"],
    ["a field of another type", { total: "1" }, "state-document-unreadable", "total"],
    ["a format that is no number", { format: "2", total: 1 }, "state-document-unreadable", "format"],
    ["a list", [1], "state-document-unreadable", "counter#a"],
    ["null", null, "state-document-unreadable", "counter#a"],
    ["a text", "x", "state-document-unreadable", "counter#a"],
  ])("%s", async (_, stored, code, names) => {
    const store = await holding(stored);
    const rejection = { code, message: expect.stringContaining(key) };
    await expect(counters.read(store, key)).rejects.toMatchObject(rejection);
    const changed = counters.update(store, key, 60, () => ({ count: 0, people: [] }));
    await expect(changed).rejects.toMatchObject({ code, message: expect.stringContaining(names) });
    expect(await store.read(key)).toEqual(stored);
  });

  test("whatever JSON stands there", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (stored) => {
        try {
          const { count } = counters.parse(key, stored);
          expect(typeof count).toBe("number");
        } catch (error) {
          expect(error).toMatchObject({ name: "StateStoreError", message: expect.stringContaining(key) });
        }
      }),
    );
  });
});

test("a document is checked once: what this process wrote or read is taken as it is", async () => {
  let checks = 0;
  const counted = new DocumentKind<{ readonly n: number }>({
    name: "counted",
    format: 2,
    readableSince: 2,
    readers: {
      2: (stored) => {
        checks += 1;
        return stored as { n: number };
      },
    },
    encode: (document) => document,
  });
  const store = await holding({ format: 2, n: 1 });
  const first = await counted.read(store, key);
  expect(await counted.read(store, key)).toBe(first);
  const written = await counted.update(store, key, 60, () => ({ n: 2 }));
  expect(await counted.read(store, key)).toBe(written);
  expect(checks).toBe(1);
});
