/** The number of single-letter changes (insert, delete, replace, swap neighbours) between two words. */
export function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? cost) + 1);
      }
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** The word that was probably meant: at most two changes away, and fewer than half of its letters. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) < bestDistance) {
      const changes = editDistance(word.toLowerCase(), candidate.toLowerCase());
      if (changes < bestDistance && changes * 2 < candidate.length) {
        best = candidate;
        bestDistance = changes;
      }
    }
  }
  return best;
}
