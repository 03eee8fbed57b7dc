/** Recognises a few keys in bytes without making text of them. */
export class KeyTable {
  readonly #byLength: readonly (readonly { readonly bytes: Uint8Array; readonly meaning: number }[])[];

  constructor(keys: readonly (readonly [name: string, meaning: number])[]) {
    const byLength: { bytes: Uint8Array; meaning: number }[][] = [];
    for (const [name, meaning] of keys) {
      const bytes = new TextEncoder().encode(name);
      byLength[bytes.length] ??= [];
      byLength[bytes.length]?.push({ bytes, meaning });
    }
    this.#byLength = byLength;
  }

  /** The meaning of the key between two offsets, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return -1;
    for (const candidate of candidates) {
      const name = candidate.bytes;
      let index = 0;
      while (index < name.length && bytes[start + index] === name[index]) index++;
      if (index === name.length) return candidate.meaning;
    }
    return -1;
  }
}
