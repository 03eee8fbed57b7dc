import { isObject } from "@streamwarden/cloudtrail";

export interface RequestLines {
  /** `name = "default"`, `tags.team = "video"`: one per leaf, in the request's own order. Still hostile text. */
  readonly lines: readonly string[];
  /** How many leaves are not shown; `moreIsLowerBound` when counting stopped before the end. */
  readonly more: number;
  readonly moreIsLowerBound: boolean;
}

const maximumDepth = 8;
const maximumVisited = 2000;
const maximumText = 400;

/** The leaves of a request, one line each. Depth, number and length are bounded, whatever the request holds. */
export function requestLines(request: unknown, maximumLines: number): RequestLines {
  const lines: string[] = [];
  let leaves = 0;
  let visited = 0;
  const stack: { readonly path: string; readonly value: unknown; readonly depth: number }[] = [
    { path: "", value: request, depth: 0 },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path, value, depth } = next;
    visited += 1;
    if (visited > maximumVisited) return { lines, more: leaves - lines.length + 1, moreIsLowerBound: true };
    const children = depth < maximumDepth ? childrenOf(value, path) : [];
    if (children.length > 0) {
      const room = maximumVisited + 1;
      for (const [childPath, child] of children.slice(0, room).reverse()) {
        stack.push({ path: childPath, value: child, depth: depth + 1 });
      }
      continue;
    }
    leaves += 1;
    if (lines.length < maximumLines)
      lines.push(path === "" ? leafText(value) : `${path} = ${leafText(value)}`);
  }
  return { lines, more: leaves - lines.length, moreIsLowerBound: false };
}

function childrenOf(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) {
    return value.slice(0, maximumVisited + 1).map((item, index) => [`${path}[${index}]`, item] as const);
  }
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, item]) => {
    const short = shorten(key);
    return [path === "" ? short : `${path}.${short}`, item] as const;
  });
}

function leafText(value: unknown): string {
  if (typeof value === "string") return `"${shorten(value)}"`;
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "[…]";
  if (isObject(value)) return Object.keys(value).length === 0 ? "{}" : "{…}";
  return shorten(String(value));
}

function shorten(text: string): string {
  return text.length <= maximumText
    ? text
    : `${text.slice(0, maximumText)}… (${text.length.toLocaleString("en-US")} characters)`;
}
