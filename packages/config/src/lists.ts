/**
 * The lists that shipped policies need, and what belongs into each. A policy names one as `%Name%`. As long as a
 * list is empty, the policies that need it are inactive, and every view says so: an empty list of approved buckets
 * can mean "none is approved" or "nobody filled this in", and guessing would either hide everything or alert on
 * everything.
 */
export const listDescriptions = {
  ApprovedRegions: "Regions in which Amazon IVS may be used, such as us-east-1.",
  ApprovedBuckets: "S3 buckets that may receive recordings of channels and stages.",
  ApprovedRecordingConfigurations: "ARNs of the IVS recording configurations that channels may use.",
  ApprovedStorageConfigurations:
    "ARNs of the IVS storage configurations that stages and compositions may use.",
  ApprovedChatLogDestinations:
    "S3 buckets, CloudWatch log groups and Firehose delivery streams that may receive chat logs, by name.",
  ApprovedModerationHandlers: "ARNs of the Lambda functions that may review chat messages.",
  TrustedAccounts: "Account ids, other than your own, whose principals may call IVS in your accounts.",
  StreamKeyReaders:
    "ARNs of the roles and users that may read stream keys, such as the broadcast provisioning service.",
  BroadcastOperators: "ARNs of the roles and users that may stop streams and replace stream keys.",
  ChatModerators: "ARNs of the roles and users that may hand out moderation rights in chat.",
  ProtectedTagKeys: "Keys of tags on which access or exceptions depend, such as environment.",
} as const;

export type ListName = keyof typeof listDescriptions;

export const listNames = Object.keys(listDescriptions) as ListName[];

/** What of the pipeline itself policies protect: the key in `pipeline`, its placeholder, and what belongs into it. */
export const pipelineLists = {
  rules: {
    placeholder: "PipelineRules",
    description: "Names of the EventBridge rules that feed Streamwarden.",
  },
  queues: { placeholder: "PipelineQueues", description: "Names of the SQS queues." },
  topics: { placeholder: "PipelineTopics", description: "Names of the SNS topics that carry alerts." },
  functions: { placeholder: "PipelineFunctions", description: "Names of the Lambda functions." },
  tables: { placeholder: "PipelineTables", description: "Names of the DynamoDB tables." },
  roles: { placeholder: "PipelineRoles", description: "Names of the IAM roles that these resources use." },
  alarms: { placeholder: "PipelineAlarms", description: "Names of the CloudWatch alarms." },
} as const;

export type PipelinePart = keyof typeof pipelineLists;

/** Where the configuration keeps the list that a policy names: `lists.ApprovedRegions`, `pipeline.queues`, `customLists.Partners`. */
export function listKey(placeholder: string): string {
  const part = Object.entries(pipelineLists).find(([, list]) => list.placeholder === placeholder)?.[0];
  if (part !== undefined) return `pipeline.${part}`;
  return `${Object.hasOwn(listDescriptions, placeholder) ? "lists" : "customLists"}.${placeholder}`;
}
