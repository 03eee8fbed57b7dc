import { isMap, isScalar, isSeq, type LineCounter, type YAMLMap } from "yaml";
import type { Position } from "../problems/problem.ts";
import type { YamlSource } from "./yaml-source.ts";
import { keyText } from "./yaml-survey.ts";

/** An attribute or a part of its value. Kept as offsets, because few of them ever become positions. */
interface Place {
  /** Where its key begins, if it has one. */
  readonly key: number | undefined;
  readonly value: number;
  readonly text: string | undefined;
  readonly children: ReadonlyMap<string, Place>;
}

/** The keys of a map and the indexes of lists that lead to a value. */
type Path = readonly (string | number)[];

const noChildren: ReadonlyMap<string, Place> = new Map();

/**
 * Where the attributes of a document stand in its file.
 *
 * Only the tool that an attribute belongs to knows what is wrong with it, and it finds out when the YAML is long gone.
 * Searching the text for the word would also find it in comments and in other documents of the file. So the loader
 * keeps the places. A path begins with the name of an attribute, whether it stands under `custom_attributes` or at the
 * top level: `places.value("tool.group_by", 0)`. What is under `detection` and `filter` is not kept: its parts carry
 * positions of their own.
 */
export class AttributePlaces {
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #attributes: ReadonlyMap<string, Place>;

  constructor(source: YamlSource, root: YAMLMap) {
    this.#path = source.path;
    this.#lines = source.lines;
    this.#attributes = placesOf(source, root);
  }

  /** Where the key at the end of a path begins; in a list, where the member does. Undefined where it leads nowhere. */
  key(...path: Path): Position | undefined {
    const place = this.#find(path);
    return place && this.#position(place.key ?? place.value);
  }

  /** Where the value at the end of a path begins. Undefined where the path leads nowhere. */
  value(...path: Path): Position | undefined {
    const place = this.#find(path);
    return place && this.#position(place.value);
  }

  /** Where a word first stands below a path, as a whole key or as a whole value. Undefined where it does not. */
  find(word: string, ...path: Path): Position | undefined {
    const start = this.#find(path);
    const offset = start && offsetOf(word, start);
    return offset === undefined ? undefined : this.#position(offset);
  }

  #find([attribute, ...rest]: Path): Place | undefined {
    let place = this.#attributes.get(String(attribute));
    for (const step of rest) {
      place = place?.children.get(String(step));
    }
    return place;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { path: this.#path, line, column: col };
  }
}

/** The attributes of a document. Of one that stands in both places, the later counts, as it does for the loader. */
function placesOf(source: YamlSource, root: YAMLMap): Map<string, Place> {
  const reader = new PlaceReader(source);
  const attributes = new Map<string, Place>();
  for (const { key, keyNode, value } of source.entries(root)) {
    const isOwn = key === "custom_attributes";
    const place = reader.read(value, key === "detection" || key === "filter" ? undefined : value, keyNode);
    attributes.set(key, place);
    for (const [name, inner] of isOwn ? place.children : []) {
      attributes.set(name, inner);
    }
  }
  return attributes;
}

class PlaceReader {
  readonly #source: YamlSource;
  /** By node: an anchored value is read once, however many aliases name it. */
  readonly #childrenOf = new Map<unknown, ReadonlyMap<string, Place>>();

  constructor(source: YamlSource) {
    this.#source = source;
  }

  read(node: unknown, body: unknown, keyNode?: unknown): Place {
    const key = keyNode === undefined ? undefined : this.#source.offsetOf(keyNode);
    const resolved = this.#source.resolve(body);
    return {
      key,
      value: this.#source.offsetOf(node) ?? key ?? 0,
      text: isScalar(resolved) ? keyText(resolved) : undefined,
      children: this.#children(resolved),
    };
  }

  #children(resolved: unknown): ReadonlyMap<string, Place> {
    if (!isMap(resolved) && !isSeq(resolved)) {
      return noChildren;
    }
    const known = this.#childrenOf.get(resolved);
    if (known !== undefined) {
      return known;
    }
    const children = new Map<string, Place>();
    this.#childrenOf.set(resolved, children);
    if (isMap(resolved)) {
      for (const { key, keyNode, value } of this.#source.entries(resolved)) {
        children.set(key, this.read(value, value, keyNode));
      }
    } else {
      for (const [index, item] of resolved.items.entries()) {
        children.set(String(index), this.read(item, item));
      }
    }
    return children;
  }
}

function offsetOf(word: string, start: Place): number | undefined {
  if (start.text === word) {
    return start.value;
  }
  const visited = new Set<ReadonlyMap<string, Place>>();
  const search = (place: Place): number | undefined => {
    if (visited.has(place.children)) {
      return undefined;
    }
    visited.add(place.children);
    for (const [name, child] of place.children) {
      if (name === word && child.key !== undefined) {
        return child.key;
      }
      if (child.text === word) {
        return child.value;
      }
      const found = search(child);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  };
  return search(start);
}
