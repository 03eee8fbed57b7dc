import { isObject } from "@streamwarden/cloudtrail";

/**
 * The part of OCSF 1.8.0 that a Detection Finding of ours uses: each object's attributes with type and whether
 * they are required, the enums, and the "at least one" constraints. From ocsf-schema's JSON (events/findings,
 * objects, profiles/cloud and incident). An attribute that is not listed is reported, so that a misspelt one cannot pass.
 */
type Attribute = string;
interface ObjectDefinition {
  readonly required: Readonly<Record<string, Attribute>>;
  readonly optional?: Readonly<Record<string, Attribute>>;
  readonly atLeastOne?: readonly string[];
}

const enums: Readonly<Record<string, readonly number[]>> = {
  activity_id: [0, 1, 2, 3, 99],
  severity_id: [0, 1, 2, 3, 4, 5, 6, 99],
  verdict_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99],
  status_id: [0, 1, 2, 3, 4, 5, 6, 99],
  analytic_type_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99],
  user_type_id: [0, 1, 2, 3, 4, 99],
  account_type_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 99],
  observable_type_id: [0, ...Array.from({ length: 30 }, (_, index) => index + 1), 99],
};

const definitions: Readonly<Record<string, ObjectDefinition>> = {
  detection_finding: {
    required: {
      activity_id: "enum:activity_id",
      category_uid: "number",
      class_uid: "number",
      type_uid: "number",
      time: "timestamp",
      severity_id: "enum:severity_id",
      metadata: "object:metadata",
      finding_info: "object:finding_info",
      cloud: "object:cloud", // required by the cloud profile
    },
    optional: {
      activity_name: "text",
      category_name: "text",
      class_name: "text",
      type_name: "text",
      severity: "text",
      status: "text",
      status_id: "enum:status_id",
      verdict: "text", // this and the next: the incident profile
      verdict_id: "enum:verdict_id",
      is_alert: "boolean",
      start_time: "timestamp",
      end_time: "timestamp",
      count: "number",
      message: "text",
      evidences: "list:evidences",
      resources: "list:resource_details",
      remediation: "object:remediation",
      observables: "list:observable",
      unmapped: "any",
    },
  },
  metadata: {
    required: { product: "object:product", version: "text" },
    optional: {
      profiles: "texts",
      uid: "text",
      correlation_uid: "text",
      log_provider: "text",
      original_time: "text",
      logged_time: "timestamp",
      processed_time: "timestamp",
    },
  },
  product: { required: { name: "text" }, optional: { vendor_name: "text", uid: "text", version: "text" } },
  cloud: { required: { provider: "text" }, optional: { region: "text", account: "object:account" } },
  account: {
    required: {},
    optional: { uid: "text", name: "text", type: "text", type_id: "enum:account_type_id" },
    atLeastOne: ["name", "uid"],
  },
  finding_info: {
    required: { uid: "text" },
    optional: {
      title: "text",
      desc: "text",
      analytic: "object:analytic",
      attacks: "list:attack",
      created_time: "timestamp",
      modified_time: "timestamp",
      first_seen_time: "timestamp",
      last_seen_time: "timestamp",
      data_sources: "texts",
      related_events: "list:related_event",
      related_events_count: "number",
      src_url: "text",
    },
  },
  analytic: {
    required: { type_id: "enum:analytic_type_id" },
    optional: { type: "text", uid: "text", name: "text", desc: "text" },
    atLeastOne: ["name", "uid"],
  },
  attack: {
    required: {},
    optional: {
      version: "text",
      tactic: "object:entity",
      technique: "object:entity",
      sub_technique: "object:entity",
    },
    atLeastOne: ["tactic", "technique", "sub_technique"],
  },
  entity: { required: {}, optional: { uid: "text", name: "text" }, atLeastOne: ["name", "uid"] },
  related_event: { required: { uid: "text" } },
  evidences: {
    required: {},
    optional: {
      uid: "text",
      actor: "object:actor",
      api: "object:api",
      src_endpoint: "object:network_endpoint",
      data: "any",
    },
    atLeastOne: ["actor", "api", "src_endpoint", "data"],
  },
  actor: {
    required: {},
    optional: { user: "object:user", session: "object:session", app_name: "text" },
    atLeastOne: ["user", "session", "app_name"],
  },
  user: {
    required: {},
    optional: {
      uid: "text",
      uid_alt: "text",
      credential_uid: "text",
      name: "text",
      type: "text",
      type_id: "enum:user_type_id",
      account: "object:account",
    },
    atLeastOne: ["account", "name", "uid"],
  },
  session: {
    required: {},
    optional: {
      uid: "text",
      credential_uid: "text",
      issuer: "text",
      created_time: "timestamp",
      is_mfa: "boolean",
    },
  },
  api: {
    required: { operation: "text" },
    optional: { service: "object:service", request: "object:request", response: "object:response" },
  },
  service: { required: {}, optional: { name: "text" }, atLeastOne: ["name"] },
  request: { required: { uid: "text" }, optional: { data: "any", flags: "texts" } },
  response: { required: {}, optional: { error: "text", error_message: "text" } },
  network_endpoint: {
    required: {},
    optional: { ip: "ip", svc_name: "text" },
    atLeastOne: ["ip", "svc_name"],
  },
  resource_details: {
    required: {},
    optional: { uid: "text", type: "text", region: "text", cloud_partition: "text" },
    atLeastOne: ["uid"],
  },
  remediation: { required: { desc: "text" }, optional: { references: "texts" } },
  observable: {
    required: { name: "text", type_id: "enum:observable_type_id" },
    optional: { type: "text", value: "text" },
  },
};

/** Every way in which the value is not a Detection Finding; empty when it is one. */
export function ocsfProblems(finding: unknown): readonly string[] {
  const problems = [...objectProblems(finding, "detection_finding", "finding")];
  if (!isObject(finding)) return problems;
  if (finding.class_uid !== 2004) problems.push("class_uid is not 2004");
  if (finding.category_uid !== 2) problems.push("category_uid is not 2");
  if (finding.type_uid !== 200400 + Number(finding.activity_id))
    problems.push("type_uid is not class_uid * 100 + activity_id");
  return problems;
}

function objectProblems(value: unknown, name: string, path: string): readonly string[] {
  const definition = definitions[name];
  if (definition === undefined) return [`${path}: no definition of ${name}`];
  if (!isObject(value)) return [`${path} is not an object`];
  const known: Readonly<Record<string, Attribute>> = { ...definition.required, ...definition.optional };
  const missing = Object.keys(definition.required).filter((key) => value[key] === undefined);
  const some = definition.atLeastOne ?? [];
  return [
    ...missing.map((key) => `${path}.${key} is required`),
    ...(some.length > 0 && !some.some((key) => value[key] !== undefined)
      ? [`${path} has none of ${some.join(", ")}`]
      : []),
    ...Object.entries(value).flatMap(([key, item]) => {
      const attribute = Object.hasOwn(known, key) ? known[key] : undefined;
      if (attribute === undefined) return [`${path}.${key} is not an attribute of ${name}`];
      return item === undefined ? [] : attributeProblems(item, attribute, `${path}.${key}`);
    }),
  ];
}

function attributeProblems(value: unknown, attribute: Attribute, path: string): readonly string[] {
  const [kind = "", argument = ""] = attribute.split(":");
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  switch (kind) {
    case "any":
      return [];
    case "text":
      return typeof value === "string" ? [] : [`${path} is not a string`];
    case "ip":
      return typeof value === "string" && /^[\da-f.:]+$/i.test(value) ? [] : [`${path} is not an IP address`];
    case "texts":
      return Array.isArray(value) && list.every((item) => typeof item === "string")
        ? []
        : [`${path} is not strings`];
    case "number":
    case "timestamp":
      return Number.isInteger(value) ? [] : [`${path} is not a whole number`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} is not a boolean`];
    case "enum":
      return enums[argument]?.includes(Number(value)) ? [] : [`${path} is not of its enum`];
    case "object":
      return objectProblems(value, argument, path);
    case "list":
      return Array.isArray(value)
        ? list.flatMap((item, index) => objectProblems(item, argument, `${path}[${index}]`))
        : [`${path} is not a list`];
    default:
      return [`${path}: no check for ${attribute}`];
  }
}
