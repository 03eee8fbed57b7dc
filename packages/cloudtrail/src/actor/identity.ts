import { isObject, type JsonObject, nonEmptyString } from "../record.ts";

const empty: JsonObject = {};
function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : empty;
}

/**
 * The parts of `userIdentity` that decide who acted, read defensively: a part of the wrong type counts as missing. Each is
 * read when it is asked for, because most questions need three or four of them. Field meanings: CloudTrail user guide,
 * "CloudTrail userIdentity element".
 */
export class Identity {
  readonly #identity: JsonObject;
  readonly #context: JsonObject;

  constructor(userIdentity: unknown) {
    this.#identity = objectOf(userIdentity);
    this.#context = objectOf(this.#identity.sessionContext);
  }

  get type(): string {
    return nonEmptyString(this.#identity.type) ?? "";
  }

  get arn(): string | undefined {
    return nonEmptyString(this.#identity.arn);
  }

  get accountId(): string | undefined {
    return nonEmptyString(this.#identity.accountId);
  }

  get principalId(): string | undefined {
    return nonEmptyString(this.#identity.principalId);
  }

  get userName(): string | undefined {
    return nonEmptyString(this.#identity.userName);
  }

  get accessKeyId(): string | undefined {
    return nonEmptyString(this.#identity.accessKeyId);
  }

  /** A session of a role, also where a later version of CloudTrail gives it another type. */
  get isRoleSession(): boolean {
    return (
      this.type === "AssumedRole" || this.type === "Role" || this.arn?.includes(":assumed-role/") === true
    );
  }

  /** At federated sign-in: the provider that vouches for the user. */
  get identityProvider(): string | undefined {
    return nonEmptyString(this.#identity.identityProvider);
  }

  get invokedBy(): string | undefined {
    return nonEmptyString(this.#identity.invokedBy);
  }

  /** AWS writes the kind of a key into its first four letters. */
  get hasLongTermKey(): boolean {
    return this.accessKeyId?.startsWith("AKIA") ?? false;
  }

  get hasSession(): boolean {
    return this.creationDate !== undefined || (this.accessKeyId?.startsWith("ASIA") ?? false);
  }

  /** Present for sessions with temporary credentials: when the session began. */
  get creationDate(): string | undefined {
    return nonEmptyString(objectOf(this.#context.attributes).creationDate);
  }

  /** `undefined` when the field is missing, null when it is there but neither "true" nor "false". */
  get mfaAuthenticated(): boolean | null | undefined {
    return readFlag(objectOf(this.#context.attributes).mfaAuthenticated);
  }

  get issuerArn(): string | undefined {
    return nonEmptyString(objectOf(this.#context.sessionIssuer).arn);
  }

  get issuerName(): string | undefined {
    return nonEmptyString(objectOf(this.#context.sessionIssuer).userName);
  }

  get issuerAccount(): string | undefined {
    return nonEmptyString(objectOf(this.#context.sessionIssuer).accountId);
  }

  /** Whether a token of a web identity was exchanged for the session. CloudTrail writes `{}` where none was. */
  get hasWebIdentity(): boolean {
    return Object.keys(objectOf(this.#context.webIdFederationData)).length > 0;
  }

  /** Where a web identity came from. */
  get federatedProvider(): string | undefined {
    return nonEmptyString(objectOf(this.#context.webIdFederationData).federatedProvider);
  }

  get isAssumedRoot(): boolean {
    return readFlag(this.#context.assumedRoot ?? this.#identity.assumedRoot) === true;
  }

  get hasEc2Delivery(): boolean {
    return nonEmptyString(this.#context.ec2RoleDelivery ?? this.#identity.ec2RoleDelivery) !== undefined;
  }

  /** The Lambda function or ECS task that the credentials were issued to. */
  get scopeArn(): string | undefined {
    const scope = objectOf(this.#identity.inScopeOf ?? this.#context.inScopeOf);
    return nonEmptyString(scope.sourceArn) ?? nonEmptyString(scope.issuerType);
  }

  /** The IAM Identity Center user on whose behalf the call was made. */
  get identityCenterUser(): string | undefined {
    const { identityCenterUserId: userId, identityStoreArn: storeArn } = this;
    return userId === undefined || storeArn === undefined ? userId : `${storeArn}/user/${userId}`;
  }

  get identityCenterUserId(): string | undefined {
    return nonEmptyString(objectOf(this.#identity.onBehalfOf).userId);
  }

  get identityStoreArn(): string | undefined {
    return nonEmptyString(objectOf(this.#identity.onBehalfOf).identityStoreArn);
  }
}

/** CloudTrail writes these flags as the strings "true" and "false"; other writers of records vary. */
function readFlag(value: unknown): boolean | null | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value.toLowerCase() : value;
  if (text === true || text === "true") return true;
  if (text === false || text === "false") return false;
  return null;
}
