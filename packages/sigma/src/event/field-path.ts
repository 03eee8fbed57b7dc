import { isContainer } from "./json.ts";

/** Receives what a field resolves to, one value at a time. */
export interface FoundValues {
  exists: boolean;
  push(value: unknown): void;
}

/** A field name as rules write it, split at its dots. */
export interface FieldPath {
  readonly name: string;
  readonly segments: readonly string[];
  /** Whether every object inherits a property of that name (`constructor`), so that only its own ones may be read. */
  readonly isInherited: boolean;
}

export function fieldPath(name: string): FieldPath {
  const segments = name.split(".");
  return { name, segments, isInherited: [name, ...segments].some((key) => key in Object.prototype) };
}

/**
 * The own value of an object out of JSON under a key of a path. Its prototype has only the names of `Object.prototype`, so
 * that for all other keys one look-up is enough.
 */
export function ownValue(object: object, key: string, { isInherited }: FieldPath): unknown {
  return isInherited && !Object.hasOwn(object, key)
    ? undefined
    : (object as Readonly<Record<string, unknown>>)[key];
}

/**
 * Resolves the segments from `from` on, starting at `start`, into `values`.
 *
 * A segment walks into an object by its own properties only (a record may carry the key `__proto__`). An array, in the
 * middle of the path or at its end, stands for each of its members. The walk keeps its own stack: arrays of arrays
 * come from the event and may be of any depth.
 */
export function resolve(start: unknown, path: FieldPath, from: number, values: FoundValues): void {
  const { segments } = path;
  let value = start;
  for (let index = from; index < segments.length; index++) {
    if (!isContainer(value)) {
      return;
    }
    if (Array.isArray(value)) {
      resolveMembers(value, path, index, values);
      return;
    }
    value = ownValue(value, segments[index] as string, path);
  }
  if (value === undefined) {
    return;
  }
  values.exists = true;
  if (Array.isArray(value)) {
    resolveMembers(value, path, segments.length, values);
  } else {
    values.push(value);
  }
}

/**
 * Resolves a field below a derived root. The root is the host's own object and may compute its fields by getters,
 * which a class has on its prototype; below them the event's rules hold again.
 */
export function resolveDerived(root: unknown, path: FieldPath, values: FoundValues): void {
  const name = path.segments[1];
  if (name === undefined || !isContainer(root) || Array.isArray(root)) {
    resolve(root, path, 1, values);
  } else if (!path.isInherited || !(name in Object.prototype)) {
    resolve((root as Record<string, unknown>)[name], path, 2, values);
  }
}

function resolveMembers(array: readonly unknown[], path: FieldPath, from: number, values: FoundValues): void {
  const { segments } = path;
  const stack: { members: readonly unknown[]; next: number; index: number }[] = [
    { members: array, next: 0, index: from },
  ];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next >= frame.members.length) {
      stack.pop();
      continue;
    }
    let value = frame.members[frame.next++];
    let index = frame.index;
    while (index < segments.length && isContainer(value) && !Array.isArray(value)) {
      const segment = segments[index] as string;
      value = ownValue(value, segment, path);
      index++;
    }
    if (Array.isArray(value)) {
      if (index === segments.length) {
        values.exists = true;
      }
      stack.push({ members: value, next: 0, index });
    } else if (index === segments.length && value !== undefined) {
      values.exists = true;
      values.push(value);
    }
  }
}
