import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { PublishError } from "../errors.ts";
import { asciiLine } from "../wording/text.ts";

type Send<Result> = (input: PublishCommandInput, signal?: AbortSignal) => Promise<Result>;

const maximumSubjectLength = 99;

/**
 * Sends a subject as it is written, and in ASCII instead where that is rejected. SNS documents UTF-8 subjects, but some
 * report that theirs takes ASCII only, and an alert must not be lost for its title. What was learned is remembered for
 * the life of the process, so that it costs one rejected request and not one for each alert.
 *
 * @param onAsciiSubject called for each message that was taken with an ASCII subject instead of its own.
 */
export function withAsciiSubject<Result>(send: Send<Result>, onAsciiSubject: () => void): Send<Result> {
  let isAsciiOnly = false;
  const sendInAscii: Send<Result> = async (input, signal) => {
    const result = await send(
      { ...input, Subject: asciiLine(input.Subject ?? "", maximumSubjectLength) },
      signal,
    );
    onAsciiSubject();
    return result;
  };
  return async (input, signal) => {
    if (/^[\x20-\x7e]*$/.test(input.Subject ?? "")) return await send(input, signal);
    if (isAsciiOnly) return await sendInAscii(input, signal);
    try {
      return await send(input, signal);
    } catch (error) {
      if (!isInvalidParameter(error)) throw error;
      const result = await sendInAscii(input, signal);
      isAsciiOnly = true; // only now: another parameter may have been the invalid one
      return result;
    }
  };
}

/** SNS names the parameter in a sentence only, which is no interface. */
function isInvalidParameter(error: unknown): boolean {
  return (
    error instanceof PublishError &&
    error.cause instanceof Error &&
    /^InvalidParameter(?:Exception)?$/.test(error.cause.name)
  );
}
