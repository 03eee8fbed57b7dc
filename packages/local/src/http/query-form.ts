/** A form of the query protocol: `A.entry.1.Name=x` is the field Name of the first item of A. */
export class QueryForm {
  readonly #values: ReadonlyMap<string, string>;

  constructor(form: string | ReadonlyMap<string, string>) {
    this.#values = typeof form === "string" ? new Map(new URLSearchParams(form)) : form;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The items of a list or map parameter (`A.entry.1.Name`, `A.member.1`), in order, as forms of their own. */
  items(name: string): readonly QueryForm[] {
    return [...this.list(`${name}.entry`), ...this.list(`${name}.member`)];
  }

  /** The items of a flattened list (`A.1.Name`); an item that is text has it under the empty name. */
  list(name: string): readonly QueryForm[] {
    const items = new Map<number, Map<string, string>>();
    for (const [key, value] of this.#values) {
      if (!key.startsWith(`${name}.`)) continue;
      const [index = "", ...rest] = key.slice(name.length + 1).split(".");
      if (!/^\d{1,4}$/.test(index)) continue;
      const item = items.get(Number(index)) ?? new Map<string, string>();
      item.set(rest.join("."), value);
      items.set(Number(index), item);
    }
    return [...items].sort(([left], [right]) => left - right).map(([, values]) => new QueryForm(values));
  }

  /** A map parameter with text values (`Attributes.entry.1.key`, `.value`). */
  map(name: string): ReadonlyMap<string, string> {
    return new Map(this.items(name).map((item) => [item.get("key") ?? "", item.get("value") ?? ""]));
  }
}
