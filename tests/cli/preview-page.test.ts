import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, run, start } from "../support/command-line.ts";
import { eventually } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";

let running: Running;
let page: string;
let endpoint: string;

beforeAll(async () => {
  running = start(["up", "--port", "0", "--no-samples"]);
  await running.prints("Stop with Ctrl-C.");
  page = /preview +(http:\S+)/.exec(running.stdout())?.[1] ?? "";
  endpoint = /AWS_ENDPOINT_URL=(http:\S+)/.exec(running.stdout())?.[1] ?? "";
});
afterAll(async () => {
  running.child.kill("SIGKILL");
  await running.finished;
});

async function html(path = ""): Promise<string> {
  return (await fetch(page + path)).text();
}

/** `fetch` writes the Host header itself. */
function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(page, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("the preview page of streamwarden up", () => {
  test("is empty at first and says how to send an event", async () => {
    const text = await html();
    expect(text).toContain("No alert yet");
    expect(text).toContain(`npm run streamwarden -- send &lt;file&gt; --endpoint ${endpoint}`);
    expect(text).toContain('http-equiv="refresh"');
    expect(await html("?refresh=off")).not.toContain('http-equiv="refresh"');
  });

  test("may load nothing but its own style, and answers on loopback names only", async () => {
    const response = await fetch(page);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const { port } = new URL(page);
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    expect(await statusFor(`evil.example:${port}`)).toBe(403);
    expect((await fetch(page, { method: "POST", body: "{}" })).status).toBe(405);
    expect((await fetch(`${page}services/guessed/slack`, { method: "POST", body: "{}" })).status).toBe(405);
    expect((await fetch(`${page}etc/passwd`)).status).toBe(404);
  });

  test("shows each alert as Slack and email would, newest first, hostile text as text", async () => {
    const hostile = "<script>alert(1)</script> <!channel> \u202e\u001b[31m";
    const calls = ["first-user", "second-user"].map((user) =>
      createChannel({ eventID: user, user, userAgent: `${user} ${hostile}` }),
    );
    for (const call of calls)
      await run(["send", "-", "--endpoint", endpoint], { input: JSON.stringify(call) });
    await eventually("both alerts are on the page", async () => {
      const text = await html();
      return /Slack <span class="count">2</.test(text) && /Email <span class="count">2</.test(text);
    });
    const text = await html();
    for (const raw of ["<script", "<!channel>", "\u202e", "\u001b"]) expect(text).not.toContain(raw);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    const [slack = "", email = ""] = text.split('<section id="email">');
    for (const column of [slack, email]) {
      expect(column.indexOf("second-user")).toBeGreaterThan(0);
      expect(column.indexOf("second-user")).toBeLessThan(column.indexOf("first-user"));
    }
    expect(text).not.toMatch(/ (?:style|on\w+)=/);
  });
});

test("a preview port that is taken is one sentence with a way out", async () => {
  const { port } = new URL(page);
  const second = await run(["up", "--port", "0", "--preview-port", port, "--once"]);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(
    /^error Port \d+ on 127\.0\.0\.1, for the preview page, is taken .*--preview-port 0/,
  );
});
