import { expect, test } from "vitest";
import { addBalances, type Balance, emptyBalance, imbalances } from "./balance.ts";

const one: Balance = {
  messages: { received: 3, processed: 1, quarantined: 1, returned: 1 },
  records: { seen: 5, alerted: 1, merged: 1, quiet: 1, duplicate: 1, dryRun: 1 },
  alerts: { owed: 2, published: 1, pending: 1 },
};

test("balances add up line by line", () => {
  const two = addBalances(addBalances(emptyBalance, one), one);
  expect(two.messages).toEqual({ received: 6, processed: 2, quarantined: 2, returned: 2 });
  expect(imbalances(two)).toEqual([]);
});

test("a line that does not add up is named with its parts", () => {
  const broken = { ...one, alerts: { owed: 3, published: 1, pending: 1 } };
  expect(imbalances(broken)).toEqual(["alerts owed = 3, but published 1 + pending 1 = 2"]);
});
