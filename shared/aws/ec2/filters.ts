/** Values of EC2's filters. */

/**
 * A filter takes `*` and `?` for any text. Source:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html#filtering-wildcards
 */
export function literally(text: string): string {
  return text.replaceAll(/[*?\\]/gu, String.raw`\$&`);
}
