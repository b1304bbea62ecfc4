const longestShown = 80;

/**
 * A value out of somebody's hand, in quotes, as it can stand in a message: at most 80 characters of it, and nothing that a terminal
 * obeys. Pure.
 */
export function printable(text: string): string {
  const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return JSON.stringify(cut).replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
