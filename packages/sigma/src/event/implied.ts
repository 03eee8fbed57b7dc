/** What an event must have for a field to have any value: a value of `field` must equal one of the folded texts. */
export interface Implied {
  readonly field: string;
  readonly texts: ReadonlySet<string>;
}
