import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeliveryDocument, deliveryDocuments, lease, markPosted, release } from "./delivery-document.ts";

const lasts = 60_000;

describe("a lease", () => {
  test("is for one attempt until it lapses or is given back", () => {
    const first = lease("a", 0, lasts)(undefined);
    expect(first).toEqual({ state: "leased", attempt: "a", leasedUntil: lasts, attempts: 1 });
    expect(lease("b", lasts - 1, lasts)(first)).toBe(first);
    expect(lease("b", lasts, lasts)(first)).toMatchObject({ attempt: "b", attempts: 2 });
    const released = release("a")(first);
    expect(lease("b", 1, lasts)(released)).toMatchObject({ attempt: "b", attempts: 2 });
  });

  test("of somebody else is not given back", () => {
    const first = lease("a", 0, lasts)(undefined);
    expect(release("b")(first)).toBe(first);
    expect(release("b")(undefined)).toBeUndefined();
  });
});

test("whatever attempts do in whatever order, posted stays posted, and at most one holds a lease", () => {
  const step = fc.record({
    what: fc.constantFrom("lease", "post", "release"),
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
        if (what === "lease") document = lease(attempt, now, lasts)(document);
        else if (what === "post") document = markPosted(attempt)(document);
        else document = release(attempt)(document);
        if (before?.state === "posted") expect(document).toBe(before);
        if (before?.state === "leased" && before.leasedUntil > now && what === "lease")
          expect(document).toBe(before);
      }
    }),
  );
});

describe("what is stored", () => {
  const claimed = { state: "claimed", attempt: "a", claimedUntil: 9, attempts: 2 };

  test("is read as the first release wrote it, and rewritten so that the first release reads the same", () => {
    const document = deliveryDocuments.parse("k", claimed);
    expect(document).toEqual({ state: "leased", attempt: "a", leasedUntil: 9, attempts: 2 });
    expect(deliveryDocuments.serialize(document)).toEqual({ ...claimed, format: 2, readableSince: 1 });
  });

  test.each(Object.keys(claimed))(
    "is not read where %s is damaged, so nothing is posted twice for it",
    (name) => {
      const parsing = () => deliveryDocuments.parse("slack#team#a.new", { ...claimed, [name]: null });
      expect(parsing).toThrow(expect.objectContaining({ code: "state-document-unreadable" }));
    },
  );
});
