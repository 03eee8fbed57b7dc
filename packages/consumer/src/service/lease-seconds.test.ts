import { expect, test } from "vitest";
import { leaseSecondsFor } from "./lease-seconds.ts";

test.each([
  [2, 1],
  [30, 15],
  [59, 29.5],
  [60, 30],
  [180, 30],
  [43_200, 30],
])(
  "a queue that hides messages for %i s gives leases of %d s: half of it, at most 30",
  (visibility, lease) => {
    expect(leaseSecondsFor(visibility)).toBe(lease);
  },
);
