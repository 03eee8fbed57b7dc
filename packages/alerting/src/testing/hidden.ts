/**
 * Characters that must never reach a person raw, written down apart from the product's own definition, so that a
 * hole in that one shows. Line feeds are the only control that is allowed.
 */
export const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]|\p{Cs}/u;
