/** A start whose answer was lost: something may have begun. */
export class UnknownStartError extends Error {
  override readonly name = 'UnknownStartError';
}
