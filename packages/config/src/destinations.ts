import { levels } from "@streamwarden/sigma";
import * as z from "zod";
import { RouteError } from "./errors.ts";
import { compileRoute, type FilterPolicy, type Route, routeKinds } from "./route.ts";

/** Who gets alerts besides `alerts.email`, and which ones. */
export interface Destination {
  /** Unique over all kinds of destinations; part of the names of its queue and function. */
  readonly name: string;
  /** SNS filter policy on message attributes; undefined takes everything. */
  readonly filterPolicy: FilterPolicy | undefined;
}

/** A Slack channel, by an incoming webhook. */
export interface SlackDestination extends Destination {
  /** Name of the secret that holds the webhook's URL. */
  readonly webhookUrlSecret: string;
}

/** Any https receiver; requests are signed. */
export interface WebhookDestination extends Destination {
  readonly url: string;
  /** Name of the secret that holds one or two signing secrets. */
  readonly signingSecret: string;
}

export interface Destinations {
  readonly slack: readonly SlackDestination[];
  readonly webhook: readonly WebhookDestination[];
  /** Topics for Amazon Q Developer in chat applications. */
  readonly amazonQ: readonly Destination[];
  readonly email: readonly (Destination & { readonly addresses: readonly string[] })[];
}

function list(description: string) {
  return z.array(z.string()).exactOptional().describe(description);
}

/** What people get: direct alerts and digests, never what a storm holds back one by one. */
const peopleRoute = z
  .strictObject({
    minimumSeverity: z.enum(levels).exactOptional().describe("Alerts of this severity and above."),
    policies: list("Names of policies; one that ends in * stands for all that begin so."),
    accounts: list("Account ids, in quotes."),
    regions: list("Regions in which the call was made."),
    tactics: list("ATT&CK tactics as policies' tags write them, such as initial-access."),
    kinds: z
      .array(z.enum(routeKinds))
      .exactOptional()
      .describe("Kinds of messages: the first of an incident, updates, the summary, the digest of a storm."),
  })
  .describe(
    "Which alerts it gets. All that is named must hold; of a list, one value is enough. Default: all.",
  );

const machineRoute = peopleRoute.extend({
  audience: z
    .enum(["people", "all"])
    .exactOptional()
    .describe("`all` also gets what a storm holds back from people. Default: people."),
});

const name = z
  .string()
  .regex(
    /^(?=.{2,20}$)[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/,
    "must be 2 to 20 lower-case letters, digits and dashes, each part beginning with a letter, such as on-call",
  )
  .describe("What it is called, unique over all destinations.");

const secret = z
  .string()
  .regex(
    /^[A-Z][A-Za-z0-9]{1,63}$/,
    "must be the name of a secret (a capital letter, then letters and digits), never the secret itself",
  );

const httpsUrl = z.string().refine(isPublicHttps, "must be an https:// address of a public host name");

export const destinations = z
  .strictObject({
    slack: z
      .array(
        z.strictObject({
          name,
          webhookUrlSecret: secret
            .default("SlackWebhookUrl")
            .describe(
              "Name of the secret with the incoming webhook's URL: `sst secret set <name> <url>`. Never the URL itself.",
            ),
          route: peopleRoute.prefault({}),
        }),
      )
      .default([])
      .describe("Slack channels, each by an incoming webhook of its own."),
    webhook: z
      .array(
        z.strictObject({
          name,
          url: httpsUrl.describe("Where findings are posted."),
          signingSecret: secret.describe(
            "Name of the secret with the signing secret (whsec_ and base64); two separated by a space while it is being changed.",
          ),
          route: machineRoute.prefault({}),
        }),
      )
      .default([])
      .describe("Receivers of signed https requests."),
    amazonQ: z
      .array(z.strictObject({ name, route: peopleRoute.prefault({}) }))
      .default([])
      .describe("SNS topics of their own for Amazon Q Developer in chat applications."),
    email: z
      .array(
        z.strictObject({
          name,
          addresses: z
            .array(z.email("must be an email address"))
            .min(1, "must name at least one address")
            .describe("Each confirms its subscription once."),
          route: peopleRoute.prefault({}),
        }),
      )
      .default([])
      .describe("Addresses that get some alerts; `alerts.email` are those that get all."),
  })
  .superRefine((given, context) => {
    const names = new Set<string>();
    for (const [kind, members] of Object.entries(given)) {
      for (const [index, member] of members.entries()) {
        const problem = routeProblem({ ...member.route, name: member.name });
        if (problem !== undefined)
          context.addIssue({
            code: "custom",
            path: [kind, index, "route"],
            message: `is rejected: ${problem}`,
          });
        if (names.has(member.name))
          context.addIssue({
            code: "custom",
            path: [kind, index, "name"],
            message: "is the name of another destination too: choose another",
          });
        names.add(member.name);
      }
    }
  })
  .describe("Where else alerts go, and which ones: docs/destinations.md.");

function routeProblem(route: Route): string | undefined {
  try {
    compileRoute(route);
    return undefined;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    return error.message;
  }
}

/** What configuration says, with each route compiled. The schema has rejected what cannot be compiled. */
export function compileDestinations(given: z.output<typeof destinations>): Destinations {
  return {
    slack: given.slack.map(compiled),
    webhook: given.webhook.map(compiled),
    amazonQ: given.amazonQ.map(compiled),
    email: given.email.map(compiled),
  };
}

function compiled<T extends { readonly name: string; readonly route: Omit<Route, "name"> }>(
  member: T,
): Omit<T, "route"> & Destination {
  const { route, ...rest } = member;
  return { ...rest, filterPolicy: compileRoute({ ...route, name: member.name }).filterPolicy };
}

/** One email subscription of the alert topic. */
export interface EmailSubscription {
  readonly address: string;
  readonly filterPolicy: FilterPolicy | undefined;
}

/** Every address that gets email, and which alerts: `alerts.email` and the email destinations. */
export function emailSubscriptions(config: {
  readonly alerts: { readonly email: readonly string[] };
  readonly destinations: Pick<Destinations, "email">;
}): readonly EmailSubscription[] {
  const { filterPolicy } = compileRoute({ name: "alerts.email" });
  return [
    ...config.alerts.email.map((address) => ({ address, filterPolicy })),
    ...config.destinations.email.flatMap(({ addresses, filterPolicy: own }) =>
      addresses.map((address) => ({ address, filterPolicy: own })),
    ),
  ];
}

function isPublicHttps(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    url.protocol === "https:" &&
    url.username === "" &&
    url.password === "" &&
    url.hostname.includes(".") &&
    !/^[\d.]+$/.test(url.hostname) &&
    !/\.(?:localhost|local|internal|home\.arpa)\.?$/.test(url.hostname)
  );
}
