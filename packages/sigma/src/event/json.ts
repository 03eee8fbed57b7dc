/** A JSON object as `JSON.parse` returns it. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether the value is a JSON container: an object or an array. */
export function isContainer(value: unknown): value is JsonObject | readonly unknown[] {
  return typeof value === "object" && value !== null;
}

interface Frame {
  readonly value: JsonObject | readonly unknown[];
  readonly keys: readonly string[] | undefined;
  next: number;
}

/**
 * The compact JSON text of a value, like `JSON.stringify` without spaces.
 *
 * Written with its own stack because `JSON.stringify` overflows the call stack on data that `JSON.parse` accepts:
 * an event nested ten thousand levels deep must be a value like any other, not a crash.
 */
export function compactJson(value: unknown): string {
  if (!isContainer(value)) {
    return JSON.stringify(value) ?? "null";
  }
  const pieces: string[] = [];
  const open = (container: JsonObject | readonly unknown[]): Frame => {
    const keys = Array.isArray(container) ? undefined : Object.keys(container);
    pieces.push(keys === undefined ? "[" : "{");
    return { value: container, keys, next: 0 };
  };
  const stack: Frame[] = [open(value)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { value: container, keys } = frame;
    const length = keys === undefined ? (container as readonly unknown[]).length : keys.length;
    if (frame.next >= length) {
      pieces.push(keys === undefined ? "]" : "}");
      stack.pop();
      continue;
    }
    const position = frame.next++;
    if (position > 0) {
      pieces.push(",");
    }
    const key = keys?.[position];
    if (key !== undefined) {
      pieces.push(JSON.stringify(key), ":");
    }
    const child = (container as Record<string | number, unknown>)[key ?? position];
    if (isContainer(child)) {
      stack.push(open(child));
    } else {
      pieces.push(JSON.stringify(child) ?? "null");
    }
  }
  return pieces.join("");
}

/** Calls `visit` with every scalar inside a value, in document order, without recursion. Keys are not visited. */
export function visitScalars(value: unknown, visit: (scalar: unknown) => void): void {
  if (!isContainer(value)) {
    visit(value);
    return;
  }
  const childrenOf = (container: JsonObject | readonly unknown[]): readonly unknown[] =>
    Array.isArray(container) ? container : Object.values(container);
  const stack: { children: readonly unknown[]; next: number }[] = [{ children: childrenOf(value), next: 0 }];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next >= frame.children.length) {
      stack.pop();
      continue;
    }
    const child = frame.children[frame.next++];
    if (isContainer(child)) {
      stack.push({ children: childrenOf(child), next: 0 });
    } else {
      visit(child);
    }
  }
}
