/** Stops a redrive that another run has begun: who stops it says which run is meant, and that run finds it at its next look. Pure. */

import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import type { Announced, Decision } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import { isTakenOver } from './asking.ts';
import { evidenceOf, giveUp, kept, settled } from './ending.ts';
import type { Cancel, Facts } from './facts.ts';
import { leftIn } from './progress.ts';
import type { Setting } from './scene.ts';

/** Behind the ARN of the queue: what is asked of its redrive is a resource of its own, for the queue's lease is that redrive's. */
const SUFFIX = '/cancel';

/** The partition of the data ledger. */
export const CANCELS = 'redriven';

/** An execution lasts a day at most, and what it leaves is finished within the hour. Source: `executionTimeout` of function.yml. */
const KEPT_MS = 2 * 24 * 3_600_000;

/** Where in the partition those of a queue stand. */
export function cancelsAt(queueName: string): string {
  return `cancel/${queueName}/`;
}

/** The target of a run that cancels. */
export function cancelTarget(queueArn: string): string {
  return `${queueArn}${SUFFIX}`;
}

/** The queue whose redrive a run cancels; `undefined`: it is none that cancels. */
export function cancelledQueue(target: string): string | undefined {
  return target.endsWith(SUFFIX) ? target.slice(0, -SUFFIX.length) : undefined;
}

function runIn({ note }: Announced): string {
  return typeof note['run'] === 'string' ? note['run'] : '';
}

/** Tells the run that is at work on the queue to stop. A tick finishes a cancel that has not come to its end. */
export function cancel({ target, announced, cancelling }: Facts, queueArn: string): Decision {
  const queue = queueArn.split(':').at(-1) ?? queueArn;
  if (announced === undefined)
    return refuse({ queue }, 'ledger-lost', 'the ledger does not answer, so whether a redrive is at work is not known');
  const own = announced.find((one) => one.target === target);
  const redrive = announced.find((one) => one.target === queueArn);
  if (redrive === undefined || cancelling === undefined || (cancelling.by === null && own === undefined))
    return nothing({ queue }, 'not-running', `no redrive of ${queue} is at work, or left to the schedule`);
  const { at } = cancelling;
  const run = cancelling.by === null && own !== undefined ? runIn(own) : runIn(redrive);
  const by = cancelling.by ?? 'somebody';
  const write = plannedWrite(
    {
      partition: CANCELS,
      key: `${cancelsAt(queue)}${at}`,
      ifVersion: 0,
      value: { run, by, at },
      expiresAt: new Date(Date.parse(at) + KEPT_MS).toISOString(),
    },
    `it looks there before each piece of its work`,
  );
  return {
    kind: 'act',
    code: 'cancelling',
    because: `the redrive of ${queue} that was begun at ${redrive.at} stops after the piece that it is at`,
    evidence: { queue, by, begunAt: redrive.at, begunBy: redrive.note['by'] ?? null },
    intent: `cancel the redrive of ${queueArn}`,
    note: { run },
    plan: [write],
    budget: 'free',
  };
}

/** The word to stop that is meant for this run; `undefined`: there is none. */
export function cancelFor({ facts, ask, progress }: Setting): Cancel | undefined {
  const { announced = [], target, run: own } = facts;
  const cancels = facts.cancels ?? [];
  const before = announced.find((one) => one.target === target);
  return cancels.find(({ run, at }) => {
    if (run === own) return true;
    if (before === undefined || run !== runIn(before)) return false;
    // Whoever begins anew where another run died goes on under that one's name: what was meant for that one is over.
    return isTakenOver(ask) || (progress.beganAt !== null && at > progress.beganAt);
  });
}

/** The end of a run that was told to stop. */
export function cancelled(scene: Setting, told: Cancel): Decision {
  const { facts, progress, queue } = scene;
  const because = `${told.by} has had the redrive of ${queue.name} stopped at ${told.at}: no more letters go`;
  const remember = kept(scene, 'cancelled');
  if (facts.work === undefined)
    return { ...settled({ evidence: evidenceOf(scene), code: 'cancelled', because }), remember };
  const end = giveUp(scene, 'cancelled', because);
  if (leftIn(progress, ['sent', 'parked', 'doubt']).length > 0) return end;
  const { attention: _whoStopsItKnows, ...quiet } = end;
  return quiet;
}
