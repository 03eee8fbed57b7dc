import { ivsOperations } from "@streamwarden/cloudtrail";

/** A small linear congruential generator: the same records on every machine. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

/**
 * Synthetic EventBridge envelopes over the whole IVS catalog: mostly calls of backend roles, a few by people. The
 * sizes are those of real CloudTrail records (about 1 KB each).
 */
export function benchEnvelopes(count: number): string[] {
  const next = sequence(42);
  return Array.from({ length: count }, (_, index) => {
    const operation = ivsOperations[next(ivsOperations.length)];
    const account = "123456789012";
    const isPerson = next(50) === 0;
    const role = `backend-${next(20)}`;
    const userIdentity = isPerson
      ? {
          type: "IAMUser",
          principalId: "AIDAEXAMPLE",
          arn: `arn:aws:iam::${account}:user/person-${next(10)}`,
          accountId: account,
          accessKeyId: "AKIAIOSFODNN7EXAMPLE",
          userName: `person-${next(10)}`,
        }
      : {
          type: "AssumedRole",
          principalId: `AROAEXAMPLE:${role}`,
          arn: `arn:aws:sts::${account}:assumed-role/${role}/session-${next(100)}`,
          accountId: account,
          accessKeyId: "ASIAIOSFODNN7EXAMPLE",
          sessionContext: {
            sessionIssuer: {
              type: "Role",
              principalId: "AROAEXAMPLE",
              arn: `arn:aws:iam::${account}:role/${role}`,
              accountId: account,
              userName: role,
            },
            attributes: { creationDate: "2026-01-01T00:00:00Z", mfaAuthenticated: "false" },
            ec2RoleDelivery: "2.0",
          },
        };
    const time = new Date(Date.UTC(2026, 0, 1) + index * 20).toISOString().replace(/\.\d+/, "");
    const arn = `arn:aws:ivs:us-east-1:${account}:channel/${next(1000).toString(36).padStart(12, "A")}`;
    return JSON.stringify({
      version: "0",
      id: `${index}`.padStart(36, "0"),
      "detail-type": "AWS API Call via CloudTrail",
      source: operation?.eventSource === "ivschat.amazonaws.com" ? "aws.ivschat" : "aws.ivs",
      account,
      time,
      region: "us-east-1",
      resources: [],
      detail: {
        eventVersion: "1.11",
        userIdentity,
        eventTime: time,
        eventSource: operation?.eventSource,
        eventName: operation?.operation,
        awsRegion: "us-east-1",
        sourceIPAddress: `198.51.100.${next(255)}`,
        userAgent: "aws-sdk-js/3.1136.0 os/linux lang/js md/nodejs#24.21.0 api/ivs#3.1136.0",
        requestParameters: {
          arn,
          name: `channel-${next(1000)}`,
          maxResults: 50,
          tags: { team: "live", stage: "prod" },
        },
        responseElements: null,
        requestID: `${index}`.padStart(36, "a"),
        eventID: `${index}`.padStart(36, "e"),
        readOnly: operation?.access !== "write",
        eventType: "AwsApiCall",
        managementEvent: true,
        recipientAccountId: account,
        eventCategory: "Management",
        tlsDetails: {
          tlsVersion: "TLSv1.3",
          cipherSuite: "TLS_AES_128_GCM_SHA256",
          clientProvidedHostHeader: "ivs.us-east-1.amazonaws.com",
        },
      },
    });
  });
}
