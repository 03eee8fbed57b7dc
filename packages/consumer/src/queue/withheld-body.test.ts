import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withheldBody } from "./withheld-body.ts";

const id = "11111111-2222-4333-8444-555555555555";
const record = JSON.stringify({
  eventID: id,
  responseElements: { streamKey: { value: "sk_us-east-1_abcdefghijkl" } },
});

test.each([
  ["a record", record, [id]],
  [
    "an envelope in a notification",
    JSON.stringify({ Message: JSON.stringify({ detail: JSON.parse(record) }) }),
    [id],
  ],
  ["a record that was cut off", record.slice(0, 80), [id]],
  ["a packed record", gzipSync(record).toString("base64"), []],
  ["an id that is none", '{"eventID":"sk_us-east-1_abcdefghijkl"}', []],
  ["nothing", "", []],
])("of %s it keeps ids and a digest, and no secret", (_, body, eventIds) => {
  const kept = withheldBody(body);
  expect(JSON.parse(kept)).toMatchObject({ bytes: Buffer.byteLength(body), eventIds });
  expect(kept).not.toContain("sk_us");
});

test("law: it is short whatever it is given, and says nothing of it but ids", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.uuid().map((one) => `"eventID":"${one}"`),
        ),
      ),
      (parts) => {
        const kept = withheldBody(parts.join(""));
        expect(kept.length).toBeLessThan(1200);
        const { eventIds } = JSON.parse(kept) as { eventIds: string[] };
        for (const one of eventIds) expect(one).toMatch(/^[0-9a-f-]{36}$/i);
      },
    ),
  );
});
