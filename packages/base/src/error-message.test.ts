import { expect, test } from "vitest";
import { errorMessage } from "./error-message.ts";

test.each([
  [new TypeError("The table is missing."), "The table is missing."],
  ["a text", "a text"],
  [undefined, "undefined"],
])("of %j", (thrown, message) => {
  expect(errorMessage(thrown)).toBe(message);
});
