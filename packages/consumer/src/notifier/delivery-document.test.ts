import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claim, type DeliveryDocument, markPosted, release } from "./delivery-document.ts";

const lasts = 60_000;

describe("a claim", () => {
  test("is for one attempt until it lapses or is given back", () => {
    const first = claim("a", 0, lasts)(undefined);
    expect(first).toEqual({ state: "claimed", attempt: "a", claimedUntil: lasts, attempts: 1 });
    expect(claim("b", lasts - 1, lasts)(first)).toBe(first);
    expect(claim("b", lasts, lasts)(first)).toMatchObject({ attempt: "b", attempts: 2 });
    const released = release("a")(first);
    expect(claim("b", 1, lasts)(released)).toMatchObject({ attempt: "b", attempts: 2 });
  });

  test("of somebody else is not given back", () => {
    const first = claim("a", 0, lasts)(undefined);
    expect(release("b")(first)).toBe(first);
    expect(release("b")(undefined)).toBeUndefined();
  });
});

test("whatever attempts do in whatever order, posted stays posted, and at most one holds a claim", () => {
  const step = fc.record({
    what: fc.constantFrom("claim", "post", "release"),
    attempt: fc.constantFrom("a", "b", "c"),
    later: fc.integer({ min: 0, max: lasts }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let now = 0;
      let document: DeliveryDocument | undefined;
      for (const { what, attempt, later } of steps) {
        now += later;
        const before = document;
        if (what === "claim") document = claim(attempt, now, lasts)(document);
        else if (what === "post") document = markPosted(attempt)(document);
        else document = release(attempt)(document);
        if (before?.state === "posted") expect(document).toBe(before);
        if (before?.state === "claimed" && before.claimedUntil > now && what === "claim")
          expect(document).toBe(before);
      }
    }),
  );
});
