/** What is looked at before the first message is received. Pure. */

import type { Refuse } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { isFunction, type Facts, type Queue, type RedriveLimits } from './facts.ts';
import { unready } from './readiness.ts';

/** Why nothing may be moved; `undefined`: all is well. */
export function objection(facts: Facts, queue: Queue, limits: RedriveLimits): Refuse | undefined {
  const { settings, sources } = facts;
  const { name } = queue;
  const evidence = { queue: name };
  const no = (code: string, because: string): Refuse => refuse(evidence, code, because);
  const [problem] = settings.problems;
  if (problem !== undefined) return no('unreadable-setting', problem);
  if (settings.redrive === null)
    return no('not-tagged', `${name} has no tag runbook:redrive, so its letters are nobody's to move`);
  // Each receive counts: with a policy of its own the queue would hand its letters on while they are looked at.
  if (queue.deadLetters !== null)
    return no('has-dead-letters-itself', `${name} has a redrive policy: looking at its letters would move them on`);
  if (facts.sourceCount > limits.maxSources)
    return no(
      'too-many-sources',
      `${facts.sourceCount} queues have ${name} for their dead letters, at most ${limits.maxSources} are looked at`,
    );
  const unsent = sendersObjection(facts, name, no);
  if (unsent !== undefined) return unsent;
  const other = sources.find((one) => !isFunction(one) && one.deadLetters === queue.arn && one.isFifo !== queue.isFifo);
  if (other !== undefined) return no('ordered', `${other.name} and ${name} are not both FIFO queues, or both none`);
  return parkingObjection(facts, queue, no) ?? unready(facts, queue, no);
}

/** Why none of the letters has anywhere to go. */
function sendersObjection(
  { sources, sourceCount, senders, untagged }: Facts,
  name: string,
  no: (code: string, because: string) => Refuse,
): Refuse | undefined {
  if (sources.length > 0) return undefined;
  const [unread] = senders?.unread ?? [];
  if (unread !== undefined)
    return no('too-many-senders', `who has ${name} for dead letters cannot be told for certain: ${unread}`);
  const [shut] = untagged;
  if (shut !== undefined)
    return no('target-not-tagged', `${shut}: no tag runbook:redrive-target = ${name}, so no letter may go there`);
  const isNamed = sourceCount > 0 || (senders !== null && senders.origins.length > 0);
  const nobody = isNamed
    ? `of those who name ${name} for dead letters none delivers to a queue or function that is here`
    : `nobody names ${name} for dead letters`;
  return no('no-sources', `${nobody}, so none can go back to where it failed`);
}

/** Why what may go back no more could not be parked. */
function parkingObjection(
  { settings, parking, sources }: Facts,
  queue: Queue,
  no: (code: string, because: string) => Refuse,
): Refuse | undefined {
  if (settings.parking === null) return undefined;
  if (parking === null)
    return no(
      'no-parking',
      `${queue.name} names ${settings.parking} for what goes back no more, and there is no such queue`,
    );
  const isInUse = parking.arn === queue.arn || sources.some(({ arn }) => arn === parking.arn);
  if (isInUse)
    return no(
      'parking-in-use',
      `${queue.name} names ${parking.name} for what goes back no more: letters come from there`,
    );
  if (parking.isFifo !== queue.isFifo)
    return no('parking-in-use', `${parking.name} and ${queue.name} are not both FIFO queues, or both none`);
  return undefined;
}
