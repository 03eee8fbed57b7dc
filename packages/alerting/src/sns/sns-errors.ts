import { isObject } from "@streamwarden/cloudtrail";
import { PublishError, type PublishErrorCode } from "../errors.ts";
import { oneLine } from "../wording/text.ts";

interface Diagnosis {
  readonly code: PublishErrorCode;
  /** What to do, in words for the person on call. */
  readonly advice: string;
}

const notAuthorized: Diagnosis = {
  code: "publish-not-authorized",
  advice: "Allow sns:Publish on this topic to the consumer's role, in the role and in the topic's policy.",
};
const badCredentials: Diagnosis = {
  code: "publish-not-authorized",
  advice: "The consumer's AWS credentials are missing, expired or wrong: renew them.",
};
const encryptionKey: Diagnosis = {
  code: "publish-encryption-key",
  advice:
    "Enable the topic's KMS key and allow kms:GenerateDataKey and kms:Decrypt on it to the consumer's role.",
};
const throttled: Diagnosis = {
  code: "publish-throttled",
  advice: "The alert waits and is tried again. If this lasts, raise the account's SNS publish quota.",
};

/** By error name without `Exception` or `Error` at its end, in lower case. */
const diagnoses: Readonly<Record<string, Diagnosis>> = {
  notfound: {
    code: "publish-target-not-found",
    advice: "Deploy the topic again, or correct STREAMWARDEN_TOPIC_ARN. The alert waits meanwhile.",
  },
  authorization: notAuthorized,
  accessdenied: notAuthorized,
  invalidclienttokenid: badCredentials,
  unrecognizedclient: badCredentials,
  expiredtoken: badCredentials,
  signaturedoesnotmatch: badCredentials,
  credentialsprovider: badCredentials,
  kmsaccessdenied: encryptionKey,
  kmsdisabled: encryptionKey,
  kmsinvalidstate: encryptionKey,
  kmsnotfound: encryptionKey,
  kmsoptinrequired: encryptionKey,
  kmsthrottling: throttled,
  throttled,
  throttling: throttled,
  requestlimitexceeded: throttled,
  toomanyrequests: throttled,
};

/** Turns whatever the SDK threw into a PublishError. */
export function snsError(error: unknown, topicArn: string, timedOut: boolean): PublishError {
  const { name, status, detail, systemCode } = readError(error);
  const known = diagnoses[name.toLowerCase().replace(/(?:exception|error)+$/, "")];
  const { code, advice } = known ?? diagnose(name, status, timedOut, systemCode);
  const message = `SNS topic ${oneLine(topicArn, 200)} did not take the alert (${oneLine(detail, 300)}). ${advice}`;
  return new PublishError(code, message, { cause: error, detail: oneLine(detail, 300) });
}

function diagnose(
  name: string,
  status: number | undefined,
  timedOut: boolean,
  systemCode: unknown,
): Diagnosis {
  // The SDK calls a broken connection a TimeoutError too.
  if (systemCode === "ECONNRESET" || systemCode === "EPIPE") {
    return {
      code: "publish-unreachable",
      advice: "The connection broke; the alert waits and is tried again under the same alert id.",
    };
  }
  if (timedOut || name === "TimeoutError" || name === "AbortError") {
    return {
      code: "publish-timeout",
      advice: "The alert waits and is tried again; SNS may show it twice with the same alert id.",
    };
  }
  if (status === undefined) {
    return {
      code: "publish-unreachable",
      advice: "Check the network path to SNS (VPC endpoint, DNS, AWS_ENDPOINT_URL_SNS). The alert waits.",
    };
  }
  if (status === 429) return throttled;
  if (status >= 500) {
    return { code: "publish-unavailable", advice: "The alert waits and is tried again." };
  }
  return {
    code: "publish-message-refused",
    advice: "SNS rejected the request itself: please report this with the text in brackets.",
  };
}

interface ReadError {
  readonly name: string;
  readonly status?: number;
  readonly systemCode?: unknown;
  readonly detail: string;
}

function readError(error: unknown): ReadError {
  if (!(error instanceof Error)) return { name: "", detail: String(error) };
  const metadata: unknown = Reflect.get(error, "$metadata");
  const status = isObject(metadata) ? metadata.httpStatusCode : undefined;
  return {
    name: error.name,
    ...(typeof status === "number" ? { status } : {}),
    systemCode: Reflect.get(error, "code"),
    detail: error.message === "" ? error.name : `${error.name}: ${error.message}`,
  };
}
