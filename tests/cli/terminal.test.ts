import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Running, run, start } from "../support/command-line.ts";
import { createChannel } from "../support/records.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entry = join(root, "packages/cli/src/main.ts");
const sample = join(root, "samples/cloudtrail-CreateChannel.aws-doc.json");
const folder = mkdtempSync(join(tmpdir(), "streamwarden-terminal-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const started: Running[] = [];
afterEach(async () => {
  for (const running of started.splice(0)) {
    running.child.kill("SIGKILL");
    await running.finished;
  }
});

describe("a reader that goes away", () => {
  /** Runs the command with a stream that nobody reads from the first byte on. */
  const unread = async (args: readonly string[], stream: "stdout" | "stderr") => {
    const child = spawn(process.execPath, [entry, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    child[stream].destroy();
    const other = stream === "stdout" ? child.stderr : child.stdout;
    let text = "";
    other.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code, signal] = await once(child, "close");
    return { code, signal, text };
  };

  test.each([
    [["--help"]],
    [["check"]],
    [["check", "--format", "json"]],
    [["test", "--verbose"]],
    [["explain", "ivs-called-by-root", sample, "--format", "json"]],
    [["replay", sample, "--format", "json"]],
    [["replay", sample, "--format", "ndjson"]],
    [["alert", "preview", "ivs-called-by-root", "--as", "slack"]],
    [["up", "--port", "0"]],
  ])("of stdout: %j ends quietly, with 141", async (args) => {
    const { code, text } = await unread(args, "stdout");
    expect(code).toBe(141);
    expect(text).not.toMatch(/EPIPE|error|^ +at /m);
  });

  test.each([
    [["fly"], 2],
    [["send", "absent.json"], 1],
    [["explain", "absent", sample], 1],
  ])("of stderr: %j keeps its exit code", async (args, code) => {
    expect(await unread(args, "stderr")).toMatchObject({ code });
  });

  test("what was found keeps its exit code", async () => {
    const { code } = await unread(["check", "--config", "absent.yml"], "stdout");
    expect(code).toBe(1);
  });

  test.runIf(existsSync("/dev/full"))("a full disk is a sentence", async () => {
    const child = spawn("sh", ["-c", '"$0" "$@" > /dev/full', process.execPath, entry, "check"], {
      cwd: root,
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await once(child, "close");
    expect(text).toMatch(/^error The output cannot be written: .*ENOSPC.* \[cli-output\]\n$/);
    expect(code).toBe(1);
  });
});

describe("relative paths mean what they mean to the caller", () => {
  const npm = async (cwd: string, ...args: string[]) => {
    const { npm_package_json: _, npm_lifecycle_event: __, INIT_CWD: ___, ...env } = process.env;
    const child = spawn("npm", ["run", "--silent", "streamwarden", "--", ...args], {
      cwd,
      env,
      stdio: "pipe",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await once(child, "close");
    return { code, stdout, stderr };
  };
  const below = join(root, "docs");

  test("through npm from a folder of the project: files, policies and configuration", async () => {
    const rules = join(folder, "mine.yml");
    writeFileSync(
      rules,
      "title: Mine\nname: mine\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  s: { eventName: CreateChannel }\n  condition: s\nlevel: low\n",
    );
    const explained = await npm(
      below,
      "explain",
      "mine",
      relative(below, sample),
      "--policies",
      relative(below, rules),
    );
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("Mine: match") });
    file("here.yml", "policies: { pack: false, paths: [mine.yml] }\n");
    const checked = await npm(below, "check", "--config", relative(below, join(folder, "here.yml")));
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("1 policy active") });
    const absent = await npm(below, "replay", "absent.json");
    expect(absent.stdout).toContain(`unreadable  absent.json`);
  });

  test("through npm, the project's configuration is the default", async () => {
    const { stdout } = await npm(below, "check");
    expect(stdout).toMatch(/\d\d policies active/);
  });

  test("a script of somebody else that starts the command keeps its own folder", async () => {
    const env = {
      INIT_CWD: below,
      npm_lifecycle_event: "check",
      npm_package_json: join(folder, "package.json"),
    };
    const { code, stdout } = await run(["replay", "samples/cloudtrail-CreateChannel.aws-doc.json"], { env });
    expect(stdout).toContain("1 record in 1 file");
    expect(code).toBe(0);
  });
});

describe("streamwarden send", () => {
  test("a file that cannot be sent holds up no other, and each is answered for", async () => {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { Entries } = JSON.parse(body);
        const answers = Entries.map(({ Detail }: { Detail: string }) =>
          Detail.includes("too-much")
            ? { ErrorCode: "ThrottlingException", ErrorMessage: "Slow down" }
            : { EventId: "e" },
        );
        response.setHeader("content-type", "application/x-amz-json-1.1");
        response.end(JSON.stringify({ FailedEntryCount: 0, Entries: answers }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const one = file("one.json", JSON.stringify(createChannel({ eventID: "one", user: "alice" })));
    const bad = file("bad.json", "{");
    const mixed = file(
      "mixed.json",
      JSON.stringify({
        Records: [
          createChannel({ eventID: "two", user: "alice" }),
          createChannel({ eventID: "too-much", user: "alice" }),
        ],
      }),
    );
    const absent = join(folder, "absent.json");
    const { code, stdout, stderr } = await run([
      "send",
      one,
      bad,
      absent,
      mixed,
      one,
      "--endpoint",
      endpoint,
    ]);
    server.close();
    expect(stdout).toBe(
      `${one}: 1 event accepted by EventBridge at ${endpoint}.\n` +
        `${mixed}: 1 of 2 events accepted by EventBridge at ${endpoint}.\n` +
        `${one}: 1 event accepted by EventBridge at ${endpoint}.\n`,
    );
    const lines = stderr.split("\n");
    expect(lines[0]).toMatch(/^error .*bad\.json.*\[cli-input\]$/);
    expect(lines[1]).toMatch(/^error .*absent\.json .*\[cli-input\]$/);
    expect(lines[2]).toContain("EventBridge rejected 1 event: ThrottlingException: Slow down");
    expect(lines.slice(3)).toEqual([
      "2 of 5 files sent. Not sent, or not in full:",
      `  ${bad}`,
      `  ${absent}`,
      `  ${mixed}`,
      "",
    ]);
    expect(code).toBe(1);
  });

  test("when nothing answers, no file was sent, and all are named", async () => {
    const { code, stdout, stderr } = await run(["send", sample, sample, "--endpoint", "http://127.0.0.1:9"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error Nothing answers at .*\n0 of 2 files sent\. Not sent, or not in full:\n.*\n.*\n$/,
    );
  });
});

describe("Ctrl-C during the start of everything", () => {
  const isOpen = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });

  test.each([
    ["before the servers are up", "Nothing leaves 127.0.0.1."],
    ["when they are", "  policies "],
    ["while the samples are sent", "Sending the"],
  ])("%s: it ends with 130 and leaves nothing behind", async (_, text) => {
    const running = start(["up", "--port", "0"]);
    started.push(running);
    await running.prints(text);
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toContain("Interrupted before everything was up.");
    const [, port] = /AWS +http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout) ?? [];
    if (port !== undefined) expect(await isOpen(Number(port))).toBe(false);
  });
});

test("the project works in a folder with spaces and letters beyond ASCII", async () => {
  const copy = join(folder, "a b/ü");
  mkdirSync(copy, { recursive: true });
  for (const name of ["packages", "samples", "package.json", "streamwarden.yml"])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
  mkdirSync(join(copy, "node_modules/@streamwarden"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const child = spawn(process.execPath, [join(copy, "packages/cli/src/main.ts"), "check"], {
    cwd: copy,
    stdio: "pipe",
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(stdout).toMatch(/\d\d policies active/);
  expect(code).toBe(0);
});
