/** Something feeds itself: whatever was told until then is the beginning of a story without an end. */
export class RestlessError extends Error {
  override readonly name = 'RestlessError';

  constructor(steps: number) {
    super(`the run did not come to rest within ${steps} steps`);
  }
}
