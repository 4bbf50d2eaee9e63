/** The watchers of a simulated run, each with its own memory. */

import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { World } from './model.ts';
import type { Invocation, LoggedRequest, Watcher } from './run-types.ts';

interface Post {
  readonly watcher: Watcher;
  readonly memory: { [key: string]: unknown };
}

/** Runs the watchers and keeps what they find, each finding once. */
export class Watch {
  readonly violations: string[] = [];
  readonly #posts: readonly Post[];

  constructor(watchers: readonly Watcher[]) {
    this.#posts = watchers.map((watcher) => ({ watcher, memory: {} }));
  }

  /** Takes down something that must not be, whoever found it. */
  add = (text: string): void => {
    if (!this.violations.includes(text)) this.violations.push(text);
  };

  /** Lets every watcher look. `told`: outcomes logged so far; `sent`: requests; `invoked`: invocations. */
  look(world: World, told: readonly RunResult[], sent: readonly LoggedRequest[], invoked: readonly Invocation[]): void {
    for (const { watcher, memory } of this.#posts) {
      const found = watcher.check(world, memory, told, sent, invoked);
      if (found !== undefined) this.add(`${watcher.name}: ${found}`);
    }
  }
}
