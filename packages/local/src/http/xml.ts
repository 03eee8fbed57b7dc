/** A value of a query-protocol answer: text, a structure, or a list whose items are `<member>`. */
export type XmlValue =
  | string
  | number
  | boolean
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue | undefined };

/** XML 1.0 cannot carry most control characters at all, not even escaped; they become U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the document
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}

export function renderXml(value: XmlValue): string {
  if (Array.isArray(value))
    return value.map((item: XmlValue) => `<member>${renderXml(item)}</member>`).join("");
  if (typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, item]) => (item === undefined ? "" : `<${name}>${renderXml(item)}</${name}>`))
    .join("");
}
