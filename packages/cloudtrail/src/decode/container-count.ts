const openingBrace = 0x7b;
const openingBracket = 0x5b;
const quote = 0x22;
const backslash = 0x5c;
/** Whatever a shorter text holds is small in memory. */
const smallText = 4 * 1024 * 1024;
/**
 * Each object and list takes fifty bytes of memory and more, whatever it holds: a text of brackets alone takes fifty times
 * its size. The records of AWS's documentation have one in seventy characters at most.
 */
const charactersForContainer = 16;

/** Whether JSON text holds more objects and lists than records of its size would. */
export function hasTooManyContainers(text: string): boolean {
  if (text.length <= smallText) return false;
  const most = text.length / charactersForContainer;
  let openings = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === backslash) at += 1;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if ((code === openingBrace || code === openingBracket) && ++openings > most) return true;
  }
  return false;
}
