import type { Alert } from "@streamwarden/alerting";
import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import {
  createDetector,
  createPipeline,
  type Detection,
  type Detector,
  MemoryStateStore,
  type Timer,
  timerBody,
} from "@streamwarden/detection";
import type { PolicySet } from "@streamwarden/policies";

/** How long after the call the preview pretends that a record came: an example, so that nothing reads "years late". */
const exampleDelayMilliseconds = 5000;
/** Windows that are judged when they are complete need one or two. */
const maximumTimers = 20;

/**
 * Sends records through the pipeline itself, with state in memory and a clock that follows the records, and gives
 * the first alert of the policy; undefined when there is none. A dry-run policy alerts here too.
 */
export async function runTestCase(
  loaded: PolicySet,
  policyId: string,
  records: readonly CloudTrailRecord[],
): Promise<Alert | undefined> {
  let now = 0;
  const clock = { now: () => now };
  const alerts: Alert[] = [];
  const timers: Timer[] = [];
  const pipeline = createPipeline({
    detector: only(createDetector(loaded), policyId),
    store: new MemoryStateStore({ clock }),
    publisher: {
      publish: async (alert) => void alerts.push(alert),
      publishDigest: async () => undefined,
    },
    quarantine: async () => undefined,
    scheduleTimer: async (timer) => void timers.push(timer),
    clock,
  });
  const receive = async (body: string): Promise<void> => {
    await pipeline.process([{ id: `message-${now}`, body, receivedAt: now }]);
  };
  for (const record of records) {
    now = Math.max(now, eventTimeOf(record) + exampleDelayMilliseconds);
    await receive(JSON.stringify(envelope(record)));
  }
  for (let woken = 0; alerts.length === 0 && woken < maximumTimers; woken += 1) {
    const next = timers.sort((a, b) => b.at - a.at).pop();
    if (next === undefined) break;
    now = Math.max(now, next.at);
    await receive(timerBody(next));
  }
  return alerts[0];
}

/** Other policies may be true of the same record. */
function only(detector: Detector, policyId: string): Detector {
  const wanted = (detection: Detection | undefined): Detection | undefined =>
    detection?.policy.id === policyId ? { ...detection, live: true } : undefined;
  return {
    ...detector,
    detect(record) {
      const { detections, firstSeen = [], entries } = detector.detect(record);
      // A preview does not wait for the learning period: it shows the alert of a match that turned out to be new.
      const all = [...detections, ...firstSeen.map(({ detection }) => detection)];
      return { detections: all.flatMap((detection) => wanted(detection) ?? []), entries };
    },
    detectionOf: (firing) => wanted(detector.detectionOf(firing)),
  };
}

/** The event that EventBridge makes of a record. */
function envelope(record: CloudTrailRecord): object {
  return {
    version: "0",
    id: "00000000-0000-4000-8000-000000000000",
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${record.eventSource.split(".")[0]}`,
    account: record.recipientAccountId,
    time: record.eventTime,
    region: record.awsRegion,
    resources: [],
    detail: record,
  };
}
