/** Looks that come again and again. */

import type { Model } from '../model.ts';

/** Calls `look` now, and then after so many seconds each time. */
export function every(model: Model, seconds: number, look: () => void): void {
  const again = (): void => {
    look();
    model.events.at(model.now + seconds, again);
  };
  model.events.at(model.now, again);
}
