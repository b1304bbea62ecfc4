/** The reason of a skip, as the end of a title: the list of what was skipped shows titles only, in a line each: its first sentence. */
export function inBrackets(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason.split(/\. |\n/, 1)[0]})`;
}
