import { fold } from "../text/fold.ts";
import { type IpAddress, parseIpAddress } from "../text/ip-network.ts";
import { compactJson, isContainer, visitScalars } from "./json.ts";

/**
 * One value that a field resolved to, with the forms that matchers compare, each made when first asked for.
 *
 * Leaves are reused from event to event (`reset`), so that an event that matches nothing allocates nothing here.
 */
export class Leaf {
  value: unknown = undefined;
  #text: string | undefined;
  #folded: string | undefined;
  #inner: readonly Leaf[] | undefined;
  #address: IpAddress | undefined;
  #addressKnown = false;

  reset(value: unknown): void {
    this.value = value;
    this.#text = undefined;
    this.#folded = undefined;
    this.#inner = undefined;
    this.#address = undefined;
    this.#addressKnown = false;
  }

  /** The value as text: strings as they are, numbers and booleans as JSON writes them, objects as compact JSON. */
  get text(): string | undefined {
    const { value } = this;
    if (typeof value === "string") {
      return value;
    }
    if (this.#text === undefined && value !== null && value !== undefined) {
      this.#text = isContainer(value) ? compactJson(value) : String(value);
    }
    return this.#text;
  }

  /** The text under case folding. */
  get folded(): string | undefined {
    if (this.#folded === undefined) {
      const { text } = this;
      this.#folded = text === undefined ? undefined : fold(text);
    }
    return this.#folded;
  }

  /** For an object: the strings inside it, decoded. For everything else: none. */
  get inner(): readonly Leaf[] {
    if (this.#inner === undefined) {
      const strings: Leaf[] = [];
      if (isContainer(this.value)) {
        visitScalars(this.value, (scalar) => {
          if (typeof scalar === "string") {
            strings.push(leafOf(scalar));
          }
        });
      }
      this.#inner = strings;
    }
    return this.#inner;
  }

  /** The IP address a string names. */
  get address(): IpAddress | undefined {
    if (!this.#addressKnown) {
      this.#address = typeof this.value === "string" ? parseIpAddress(this.value) : undefined;
      this.#addressKnown = true;
    }
    return this.#address;
  }
}

function leafOf(value: unknown): Leaf {
  const leaf = new Leaf();
  leaf.reset(value);
  return leaf;
}
