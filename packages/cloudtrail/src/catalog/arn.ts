const maximumArnLength = 2048;

/** Whether the text starts like an ARN, percent-encoded or not. No AWS ARN is longer than 2,048 characters. */
export function looksLikeArn(text: string): boolean {
  return text.length <= maximumArnLength && /^arn(?::|%3a)/i.test(text);
}

/**
 * The ARN with percent-encoding removed: the tag operations take it as part of the URL's path, so a record may carry
 * it encoded. Text that is not valid encoding stays as it is.
 */
export function decodeArn(text: string): string {
  if (text.length > maximumArnLength || !text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
