const longest = 300;

/** A text of somebody else's, such as a cloud's refusal, as it can stand in a message: one line of at most 300 characters. Pure. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
