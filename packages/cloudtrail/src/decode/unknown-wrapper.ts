import { isObject, type JsonObject } from "../record.ts";
import { type Rejection, rejection } from "./rejection.ts";

/** Formats that hold records or parts of them and are not opened, each by its mark, and what to do instead. */
const known: readonly (readonly [isMarked: (value: JsonObject) => boolean, sentence: string])[] = [
  [
    ({ QueryResultRows }) => Array.isArray(QueryResultRows),
    "This is a query result of CloudTrail Lake: it holds columns, not records. Select eventJson in the query, or use `aws cloudtrail lookup-events` or the trail's files.",
  ],
  [
    ({ ResultSet }) => isObject(ResultSet),
    "This is a query result of Athena: it holds columns, not records. Use the trail's files that the table reads.",
  ],
  [
    ({ dynamodb }) => isObject(dynamodb),
    "This is a change of a DynamoDB table: it holds an item, not a record.",
  ],
  [
    ({ messageType }) => messageType === "CONTROL_MESSAGE",
    "This is a control message of CloudWatch Logs: it checks a destination and holds no record.",
  ],
];

/** Objects and lists that are looked through for a record. */
const mostLookedAt = 500;
const mostKeysNamed = 5;

/** Why an object of a file, which is neither a record nor a wrapper that is opened, gives none: named, with what to do. */
export function unknownWrapper(value: JsonObject): Rejection {
  const named = known.find(([isMarked]) => isMarked(value));
  if (named !== undefined) return rejection("unknown-wrapper", named[1]);
  const path = pathOfRecord(value);
  if (path !== undefined) {
    return rejection(
      "unknown-wrapper",
      `The record stands under ${path}, in a wrapper that is not known. Take it out first, such as with \`jq -c '${path}'\`.`,
    );
  }
  const keys = Object.keys(value)
    .filter((key) => stepTo(key) !== undefined)
    .slice(0, mostKeysNamed);
  const has = keys.length === 0 ? "" : ` It has the keys ${keys.join(", ")}.`;
  return rejection("no-record", `The object is neither a CloudTrail record nor a wrapper around one.${has}`);
}

/** A key as a step of a jq path. Keys of a file are hostile text: those of other characters are not shown. */
function stepTo(key: string): string | undefined {
  if (/^[A-Za-z_]\w{0,39}$/.test(key)) return `.${key}`;
  return /^[\w@][\w@.:/ -]{0,39}$/.test(key) ? `.["${key}"]` : undefined;
}

/** Whether a text looks like the JSON of a record or of an envelope around one. */
function holdsRecord(text: string): boolean {
  return /^\s{0,8}\{/.test(text) && text.includes('"eventName"') && text.includes('"eventSource"');
}

/** Where something that looks like a record stands, as a path for jq; breadth first. */
function pathOfRecord(value: JsonObject): string | undefined {
  const queue: [path: string, value: unknown][] = [["", value]];
  for (let at = 0; at < queue.length && at < mostLookedAt; at += 1) {
    const [path, one] = queue[at] as [string, unknown];
    if (isObject(one)) {
      if (path !== "" && typeof one.eventName === "string" && typeof one.eventSource === "string")
        return path;
      for (const [key, member] of Object.entries(one).slice(0, mostLookedAt)) {
        const step = stepTo(key);
        if (step !== undefined) queue.push([path + step, member]);
      }
    } else if (Array.isArray(one)) {
      // One item stands for all of them: a list holds the same everywhere.
      if (one.length > 0) queue.push([`${path === "" ? "." : path}[]`, one[0]]);
    } else if (typeof one === "string" && holdsRecord(one)) {
      return `${path} | fromjson`;
    }
  }
  return undefined;
}
