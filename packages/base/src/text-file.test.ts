import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeText, FileError, readTextFile, statRegularFile } from "./text-file.ts";

const folder = mkdtempSync(join(tmpdir(), "text-file-"));
function at(name: string): string {
  return join(folder, name);
}
const server = createServer();
function errorOf(run: () => unknown): FileError {
  try {
    run();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error("It was read.");
}

beforeAll(async () => {
  mkdirSync(at("folder.yml"));
  execFileSync("/usr/bin/env", ["mkfifo", at("fifo.yml")]);
  symlinkSync("/dev/zero", at("zero.yml"));
  symlinkSync("fifo.yml", at("to-fifo.yml"));
  symlinkSync("circle.yml", at("circle.yml"));
  symlinkSync("nowhere.yml", at("dangling.yml"));
  writeFileSync(at("sparse.yml"), "");
  truncateSync(at("sparse.yml"), 5 * 2 ** 30);
  writeFileSync(at("eleven.yml"), "12345678901");
  writeFileSync(at("ten.yml"), "1234567890");
  symlinkSync("ten.yml", at("to-ten.yml"));
  await new Promise<void>((resolve) => server.listen(at("socket.yml"), resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe("only regular files of a known size are read", () => {
  test.each([
    ["folder.yml", "file-not-regular", "is a folder, not a regular file"],
    ["fifo.yml", "file-not-regular", "is a FIFO, not a regular file"],
    ["to-fifo.yml", "file-not-regular", "is a FIFO, not a regular file"],
    ["socket.yml", "file-not-regular", "is a socket, not a regular file"],
    ["zero.yml", "file-not-regular", "is a device, not a regular file"],
    ["sparse.yml", "file-too-large", "has 5 GiB, but at most 10 bytes are read"],
    ["eleven.yml", "file-too-large", "has 11 bytes, but at most 10 bytes are read"],
    ["circle.yml", "file-unreadable", "is a circle of symbolic links"],
    ["dangling.yml", "file-not-found", "does not exist"],
    ["ten.yml/x", "file-not-found", "does not exist: a part of its path is not a folder"],
  ])("%s", (name, code, message) => {
    expect(errorOf(() => readTextFile(at(name), 10))).toMatchObject({ code, message });
    expect(errorOf(() => statRegularFile(at(name), 10))).toMatchObject({ code, message });
  });

  test.each(["ten.yml", "to-ten.yml"])("%s is read whole", (name) =>
    expect(readTextFile(at(name), 10)).toBe("1234567890"),
  );

  test.runIf(process.platform === "linux")("reads a file that says it has no bytes, to the bound", () => {
    expect(readTextFile("/proc/self/status", 1_000_000)).toContain("Name:");
    expect(errorOf(() => readTextFile("/proc/self/status", 10)).code).toBe("file-too-large");
  });
});

describe("decodeText", () => {
  const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
  const text = "title: Kanal gelöscht 🎬\n";
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16BE with a mark", utf16be(`\ufeff${text}`)],
    ["UTF-16LE", Buffer.from(text, "utf16le")],
    ["UTF-16BE", utf16be(text)],
  ])("reads %s", (_, bytes) => expect(decodeText(bytes)).toBe(text));

  test.each([
    [
      "Latin-1",
      Buffer.from("a: b\nc: gelöscht\n", "latin1"),
      "is neither UTF-8 nor UTF-16 (byte 0xF6)",
      2,
      7,
    ],
    ["a cut character", Buffer.from("é").subarray(0, 1), "is neither UTF-8 nor UTF-16", 1, 1],
    ["UTF-32LE", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "is in UTF-32", 1, 1],
    ["UTF-32BE", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), "is in UTF-32", 1, 1],
    [
      "half a character of UTF-16",
      Buffer.from([0xff, 0xfe, 0x61]),
      "looks like UTF-16LE, but is damaged",
      1,
      1,
    ],
    [
      "half a pair of UTF-16",
      Buffer.from([0xfe, 0xff, 0xd8, 0x3c]),
      "looks like UTF-16BE, but is damaged",
      1,
      1,
    ],
  ])("names %s and its place", (_, bytes, message, line, column) => {
    const error = errorOf(() => decodeText(bytes));
    expect(error).toMatchObject({ code: "file-encoding", line, column });
    expect(error.message).toContain(message);
    expect(error.message).toContain("save it as UTF-8");
  });

  test("gives every text back, or says that it cannot", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (any) => {
        fc.pre(!any.includes("\0") && !any.startsWith("\ufeff"));
        expect(decodeText(Buffer.from(any))).toBe(Buffer.from(any).toString());
        expect(decodeText(utf16be(`\ufeff${any}`))).toBe(any);
      }),
    );
  });

  test("changes nothing: what it reads, written again, is the same bytes", () => {
    const marks = [[], [0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff]];
    const bytes = fc.tuple(fc.constantFrom(...marks), fc.uint8Array({ maxLength: 12 }));
    fc.assert(
      fc.property(bytes, ([mark, rest]) => {
        const whole = Buffer.from([...mark, ...rest]);
        let read: string;
        try {
          read = decodeText(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
          return;
        }
        const written = ["", "\ufeff"].flatMap((bom) => [
          Buffer.from(bom + read),
          Buffer.from(bom + read, "utf16le"),
          utf16be(bom + read),
        ]);
        expect(written.some((one) => one.equals(whole))).toBe(true);
      }),
    );
  });
});
