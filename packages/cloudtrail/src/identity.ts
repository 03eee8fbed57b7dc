import { isObject, type JsonObject, nonEmptyString } from "./record.ts";

/**
 * The parts of `userIdentity` that decide who acted, read once and defensively: a part of the wrong type counts as
 * missing. Field meanings: CloudTrail user guide, "CloudTrail userIdentity element".
 */
export interface Identity {
  readonly type: string;
  readonly arn: string | undefined;
  readonly accountId: string | undefined;
  readonly principalId: string | undefined;
  readonly userName: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly invokedBy: string | undefined;
  /** Present for sessions with temporary credentials: when the session began. */
  readonly creationDate: string | undefined;
  /** `undefined` when the field is missing, null when it is there but neither "true" nor "false". */
  readonly mfaAuthenticated: boolean | null | undefined;
  readonly issuerArn: string | undefined;
  readonly issuerName: string | undefined;
  readonly issuerAccount: string | undefined;
  /** Where a web or SAML identity came from. */
  readonly federatedProvider: string | undefined;
  readonly identityProvider: string | undefined;
  readonly isAssumedRoot: boolean;
  readonly hasEc2Delivery: boolean;
  /** The Lambda function or ECS task that the credentials were issued to. */
  readonly scopeArn: string | undefined;
  /** The IAM Identity Center user on whose behalf the call was made. */
  readonly identityCenterUser: string | undefined;
}

const empty: JsonObject = {};
const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : empty);

export const readIdentity = (userIdentity: unknown): Identity => {
  const identity = objectOf(userIdentity);
  const context = objectOf(identity.sessionContext);
  const issuer = objectOf(context.sessionIssuer);
  const attributes = objectOf(context.attributes);
  const onBehalfOf = objectOf(identity.onBehalfOf);
  const scope = objectOf(identity.inScopeOf ?? context.inScopeOf);
  const userId = nonEmptyString(onBehalfOf.userId);
  const storeArn = nonEmptyString(onBehalfOf.identityStoreArn);
  return {
    type: nonEmptyString(identity.type) ?? "",
    arn: nonEmptyString(identity.arn),
    accountId: nonEmptyString(identity.accountId),
    principalId: nonEmptyString(identity.principalId),
    userName: nonEmptyString(identity.userName),
    accessKeyId: nonEmptyString(identity.accessKeyId),
    invokedBy: nonEmptyString(identity.invokedBy),
    creationDate: nonEmptyString(attributes.creationDate),
    mfaAuthenticated: readFlag(attributes.mfaAuthenticated),
    issuerArn: nonEmptyString(issuer.arn),
    issuerName: nonEmptyString(issuer.userName),
    issuerAccount: nonEmptyString(issuer.accountId),
    federatedProvider: nonEmptyString(objectOf(context.webIdFederationData).federatedProvider),
    identityProvider: nonEmptyString(identity.identityProvider),
    isAssumedRoot: readFlag(context.assumedRoot ?? identity.assumedRoot) === true,
    hasEc2Delivery: nonEmptyString(context.ec2RoleDelivery ?? identity.ec2RoleDelivery) !== undefined,
    scopeArn: nonEmptyString(scope.sourceArn) ?? nonEmptyString(scope.issuerType),
    identityCenterUser:
      userId === undefined ? undefined : storeArn === undefined ? userId : `${storeArn}/user/${userId}`,
  };
};

/** CloudTrail writes these flags as the strings "true" and "false". */
const readFlag = (value: unknown): boolean | null | undefined => {
  if (value === undefined) return undefined;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return null;
};
