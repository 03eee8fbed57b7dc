import type { RelatedIncident } from "@streamwarden/alerting";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ActorTrail, followActor, othersOf, trailSeconds } from "./actor-trail.ts";

function incident(number: number, since: number): RelatedIncident {
  return { id: `incident-${number}`, policy: "Policy", severity: "high", since };
}

test("law: a trail knows the first call of each incident, in whatever order calls came", () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.tuple(fc.nat(5), fc.nat(1000)), { minLength: 1, maxLength: 30 })
        .chain((calls) =>
          fc.tuple(fc.constant(calls), fc.shuffledSubarray(calls, { minLength: calls.length })),
        ),
      ([calls, shuffled]) => {
        const follow = (all: typeof calls): ActorTrail | undefined =>
          all.reduce<ActorTrail | undefined>(
            (trail, [number, at]) => followActor(trail, incident(number, at)),
            undefined,
          );
        expect(follow(shuffled)).toEqual(follow(calls));
      },
    ),
  );
});

test("what is known already changes nothing", () => {
  const trail = followActor(undefined, incident(1, 5));
  expect(followActor(trail, incident(1, 5))).toBe(trail);
  expect(followActor(trail, incident(1, 9))).toBe(trail);
});

test("others are those within a day, never the incident itself", () => {
  const incidents = [incident(1, 0), incident(2, trailSeconds * 1000), incident(3, trailSeconds * 1000 + 1)];
  expect(othersOf({ incidents }, incident(1, 0)).map(({ id }) => id)).toEqual(["incident-2"]);
});
