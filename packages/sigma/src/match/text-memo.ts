/**
 * Remembers something of texts that come again. The texts come from events: forgetting all of them now and then bounds
 * the memory whatever is sent.
 */
export class TextMemo<T> {
  readonly #values = new Map<string, T>();
  readonly #most: number;
  readonly #longest: number;

  /**
   * @param most How many texts are remembered.
   * @param longest The length of the longest text that is, in UTF-16 units.
   */
  constructor(most: number, longest: number) {
    this.#most = most;
    this.#longest = longest;
  }

  get(text: string): T | undefined {
    return this.#values.get(text);
  }

  set(text: string, value: T): void {
    if (text.length > this.#longest) {
      return;
    }
    if (this.#values.size >= this.#most) {
      this.#values.clear();
    }
    this.#values.set(text, value);
  }
}
