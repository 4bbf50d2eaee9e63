/** What is decided upon. Pure. */

import type { Ask, Facts, Queue, RedriveLimits } from './facts.ts';
import type { Progress } from './progress.ts';
import type { Trial } from './trial.ts';

/** What is decided upon. */
export interface Scene {
  readonly facts: Facts;
  readonly limits: RedriveLimits;
  readonly now: string;
  readonly ask: Ask;
  readonly progress: Progress;
}

/** A scene in which the queue is there. */
export interface Setting extends Scene {
  readonly queue: Queue;
  readonly trial: Trial;
}
