import type { AlertRecord } from "../model/alert.ts";
import { isVisible } from "./text.ts";

const maximumUrlLength = 1000;

/** Only such ids are looked up: CloudTrail's GUIDs, and nothing that could change the meaning of a URL. */
const eventIdShape = /^[0-9A-Za-z-]{8,64}$/;
const regionShape = /^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/;

/**
 * The record in the CloudTrail console (Event history, which keeps 90 days), or undefined when its region or id
 * is not one that a console could show. The reader must be signed in to the record's account.
 */
export function cloudTrailUrl(record: Pick<AlertRecord, "eventId" | "region">): string | undefined {
  const { eventId, region } = record;
  if (region === undefined || !regionShape.test(region) || !eventIdShape.test(eventId)) return undefined;
  const domain = consoleDomain(region);
  return domain === undefined
    ? undefined
    : `https://${region}.${domain}/cloudtrailv2/home?region=${region}#/events/${eventId}`;
}

function consoleDomain(region: string): string | undefined {
  if (region.startsWith("cn-")) return "console.amazonaws.cn";
  if (region.startsWith("us-gov-")) return "console.amazonaws-us-gov.com";
  if (region.includes("iso")) return undefined; // isolated regions have no public console
  return "console.aws.amazon.com";
}

/** A reference that may be shown as a link: https, no credentials, no hidden characters. Normalised. */
export function referenceUrl(text: string): URL | undefined {
  if (text.length > maximumUrlLength || !isVisible(text)) return undefined;
  const url = URL.parse(text.trim());
  if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "")
    return undefined;
  // `|`, `>` and quotes would end a Slack link or an attribute; URL leaves some of them as they are.
  return /[\s<>|"'`*\\]/.test(url.href) ? undefined : url;
}
