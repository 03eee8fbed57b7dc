import * as z from "zod";
import { destinations } from "./destinations.ts";
import { durationPattern, parseDuration } from "./duration.ts";
import { type ListName, listDescriptions, listNames, type PipelinePart, pipelineLists } from "./lists.ts";

const text = z.string().trim().min(1, "must not be empty").max(2048, "must have at most 2,048 characters");
const texts = z.array(text).max(1000, "must have at most 1,000 entries");

const region = z
  .string()
  .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "must be a region such as us-east-1")
  .meta({ examples: ["us-east-1"] });
const account = z.string().regex(/^\d{12}$/, "must be an account id of 12 digits, in quotes");

const duration = z
  .string()
  .regex(durationPattern, "must be a whole number and a unit, such as 90s, 15m, 1h or 7d")
  .transform((written) => parseDuration(written) ?? 0);

const policies = z
  .strictObject({
    pack: z.boolean().default(true).describe("Whether the policies that ship with Streamwarden are used."),
    paths: texts.default([]).describe("Your own policy files and folders, relative to this file."),
    disabled: z
      .array(
        z.strictObject({
          policy: text.describe("Name or id of the policy."),
          owner: text.describe("Who decided it, and can be asked."),
          reason: text.describe("Why."),
        }),
      )
      .default([])
      .describe("Policies that are switched off. Each needs an owner and a reason, which every view shows."),
  })
  .describe("Which policies are used.");

const lists = z
  .strictObject(
    Object.fromEntries(
      listNames.map((name) => [name, texts.default([]).describe(listDescriptions[name])]),
    ) as Record<ListName, z.ZodDefault<typeof texts>>,
  )
  .describe(
    "Facts about your environment that policies compare with. A policy whose list is empty is inactive.",
  );

const customLists = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, "must be a word that begins with a letter"), texts)
  .describe("Lists for your own policies, by the name that they use between percent signs.");

const alerts = z
  .strictObject({
    email: z
      .array(z.email("must be an email address"))
      .default([])
      .describe("Addresses that get every direct alert. Each confirms its subscription once."),
    digestAbovePerMinute: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(300, "must be at most 300, because SNS suspends an email subscription above 10 messages a second")
      .default(30)
      .describe("Above this many alerts a minute, the rest is summed up in one digest a minute."),
  })
  .describe("Who gets alerts, and how many a minute.");

const incidents = z
  .strictObject({
    window: duration
      .refine((seconds) => seconds >= 60 && seconds <= 7 * 24 * 3600, "must be from 1m to 7d")
      .prefault("1h")
      .describe(
        "Matches of one policy by one actor within this time are one incident, where the policy sets no window.",
      ),
  })
  .describe("How matches become incidents.");

const capture = z
  .strictObject({
    homeRegion: region
      .default("us-east-1")
      .describe("Where the queue, the consumer and the alert topic live."),
    regions: z
      .array(region)
      .default([])
      .describe("Other regions whose events are forwarded to the home region."),
    accounts: z.array(account).default([]).describe("Other accounts whose events are forwarded."),
  })
  .describe("Where events come from.");

const rolePattern = z
  .string()
  .regex(
    /^arn:[a-z*-]+:iam::(?:\d{12}|\*):role\/\S+$/,
    'must be the ARN of a role with its path, such as "arn:aws:iam::111122223333:role/people/Admin"; `*` stands for any text',
  )
  .max(2048, "must have at most 2,048 characters");

const identities = z
  .strictObject({
    federatedRoles: z
      .array(rolePattern)
      .max(1000, "must have at most 1,000 entries")
      .default([])
      .describe(
        "Roles that only people behind a SAML identity provider can assume, so that each session name is a person. " +
          "Whoever lists a role asserts that its trust policy allows sts:AssumeRoleWithSAML and nothing else.",
      ),
    workloadRoles: z
      .array(rolePattern)
      .max(1000, "must have at most 1,000 entries")
      .default([])
      .describe("Roles that only workloads assume, where AWS writes no mark of them into the record."),
  })
  .describe("Who is behind the sessions of your roles. Patterns: `*` stands for any text.");

const pipeline = z
  .strictObject(
    Object.fromEntries(
      Object.entries(pipelineLists).map(([part, { description }]) => [
        part,
        texts.default(["streamwarden-*"]).describe(description),
      ]),
    ) as Record<PipelinePart, z.ZodDefault<typeof texts>>,
  )
  .describe(
    "Names of Streamwarden's own resources, which its guard policies protect. `*` stands for any text.",
  );

/** The shape of `streamwarden.yml`. Every key is optional; an unknown one is an error. */
export const configSchema = z
  .strictObject({
    policies: policies.prefault({}),
    lists: lists.prefault({}),
    customLists: customLists.default({}),
    alerts: alerts.prefault({}),
    destinations: destinations.prefault({}),
    incidents: incidents.prefault({}),
    identities: identities.prefault({}),
    capture: capture.prefault({}),
    pipeline: pipeline.prefault({}),
  })
  .superRefine(({ alerts, destinations }, context) => {
    // SNS keeps one subscription for an address and topic, so it cannot have two filters.
    const seen = new Set<string>();
    const places = [
      ...alerts.email.map((address, index) => ({ address, path: ["alerts", "email", index] })),
      ...destinations.email.flatMap(({ addresses }, place) =>
        addresses.map((address, index) => ({
          address,
          path: ["destinations", "email", place, "addresses", index],
        })),
      ),
    ];
    for (const { address, path } of places) {
      const key = address.toLowerCase();
      if (seen.has(key))
        context.addIssue({
          code: "custom",
          path,
          message: "is named twice: SNS keeps one subscription for each address, so give it one route",
        });
      seen.add(key);
    }
  })
  .meta({ title: "streamwarden.yml", description: "The configuration of Streamwarden." });

/** The JSON Schema of `streamwarden.yml`, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
}
