/**
 * What a part of a record may hold: a single value (a text, a number, true or false), an object with these members (or a
 * list of such objects), or, where it depends on the service or the event, anything.
 */
export type FieldShape = "value" | "open" | { readonly [member: string]: FieldShape };

const issuer = {
  type: "value",
  userName: "value",
  principalId: "value",
  arn: "value",
  accountId: "value",
} as const satisfies FieldShape;

const userIdentity = {
  type: "value",
  userName: "value",
  principalId: "value",
  arn: "value",
  accountId: "value",
  accessKeyId: "value",
  sessionContext: {
    sessionIssuer: issuer,
    webIdFederationData: { federatedProvider: "value", attributes: "open" },
    attributes: { creationDate: "value", mfaAuthenticated: "value" },
    sourceIdentity: "value",
    ec2RoleDelivery: "value",
    assumedRoot: "value",
    signInSessionArn: "value",
  },
  invokedBy: "value",
  invokedByDelegate: { accountId: "value" },
  onBehalfOf: { userId: "value", identityStoreArn: "value" },
  inScopeOf: {
    sourceArn: "value",
    sourceAccount: "value",
    issuerType: "value",
    credentialsIssuedTo: "value",
  },
  credentialId: "value",
  identityProvider: "value",
} as const satisfies FieldShape;

/**
 * The documented fields of CloudTrail records up to eventVersion 1.11, and of Insights events. Names differ in case
 * between parts (`resources` has `ARN` in most services and `arn` in some).
 *
 * Sources: AWS CloudTrail User Guide, "CloudTrail record contents", "CloudTrail userIdentity element" and "CloudTrail record
 * contents for Insights events for trails".
 */
export const recordShape = {
  additionalEventData: "open",
  addendum: { reason: "value", updatedFields: "value", originalRequestID: "value", originalEventID: "value" },
  apiVersion: "value",
  awsRegion: "value",
  edgeDeviceDetails: "open",
  errorCode: "value",
  errorMessage: "value",
  eventCategory: "value",
  eventContext: "open",
  eventID: "value",
  eventName: "value",
  eventSource: "value",
  eventTime: "value",
  eventType: "value",
  eventVersion: "value",
  insightDetails: {
    state: "value",
    eventSource: "value",
    eventName: "value",
    errorCode: "value",
    insightType: "value",
    sourceEventCategory: "value",
    insightContext: "open",
  },
  managementEvent: "value",
  readOnly: "value",
  recipientAccountId: "value",
  requestID: "value",
  requestParameters: "open",
  resources: { ARN: "value", arn: "value", ARNPrefix: "value", accountId: "value", type: "value" },
  responseElements: "open",
  serviceEventDetails: "open",
  sessionCredentialFromConsole: "value",
  sharedEventID: "value",
  sourceIPAddress: "value",
  tlsDetails: {
    tlsVersion: "value",
    cipherSuite: "value",
    clientProvidedHostHeader: "value",
    keyExchange: "value",
  },
  userAgent: "value",
  userIdentity,
  vpcEndpointAccountId: "value",
  vpcEndpointId: "value",
} as const satisfies FieldShape;
