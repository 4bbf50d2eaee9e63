/** What `receive-requests` decides on. */

import type { StartCollected, StartInput } from '../../../shared/aws/lambda/start-execution.ts';
import type { FlushWindow, KeyChange, WindowRow } from '../../../shared/judgement/flush-window.ts';
import type { JsonObject, KernelFacts } from '../../../shared/kernel/decision.ts';

/** How an execution is started that flushes a window. */
export type WindowStart = StartInput<StartCollected>;

/** An item that is to hold some of the changes. */
export type Portion = {
  readonly key: string;
  readonly changes: readonly KeyChange[];
  /** Who has written it; `null`: nobody has. */
  readonly writtenBy: string | null;
};

/** Changes of a bucket, and the window that they go into. */
export interface ChangesFacts extends KernelFacts {
  readonly kind: 'changes';
  readonly bucket: string;
  readonly run: string;
  readonly window: FlushWindow;
  /** Whether the window has its item. It was seen after the portions were, and was open. */
  readonly isBegun: boolean;
  readonly portions: readonly Portion[];
  readonly start: WindowStart;
  /** Windows before it that were sealed already, or whose execution has come to its end. */
  readonly passed: readonly string[];
}

/** A request for another runbook. */
export interface StartFacts extends KernelFacts {
  readonly kind: 'start';
  readonly start: StartInput;
}

/** A window that nobody has flushed, and nobody is at. */
export interface WindowFacts extends KernelFacts {
  readonly kind: 'window';
  readonly run: string;
  /** `null`: somebody is at it by now, or it was flushed. */
  readonly row: WindowRow | null;
  /** The next attempt; `null`: as many as there may be have failed. */
  readonly start: WindowStart | null;
  readonly attempt: number;
  /** That attempt was begun, by a run before this one that has not told. */
  readonly isStarted: boolean;
}

/** What is handed on, or taken up again. */
export type Facts = ChangesFacts | StartFacts | WindowFacts;

/** Evidence that names a window. */
export function windowEvidence({ name, bucket, from, to }: FlushWindow): JsonObject {
  return { bucket, window: name, from, to };
}
