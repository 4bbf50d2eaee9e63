/** Words that several files say. Pure. */

/** `1 block`, `2 blocks`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
