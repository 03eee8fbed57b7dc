import { describe, expect, test } from "vitest";
import { type Config, parseConfig } from "./config.ts";
import { emailSubscriptions } from "./destinations.ts";
import { ConfigError } from "./errors.ts";

function parsed(content: string): Config {
  return parseConfig(content, "/project/streamwarden.yml");
}
function rejectionOf(content: string): string {
  try {
    parsed(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("The configuration was accepted.");
}

describe("destinations", () => {
  test("are none by default", () => {
    expect(parsed("").destinations).toEqual({ slack: [], webhook: [], amazonQ: [], email: [] });
  });

  test("have their routes compiled to filter policies", () => {
    const { destinations } = parsed(`
destinations:
  slack:
    - name: on-call
      route:
        minimumSeverity: high
        # policies:
    - name: video-team
      webhookUrlSecret: VideoTeamWebhookUrl
      route: { policies: [ivs-*], accounts: ["111122223333"], tactics: [impact], kinds: [new, digest] }
  webhook:
    - { name: siem, url: "https://siem.example.com/in", signingSecret: SiemSecret, route: { audience: all } }
  amazonQ:
    - name: chat
      route:
  email:
    - { name: managers, addresses: [boss@example.com], route: { minimumSeverity: critical } }
`);
    expect(destinations).toEqual({
      slack: [
        {
          name: "on-call",
          webhookUrlSecret: "SlackWebhookUrl",
          filterPolicy: { delivery: ["direct"], severity: ["high", "critical"] },
        },
        {
          name: "video-team",
          webhookUrlSecret: "VideoTeamWebhookUrl",
          filterPolicy: {
            delivery: ["direct"],
            policy: [{ prefix: "ivs-" }],
            account: ["111122223333"],
            tactic: ["impact"],
            kind: ["new", "digest"],
          },
        },
      ],
      webhook: [
        {
          name: "siem",
          url: "https://siem.example.com/in",
          signingSecret: "SiemSecret",
          filterPolicy: undefined,
        },
      ],
      amazonQ: [{ name: "chat", filterPolicy: { delivery: ["direct"] } }],
      email: [
        {
          name: "managers",
          addresses: ["boss@example.com"],
          filterPolicy: { delivery: ["direct"], severity: ["critical"] },
        },
      ],
    });
  });

  test.each([
    [
      "a secret in the file",
      "destinations:\n  slack:\n    - name: on-call\n      webhookUrlSecret: https://hooks.slack.com/services/T/B/x",
      "streamwarden.yml:4:25: `destinations.slack[0].webhookUrlSecret` must be the name of a secret (a capital letter, then letters and digits), never the secret itself.",
    ],
    [
      "a route that SNS cannot express",
      "destinations:\n  slack:\n    - name: on-call\n      route:\n        { minimumSeverity: high, policies: [a], accounts: ['111122223333'], regions: [us-west-2], tactics: [impact] }",
      'streamwarden.yml:5:9: `destinations.slack[0].route` is rejected: Route "on-call" filters on 6 things (delivery, severity, policy, account, region, tactic), but SNS takes 5',
    ],
    [
      "a value that can never occur",
      "destinations: { email: [{ name: boss, addresses: [a@example.com], route: { accounts: ['1'] } }] }",
      'Route "boss" names the account "1", which cannot occur',
    ],
    [
      "a storm for people",
      "destinations: { slack: [{ name: on-call, route: { audience: all } }] }",
      "The key `audience` inside `destinations.slack[0].route` is unknown",
    ],
    [
      "an unknown severity",
      "destinations: { slack: [{ name: on-call, route: { minimumSeverity: severe } }] }",
      "`destinations.slack[0].route.minimumSeverity` must be one of informational, low, medium, high, critical.",
    ],
    [
      "one name twice, over all kinds",
      "destinations: { slack: [{ name: on-call }], amazonQ: [{ name: on-call }] }",
      "`destinations.amazonQ[0].name` is the name of another destination too",
    ],
    ["a name that is no word", "destinations: { slack: [{ name: On Call }] }", "must be 2 to 20 lower-case"],
    [
      "a name too long",
      `destinations: { slack: [{ name: ${"a".repeat(21)} }] }`,
      "must be 2 to 20 lower-case",
    ],
    [
      "an address with two routes",
      "alerts: { email: [a@example.com] }\ndestinations: { email: [{ name: boss, addresses: [A@example.com] }] }",
      "streamwarden.yml:2:51: `destinations.email[0].addresses[0]` is named twice",
    ],
    ...[
      "http://siem.example.com/",
      "https://169.254.169.254/",
      "https://[::1]/",
      "https://localhost/",
      "https://db.internal/",
      "https://user:pass@siem.example.com/",
      "file:///etc/passwd",
      "siem.example.com",
    ].map((url): [string, string, string] => [
      `the address ${url}`,
      `destinations: { webhook: [{ name: siem, url: "${url}", signingSecret: Siem }] }`,
      "`destinations.webhook[0].url` must be an https:// address of a public host name.",
    ]),
  ])("reject %s", (_, content, message) => {
    expect(rejectionOf(content)).toContain(message);
  });
});

describe("emailSubscriptions", () => {
  test("are alerts.email with everything direct, and the email destinations with their routes", () => {
    const config = parsed(`
alerts: { email: [on-call@example.com] }
destinations: { email: [{ name: boss, addresses: [boss@example.com], route: { minimumSeverity: critical } }] }`);
    expect(emailSubscriptions(config)).toEqual([
      { address: "on-call@example.com", filterPolicy: { delivery: ["direct"] } },
      { address: "boss@example.com", filterPolicy: { delivery: ["direct"], severity: ["critical"] } },
    ]);
  });
});
