import type { AlertDigest } from "../model/alert.ts";

export const sampleDigest: AlertDigest = {
  id: "digest.1585861020000",
  minuteStart: Date.parse("2020-04-02T20:57:00Z"),
  direct: 30,
  held: 1204,
  heldIsEstimate: true,
  policies: [
    { name: "ivs-stream-key-read", title: "IVS stream key read", severity: "medium", count: 1100 },
    {
      name: "ivs-channel-created-without-mfa",
      title: "IVS channel created without MFA",
      severity: "high",
      count: 103,
    },
    { name: "cloudtrail-stopped", title: "CloudTrail stopped", severity: "critical", count: 1 },
  ],
  actors: ["Admin/1234567890123456789", "ci-deploy/i-0123456789abcdef0", "root of 123456789012"],
  accounts: ["123456789012"],
  regions: ["us-west-2", "eu-west-1"],
  tactics: ["credential-access", "defense-impairment"],
  createdAt: Date.parse("2020-04-02T20:58:01Z"),
};
