/** Something that is true or not of the current event. */
export interface Predicate {
  isTrue(): boolean;
}
