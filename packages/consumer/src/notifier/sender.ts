import type { Published } from "@streamwarden/alerting";

/** Hands one message to the destination: resolves to what it answered, in words, or rejects with PublishError. */
export type Sender = (published: Published) => Promise<string>;
