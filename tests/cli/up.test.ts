import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Running, run, start } from "../support/command-line.ts";
import { createChannel } from "../support/records.ts";

const started: Running[] = [];
afterEach(async () => {
  for (const running of started.splice(0)) {
    running.child.kill("SIGKILL");
    await running.finished;
  }
});

async function up(...args: string[]) {
  const running = start(["up", "--port", "0", ...args]);
  started.push(running);
  await running.prints("Stop with Ctrl-C.");
  const endpoint = /AWS_ENDPOINT_URL=(http:\S+)/.exec(running.stdout())?.[1] ?? "";
  return { ...running, endpoint };
}

describe("streamwarden up", () => {
  test("shows the documentation's alert, how to send an event, how to point clients here, and how to stop", async () => {
    const { stdout, endpoint, child, finished } = await up();
    for (const text of [
      "IVS channel created without MFA",
      "10.10.10.10",
      "WHAT TO DO NOW",
      `npm run streamwarden -- send <file> --endpoint ${endpoint}`,
      "export AWS_REGION=us-east-1",
      "export AWS_ACCESS_KEY_ID=local",
    ])
      expect(stdout()).toContain(text);
    child.kill("SIGINT");
    const end = await finished;
    expect(end.code).toBe(0);
    expect(end.stderr).toBe("");
    // The incident's own timer is a message too, and due at once when the call is years old.
    expect(end.stdout).toMatch(/(\d) messages received = \1 processed \+ 0 quarantined \+ 0 returned/);
    expect(end.stdout).toContain("1 records seen = 1 alerted");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no colour codes where nobody reads along
    expect(end.stdout).not.toMatch(/\u001b/);
  });

  test("an event of one's own becomes an alert", async () => {
    const { endpoint, prints } = await up("--no-samples");
    const input = JSON.stringify(createChannel({ eventID: "own", user: "own-user" }));
    const sent = await run(["send", "-", "--endpoint", endpoint], { input });
    expect(sent).toMatchObject({ code: 0, stdout: `-: 1 event accepted by EventBridge at ${endpoint}.\n` });
    await prints("own-user");
  });

  test("hostile text of an event does not steer the terminal, in alerts and in the consumer's log", async () => {
    const { endpoint, prints, stdout } = await up("--no-samples", "--verbose");
    const user = "evil-user\u001b[2J\u009b31m\u202e\u2028";
    const record = { ...createChannel({ eventID: "own", user }), userAgent: user };
    const input = JSON.stringify(record);
    expect(await run(["send", "-", "--endpoint", endpoint], { input })).toMatchObject({ code: 0 });
    await prints("evil-user");
    expect(stdout()).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  test("a second start on the same port says that the first one runs, and how to go on", async () => {
    const { endpoint } = await up("--no-samples");
    const second = await run(["up", "--port", new URL(endpoint).port]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/already runs on port \d+.*send <file>.*--port 0.*\[cli-running\]/);
    expect(second.stderr).not.toContain("    at ");
  });

  test("a port that another program holds is one sentence", async () => {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const rejected = await run(["up", "--port", String(port)]);
    server.close();
    server.closeAllConnections();
    expect(rejected.code).toBe(1);
    expect(rejected.stderr).toMatch(/^error Port \d+ on 127\.0\.0\.1 is taken by another program\./);
  });

  test("--once ends by itself, and can be repeated", async () => {
    for (let runs = 0; runs < 2; runs += 1) {
      const { code, stdout } = await run(["up", "--port", "0", "--once"]);
      expect(code).toBe(0);
      expect(stdout).toContain("1 alerts owed = 1 published + 0 pending");
      expect(stdout).toContain(
        "1 messages for slack = 1 delivered + 0 repeated + 0 quarantined + 0 returned",
      );
    }
  });
});
