import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addSightings,
  decideTerm,
  type LearningDocument,
  learn,
  mergeLearning,
  mergeTerms,
  redeliverySeconds,
  type Sighting,
  type TermDocument,
  teachTerm,
} from "./first-seen-document.ts";

const withinSeconds = 100;
const learnSeconds = 50;
const second = 1000;

/** `"a@10"` is the event a at second 10. */
function sightings(text: string): Sighting[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ id: word, time: Number(word.split("@")[1]) * second }));
}

const never = Number.MAX_SAFE_INTEGER;
const tellFrom = -never;

/** The ids that are new, after all sightings came as one batch. */
function found(text: string, learnt = -never): string[] {
  const { document } = addSightings(undefined, sightings(text), withinSeconds);
  const options = { completeBefore: never, withinSeconds, learnSeconds, tellFrom };
  return decideTerm(document, { earliest: learnt, lastDay: 0 }, options).found.map(({ id }) => id);
}

describe("a sighting is new", () => {
  test.each([
    ["the first of all", "a@0", "a@0"],
    ["again, inside within", "a@0 b@99", "a@0"],
    ["again, exactly within later", "a@0 b@100", "a@0"],
    ["again, after more than within", "a@0 b@101", "a@0 b@101"],
    ["kept alive by sightings in between", "a@0 b@90 c@180 d@270", "a@0"],
    ["both of one second, of which none is before the other", "a@0 b@0 c@1", "a@0 b@0"],
    ["after a pause for each run", "a@0 b@200 c@250 d@500", "a@0 b@200 d@500"],
  ])("%s", (_name, given, expected) => expect(found(given).join(" ")).toBe(expected));
});

describe("the learning period", () => {
  test("reports nothing before it is over, and its end is included", () => {
    expect(found("a@49", 0)).toEqual([]);
    expect(found("a@50", 0)).toEqual(["a@50"]);
  });

  test("begins with the earliest match, however late that is delivered", () => {
    expect(learn(learn(undefined, [70_000]), [90_000, 20_000])).toEqual({ earliest: 20_000, lastDay: 0 });
  });

  test("is not over where its beginning is not known", () => {
    const { document } = addSightings(undefined, sightings("a@5"), withinSeconds);
    expect(
      decideTerm(document, undefined, { completeBefore: never, withinSeconds, learnSeconds, tellFrom }).found,
    ).toEqual([]);
  });

  test("is written once a day at most", () => {
    const document = learn(undefined, [0]);
    expect(learn(document, [80_000_000])).toBe(document);
    expect(learn(document, [86_400_000])).toEqual({ earliest: 0, lastDay: 1 });
  });
});

describe("deciding", () => {
  const options = { completeBefore: 10 * second, withinSeconds, learnSeconds, tellFrom };
  const long = { earliest: -never, lastDay: 0 };

  test("waits until no earlier record can come any more", () => {
    const added = addSightings(undefined, sightings("b@10"), withinSeconds);
    expect(added).toMatchObject({ waiting: [{ id: "b@10" }], nextDue: 10 * second });
    const decided = decideTerm(added.document, long, options);
    expect(decided.found).toEqual([]);
    expect(decided.document).toBe(added.document);
    const earlier = addSightings(decided.document, sightings("a@9"), withinSeconds);
    expect(earlier).toMatchObject({ waiting: [{ id: "a@9" }], nextDue: 9 * second });
    const later = { ...options, completeBefore: 11 * second };
    expect(decideTerm(earlier.document, long, later).found.map(({ id }) => id)).toEqual(["a@9"]);
  });

  test("tells each once, and the same again until the document is stored", () => {
    const { document } = addSightings(undefined, sightings("a@5"), withinSeconds);
    const once = decideTerm(document, long, options);
    expect(decideTerm(document, long, options)).toEqual(once);
    expect(decideTerm(once.document, long, options).found).toEqual([]);
    expect(addSightings(once.document, sightings("a@5"), withinSeconds)).toEqual({
      document: once.document,
      waiting: [],
    });
  });

  test("forgets what no record, delivered in time or again, can be near to", () => {
    const { document } = addSightings(undefined, sightings("a@5"), withinSeconds);
    const end = (105 + redeliverySeconds) * second;
    expect(decideTerm(document, long, { ...options, completeBefore: end + 1 }).document).toEqual({
      runs: [],
    });
    expect(decideTerm(document, long, { ...options, completeBefore: end }).document.runs).toHaveLength(1);
  });

  test("history teaches, and is never told", () => {
    const { document } = addSightings(undefined, sightings("a@5 b@8"), withinSeconds);
    const decided = decideTerm(document, long, { ...options, tellFrom: 6 * second });
    expect(decided.found).toEqual([]);
    expect(addSightings(decided.document, sightings("c@9"), withinSeconds).waiting).toEqual([]);
    expect(decideTerm(document, long, { ...options, tellFrom: 5 * second }).found).toHaveLength(1);
  });

  test("a record that comes too late for its turn teaches, and is told only where nothing near was", () => {
    const { document } = addSightings(undefined, sightings("b@8"), withinSeconds);
    const decided = decideTerm(document, long, options).document;
    expect(addSightings(decided, sightings("a@2"), withinSeconds).waiting).toEqual([]);
    expect(addSightings(undefined, sightings("a@2"), withinSeconds).waiting).toHaveLength(1);
  });
});

test("keeps 20 ids of one second, whatever their number", () => {
  const many = Array.from({ length: 5000 }, (_unused, index) => ({ id: `id-${index}`, time: 0 }));
  const { document } = addSightings(undefined, many, withinSeconds);
  expect(document.runs).toHaveLength(1);
  expect(document.runs[0]?.ids).toHaveLength(20);
  expect(addSightings(undefined, many.toReversed(), withinSeconds).document).toEqual(document);
});

describe("teaching a term of the store what history knows", () => {
  const completeBefore = 1000 * second;
  const stored = (text: string): TermDocument =>
    addSightings(undefined, sightings(text), withinSeconds).document;
  const history = (text: string): TermDocument =>
    decideTerm(stored(text), undefined, { completeBefore, withinSeconds, learnSeconds, tellFrom: never })
      .document;
  const told = (document: TermDocument | undefined): string[] =>
    decideTerm(
      document ?? { runs: [] },
      { earliest: -never, lastDay: 0 },
      { completeBefore: never, withinSeconds, learnSeconds, tellFrom },
    ).found.map(({ id }) => id);

  test("what waits in the store goes on waiting", () => {
    expect(told(teachTerm(stored("a@900"), history("a@900"), withinSeconds))).toEqual(["a@900"]);
    expect(told(teachTerm(stored("a@900"), history("a@900 b@950"), withinSeconds))).toEqual(["a@900"]);
    expect(told(teachTerm(stored("a@900 b@1100"), history("c@1000 d@999"), withinSeconds))).toEqual([
      "a@900",
    ]);
    expect(told(teachTerm(stored("a@900"), history("b@799"), withinSeconds))).toEqual(["a@900"]);
  });

  test("unless history has one before it", () => {
    expect(told(teachTerm(stored("a@900"), history("b@800"), withinSeconds))).toEqual([]);
    expect(told(teachTerm(stored("a@900"), history("b@720 c@810 a@900"), withinSeconds))).toEqual([]);
  });

  test("adds nothing that would wait", () => {
    expect(teachTerm(undefined, history("a@1000"), withinSeconds)).toBeUndefined();
    expect(teachTerm(undefined, history("a@999 b@1001"), withinSeconds)?.runs).toMatchObject([
      { first: 999 * second, last: 1001 * second, ids: [], decided: true },
    ]);
  });

  test("teaching again changes nothing, whatever the parts and their order", () => {
    fc.assert(
      fc.property(arbitrarySightings, arbitrarySightings, arbitrarySightings, (live, left, right) => {
        const text = (all: readonly Sighting[]): string =>
          all.map(({ time }) => `h@${time / second}`).join(" ");
        const before = addSightings(undefined, live, withinSeconds).document;
        const parts = [history(text(left)), history(text(right)), history(text([...left, ...right]))];
        const teach = (order: readonly number[]): TermDocument | undefined =>
          order.reduce<TermDocument | undefined>(
            (document, index) => teachTerm(document, parts[index] ?? before, withinSeconds),
            before,
          );
        const whole = teach([2]);
        for (const order of [
          [0, 1],
          [1, 0],
          [2, 0, 1, 2],
        ])
          expect(teach(order)).toEqual(whole);
        for (const part of parts) expect(teachTerm(whole, part, withinSeconds)).toBe(whole);
        // What is told is what nothing, live or of the past, comes before.
        const past = [...left, ...right];
        const isFirst = ({ time }: Sighting): boolean =>
          ![...live, ...past].some((one) => one.time < time && one.time >= time - withinSeconds * second);
        expect(told(whole).toSorted()).toEqual(
          live
            .filter(isFirst)
            .map(({ id }) => id)
            .toSorted(),
        );
      }),
    );
  });

  test("the beginning of the learning period is the earlier one", () => {
    const live = { earliest: 50, lastDay: 3 };
    expect(mergeLearning(undefined, live)).toBe(live);
    expect(mergeLearning(live, { earliest: 60, lastDay: 1 })).toBe(live);
    expect(mergeLearning(live, { earliest: 40, lastDay: 4 })).toEqual({ earliest: 40, lastDay: 4 });
  });
});

/** What the definition says, over the whole set at once. */
function byDefinition(all: readonly Sighting[], earliest: number): string[] {
  return [...new Map(all.map((one) => [one.id, one])).values()]
    .filter(({ time }) => time >= earliest + learnSeconds * second)
    .filter(
      ({ time }) => !all.some((other) => other.time < time && other.time >= time - withinSeconds * second),
    )
    .map(({ id }) => id)
    .toSorted();
}

const arbitrarySightings = fc
  .array(fc.integer({ min: 0, max: 900 }), { maxLength: 25 })
  .map((times) => times.map((time, index) => ({ id: `e${index}`, time: time * second })));

describe("laws", () => {
  test("any order, repetition and batching within the lateness finds what the definition says", () => {
    const lateness = 60 * second;
    fc.assert(
      fc.property(
        arbitrarySightings,
        fc.array(fc.record({ delay: fc.integer({ min: 0, max: 59 }), again: fc.boolean() }), {
          minLength: 25,
          maxLength: 25,
        }),
        fc.integer({ min: 1, max: 120 }),
        (all, deliveries, batchSeconds) => {
          const arriving = all
            .flatMap((sighting, index) => {
              const { delay = 0, again = false } = deliveries[index] ?? {};
              const at = sighting.time + delay * second;
              return [{ sighting, at }, ...(again ? [{ sighting, at: at + 500 * second }] : [])];
            })
            .toSorted((left, right) => left.at - right.at);
          let document: TermDocument | undefined;
          let learning: LearningDocument | undefined;
          const told: string[] = [];
          const decide = (now: number): void => {
            if (document === undefined) return;
            const options = { completeBefore: now - lateness, withinSeconds, learnSeconds, tellFrom };
            const decided = decideTerm(document, learning, options);
            told.push(...decided.found.map(({ id }) => id));
            ({ document } = decided);
          };
          const last = arriving.at(-1)?.at ?? 0;
          for (let start = 0; start <= last; start += batchSeconds * second) {
            const end = start + batchSeconds * second;
            const batch = arriving
              .filter(({ at }) => at >= start && at < end)
              .map(({ sighting }) => sighting);
            // A timer may come at any moment: before the batch and after it.
            decide(start);
            if (batch.length === 0) continue;
            learning = learn(
              learning,
              batch.map(({ time }) => time),
            );
            ({ document } = addSightings(document, batch, withinSeconds));
          }
          decide(never);
          const earliest = Math.min(...all.map(({ time }) => time));
          expect(told.toSorted()).toEqual(byDefinition(all, earliest));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("the document is a function of the set, and merging documents is adding their sightings", () => {
    fc.assert(
      fc.property(arbitrarySightings, arbitrarySightings, fc.array(fc.nat(24)), (left, right, order) => {
        const both = [...left, ...right];
        const whole = addSightings(undefined, both, withinSeconds).document;
        let document: TermDocument | undefined;
        for (const index of order) {
          const one = both[index % Math.max(both.length, 1)];
          if (one !== undefined) ({ document } = addSightings(document, [one], withinSeconds));
        }
        for (const one of both.toReversed())
          ({ document } = addSightings(document, [one, one], withinSeconds));
        expect(document ?? { runs: [] }).toEqual(whole);
        const parts = [left, right].map((part) => addSightings(undefined, part, withinSeconds).document);
        expect(mergeTerms(parts[0] ?? whole, parts[1] ?? whole, withinSeconds)).toEqual(whole);
      }),
    );
  });
});
