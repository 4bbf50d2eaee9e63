/** How far a redrive has come, and how long it may still take. Pure. */

import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { paceOf } from './plan.ts';
import { staysIn } from './progress.ts';
import type { Setting } from './scene.ts';
import { heldIn } from './trial.ts';

/** Told between two pieces: about, for SQS counts late, and what comes back goes again. Nothing before the first. */
export function forecastOf(scene: Setting): JsonObject {
  const { facts, progress, queue, ask } = scene;
  if (facts.work === undefined) return {};
  const done = progress.sent + progress.parked;
  const held = Math.max(0, heldIn(queue) - staysIn(progress));
  const left = ask.maxMessages === null ? held : Math.min(held, Math.max(0, ask.maxMessages - done));
  const perSecond = paceOf(scene);
  return { done, left, perSecond, etaSeconds: Math.ceil(left / perSecond) };
}
