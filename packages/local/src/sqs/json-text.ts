/**
 * JSON in a form that SQS takes: U+FFFE and U+FFFF are no characters to SQS, and inside JSON they can only stand in
 * strings, where an escape means the same.
 */
export function jsonForSqs(json: string): string {
  return json.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
