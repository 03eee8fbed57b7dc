/** The state in which a rule also gets read-only management events (Get, List, Describe). Settable by API only. */
export const allManagementEvents = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/** CloudTrail's detail-type for API calls. */
export const apiCallDetailType = "AWS API Call via CloudTrail";
export const canarySource = "streamwarden.canary";
export const canaryDetailType = "Streamwarden canary";

/** Every Amazon IVS call that CloudTrail records: Low-Latency and Real-Time (`aws.ivs`) and Chat. */
export const ivsCallsPattern = {
  source: ["aws.ivs", "aws.ivschat"],
  "detail-type": [apiCallDetailType],
} as const;

/**
 * What can blind, drain or silence the pipeline itself. It narrows by operation only, never by resource: the names of
 * our own resources are compared by policies, where a renamed queue cannot slip out of the pattern. Lambda's event
 * names end in an API date (`UpdateFunctionCode20150331v2`), hence the prefixes.
 */
export const pipelineGuardsPattern = {
  "detail-type": [apiCallDetailType],
  $or: [
    {
      source: ["aws.events"],
      detail: {
        eventName: [
          "DisableRule",
          "DeleteRule",
          "PutRule",
          "RemoveTargets",
          "PutTargets",
          "DeleteEventBus",
          "RemovePermission",
          "UpdateEventBus",
        ],
      },
    },
    {
      source: ["aws.cloudtrail"],
      detail: {
        eventName: [
          "StopLogging",
          "DeleteTrail",
          "UpdateTrail",
          "PutEventSelectors",
          "PutInsightSelectors",
          "RemoveTags",
        ],
      },
    },
    {
      source: ["aws.sqs"],
      detail: {
        eventName: ["PurgeQueue", "DeleteQueue", "SetQueueAttributes", "AddPermission", "RemovePermission"],
      },
    },
    {
      source: ["aws.sns"],
      detail: {
        eventName: [
          "Subscribe",
          "Unsubscribe",
          "DeleteTopic",
          "SetTopicAttributes",
          "SetSubscriptionAttributes",
          "AddPermission",
          "RemovePermission",
        ],
      },
    },
    {
      source: ["aws.lambda"],
      detail: {
        eventName: [
          { prefix: "DeleteFunction" },
          { prefix: "UpdateFunctionCode" },
          { prefix: "UpdateFunctionConfiguration" },
          { prefix: "PutFunctionConcurrency" },
          { prefix: "DeleteEventSourceMapping" },
          { prefix: "UpdateEventSourceMapping" },
        ],
      },
    },
    {
      source: ["aws.ecs"],
      detail: { eventName: ["UpdateService", "DeleteService", "StopTask"] },
    },
    {
      source: ["aws.dynamodb"],
      detail: { eventName: ["DeleteTable", "UpdateTable", "UpdateTimeToLive", "DeleteBackup"] },
    },
    {
      source: ["aws.kms"],
      detail: { eventName: ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"] },
    },
    {
      source: ["aws.iam"],
      detail: {
        eventName: [
          "DetachRolePolicy",
          "PutRolePolicy",
          "DeleteRolePolicy",
          "UpdateAssumeRolePolicy",
          "DeleteRole",
        ],
      },
    },
    {
      source: ["aws.chatbot"],
      detail: {
        eventName: [
          "DeleteSlackChannelConfiguration",
          "UpdateSlackChannelConfiguration",
          "DeleteSlackWorkspaceAuthorization",
        ],
      },
    },
    {
      source: ["aws.monitoring", "aws.cloudwatch"],
      detail: { eventName: ["DeleteAlarms", "DisableAlarmActions"] },
    },
  ],
} as const;

/** The pipeline's own heartbeat: proves that an event put on the bus reaches the consumer. */
export const canaryPattern = {
  source: [canarySource],
  "detail-type": [canaryDetailType],
} as const;

export interface CaptureRule {
  /** Name of the rule, unique on its bus. A stage prefix is the deployer's business. */
  readonly name: string;
  readonly description: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly state: "ENABLED" | typeof allManagementEvents;
}

/** Every EventBridge rule of the product; all of them target the same queue. */
export const captureRules: readonly CaptureRule[] = [
  {
    name: "streamwarden-ivs-calls",
    description: "Every Amazon IVS API call that CloudTrail records, reads included",
    pattern: ivsCallsPattern,
    state: allManagementEvents,
  },
  {
    name: "streamwarden-pipeline-guards",
    description: "Calls that could blind, drain or silence Streamwarden itself",
    pattern: pipelineGuardsPattern,
    state: allManagementEvents,
  },
  {
    name: "streamwarden-canary",
    description: "Streamwarden's own heartbeat",
    pattern: canaryPattern,
    state: "ENABLED",
  },
];
