import { ivsOperations } from "@streamwarden/cloudtrail";
import type { SourceFile } from "@streamwarden/sigma";
import { pick, type Random, sequence } from "./random.ts";
import { generalCalls } from "./records.ts";

/** An operation of some service, as rules name it. */
type Operation = readonly [source: string, name: string];

const services = [
  ...[
    "iam",
    "ec2",
    "s3",
    "rds",
    "lambda",
    "eks",
    "ecs",
    "kms",
    "sso",
    "guardduty",
    "securityhub",
    "config",
    "ssm",
  ],
  ...[
    "route53",
    "glue",
    "bedrock",
    "organizations",
    "cloudfront",
    "elasticache",
    "efs",
    "sns",
    "sqs",
    "redshift",
  ],
] as const;
const verbs = ["Create", "Delete", "Update", "Put", "Modify", "Attach", "Disable", "Start"] as const;
const nouns = [
  ...["Policy", "Role", "User", "Bucket", "Cluster", "Snapshot", "Detector", "Rule", "Key", "Alias", "Layer"],
  ...["Trail", "Endpoint", "Domain", "Group", "Gateway", "Association", "Configuration"],
] as const;

/** Operations that some 3,300 rules are about and that the records do not hold: a rule set is always wider than a trail. */
const rare: readonly Operation[] = services.flatMap((service) =>
  verbs.flatMap((verb) => nouns.map((noun): Operation => [`${service}.amazonaws.com`, `${verb}${noun}`])),
);
/** Changes that the records hold: rules are true of them. */
const changes: readonly Operation[] = [
  ...generalCalls.flatMap(([source, name, readOnly]): Operation[] => (readOnly ? [] : [[source, name]])),
  ...ivsOperations.flatMap(({ eventSource, operation, access }): Operation[] =>
    access === "write" ? [[eventSource, operation]] : [],
  ),
];
/** What trails are full of: nobody writes a rule about one of these calls without saying more about it. */
const reads: readonly Operation[] = generalCalls.flatMap(([source, name, readOnly]): Operation[] =>
  readOnly ? [[source, name]] : [],
);
const sensitive: readonly Operation[] = [...rare, ...changes];

type WeightedShape = readonly [weight: number, shape: Shape];
type Shape = (next: Random, operation: Operation, index: number) => string;

function list(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(", ")}]`;
}
function neighbours([source, name]: Operation, next: Random): string {
  const others = sensitive.filter(([other]) => other === source);
  const picked = Array.from({ length: next(3) }, () => others[next(others.length)]?.[1] ?? name);
  return list([...new Set([name, ...picked])]);
}

/**
 * The shapes of SigmaHQ's 57 rules about CloudTrail, about as often as there: most name a source and some operations,
 * 5 % name no operation at all, 12 % no source, one in seven has a filter or further selections.
 */
const shapes: readonly [WeightedShape, ...WeightedShape[]] = [
  [
    50,
    (next, operation) => `
  selection:
    eventSource: ${operation[0]}
    eventName: ${neighbours(operation, next)}
  condition: selection`,
  ],
  [
    8,
    (next, operation) => `
  selection:
    eventSource: ${operation[0]}
    eventName: ${operation[1]}
    requestParameters.name|contains: ['prod-${next(500)}', 'admin-${next(500)}']
  condition: selection`,
  ],
  [
    7,
    (next, operation) => `
  selection:
    eventName: ${neighbours(operation, next)}
  condition: selection`,
  ],
  [
    7,
    (next, operation) => `
  selection_call:
    eventSource: ${operation[0]}
    eventName: ${operation[1]}
  selection_status_null:
    errorCode: null
  selection_status_denied:
    errorCode: ['AccessDenied', 'Client.Unauthorized${next(50)}']
  condition: selection_call and 1 of selection_status_*`,
  ],
  [
    9,
    (next, operation) => `
  selection:
    eventSource: ${operation[0]}
    eventName: ${operation[1]}
  filter_main_service:
    userIdentity.type: AWSService
  filter_main_role:
    userIdentity.arn|contains: ':assumed-role/automation-${next(400)}/'
  condition: selection and not 1 of filter_main_*`,
  ],
  [
    6,
    (_, [source, name]) => `
  selection:
    eventSource: ${source}
    eventName|startswith: '${name.slice(0, Math.max(6, name.length - 4))}'
  condition: selection`,
  ],
  [
    5,
    (_, [source, name]) => `
  selection:
    eventSource: ${source}
    eventName: '${name.slice(0, 4)}*${name.slice(-4)}'
  condition: selection`,
  ],
  [
    3,
    (_, [source], index) => `
  selection:
    eventSource: ${source}
    userAgent|contains: ['attack-tool-${index}', 'S3 Browser ${index}']
  condition: selection`,
  ],
  [
    3,
    (_, __, index) => `
  selection:
    userAgent|contains: 'toolkit-${index}'
  condition: selection`,
  ],
  [
    2,
    (next) => `
  selection:
    userIdentity.type: Root
    recipientAccountId: '${100_000_000_000 + next(1e9)}'
  filter:
    eventType: AwsServiceEvent
  condition: selection and not filter`,
  ],
];
const aboutReads: Shape = (next, operation) => `
  selection:
    eventSource: ${operation[0]}
    eventName: ${operation[1]}
    userIdentity.type: [AssumedRole, IAMUser]
    userIdentity.arn|contains: '/contractor-${next(500)}'
  filter:
    errorCode|startswith: 'Throttling'
  condition: selection and not filter`;
const weights = shapes.flatMap(([weight, shape]) => Array.from({ length: weight }, () => shape)) as [
  Shape,
  ...Shape[],
];

/** `mixed`: all shapes. `named`: only rules that name the operations they are about, as most public ones do. */
type Kind = "mixed" | "named";

/**
 * Rules that resemble those that people write, one a file; the first rules of a larger set are those of a smaller one.
 */
export function syntheticRules(count: number, kind: Kind = "mixed"): SourceFile[] {
  const next = sequence(7);
  return Array.from({ length: count }, (_, index) => {
    const place = next(sensitive.length + reads.length);
    const operation = sensitive[place] ??
      reads[place - sensitive.length] ?? ["iam.amazonaws.com", "CreateUser"];
    const drawn = pick(weights, next);
    const shape = place >= sensitive.length ? aboutReads : kind === "named" ? shapes[0][1] : drawn;
    const detection = shape(next, operation, index);
    const id = `00000000-0000-4000-8000-${`${index}`.padStart(12, "0")}`;
    return {
      path: `rule-${index}.yml`,
      text: `title: Rule ${index} about ${operation[1]}\nid: ${id}\nstatus: test\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:${detection}\nlevel: medium\n`,
    };
  });
}
