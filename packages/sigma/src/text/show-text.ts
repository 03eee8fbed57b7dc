const longestShown = 200;
/** Controls, format characters, separators, lone surrogates, and what is drawn as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text from an event or a rule made safe for one line: what cannot be seen is escaped as in JSON, the rest cut. */
export function showText(text: string, longest = longestShown): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
