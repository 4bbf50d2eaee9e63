/** What people have at stake in what they are told: that it is what happened, that a refusal moved nothing, and that each redrive comes to an end. */

import { readFileSync } from 'node:fs';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { fatesOf } from '../fates.ts';
import { nameIn } from '../letters.ts';
import {
  accountsIn,
  graveyardsIn,
  hasBrokenOff,
  hasOpenHome,
  homesIn,
  numberIn,
  queuesIn,
  RUNBOOK,
  sourcesOf,
  subscribersOf,
  sum,
  sumIn,
  type Queue,
} from './scene.ts';

const PARTS = ['sent', 'parked', 'refused', 'kept', 'expired'];

/** What does not add up in one account by itself. */
function wrongIn({ evidence, target }: RunResult): readonly string[] {
  const received = numberIn(evidence, 'received');
  const parts = sum(PARTS.map((part) => numberIn(evidence, part)));
  const byReason = sumIn(evidence, 'refusedFor') - numberIn(evidence, 'refused');
  const kept = sumIn(evidence, 'keptFor') - numberIn(evidence, 'kept');
  return [
    ...(received === parts ? [] : [`${target}: ${received} received are ${parts} by what became of them`]),
    ...(byReason === 0 && kept === 0 ? [] : [`${target}: the reasons do not add up to what is refused and kept`]),
  ];
}

const numbersAddUp: Interest = {
  name: 'numbers-add-up',
  quotes: 'these add up, or the run fails',
  watch: (given) => {
    const fates = fatesOf(given);
    let read = 0;
    return (world, told) => {
      fates.look(world);
      const fresh = told.slice(read).filter(({ runbook, evidence }) => runbook === RUNBOOK && 'received' in evidence);
      read = told.length;
      return fresh.flatMap((result) => [...wrongIn(result), ...notThere(result, given)])[0];
    };
  },
};

/** What is told to stay, and does not stand there. */
function notThere({ evidence, target }: RunResult, given: Given): readonly string[] {
  const name = nameIn(target ?? '');
  const fates = fatesOf(given);
  const queue = graveyardsIn(given).find((one) => one.name === name);
  if (queue === undefined) return [];
  // What somebody else moves or SQS forgets meanwhile is told as staying. Where AWS refuses something that is another run, which has the lease then.
  const isShared = queue.isMovedByOthers || given.case.surroundings.faults.length > 0;
  if (isShared || fates.left.some((one) => one.queue === name && one.how === 'expired')) return [];
  const staying = numberIn(evidence, 'refused') + numberIn(evidence, 'kept');
  const standing = fates.standingIn(name).length;
  return standing < staying ? [`${staying} letters stay in ${name}, it was told, where ${standing} are`] : [];
}

/** By its own words: what was sent and what was parked, of all runs of a queue together. */
function movedByWord(
  end: SimulationEnd,
  name: string,
): { readonly sent: number; readonly parked: number; readonly doubts: number } {
  const own = accountsIn(end).filter(({ target }) => nameIn(target ?? '') === name);
  const all = (member: string): number => sum(own.map(({ evidence }) => numberIn(evidence, member)));
  const doubts =
    all('perhapsTwice') + all('sentButStillHere') + sum(own.map(({ evidence }) => sumIn(evidence, 'keptFor')));
  return { sent: all('sent') + all('cameBack'), parked: all('parked'), doubts };
}

function hasFailed({ results }: SimulationEnd, name: string): boolean {
  return results.some(({ result: { outcome, target } }) => outcome === 'failed' && nameIn(target ?? '') === name);
}

const toldIsWhatHappened: Interest = {
  name: 'told-is-what-happened',
  quotes: 'Every letter that was received is sent, parked, refused, kept or expired, and these add up',
  end: (end, given) => {
    const fates = fatesOf(given);
    const isUnderWay = end.executions.some(({ runbook, endedAt }) => runbook === RUNBOOK && endedAt === undefined);
    if (hasBrokenOff(end.requests) || isUnderWay) return [];
    const copies = fates.came.filter(({ how }) => how === 'copy');
    return graveyardsIn(given).flatMap((graveyard) => {
      // A look that fails between two pieces tells the failure, and not what had gone by then.
      if (graveyard.isMovedByOthers || hasFailed(end, graveyard.name)) return [];
      const sources = [
        ...sourcesOf(graveyard, given).map(({ name }) => name),
        ...homesIn(graveyard),
        ...subscribersOf(graveyard, given),
      ];
      const parkings = fates.parkings.get(graveyard.name) ?? new Set();
      const sent = copies.filter(({ queue }) => sources.includes(queue)).length;
      const parked = copies.filter(({ queue }) => parkings.has(queue) && !sources.includes(queue)).length;
      const told = movedByWord(end, graveyard.name);
      const isRight = Math.abs(sent - told.sent) <= told.doubts && Math.abs(parked - told.parked) <= told.doubts;
      return isRight
        ? []
        : [
            `${graveyard.name}: ${sent} were sent and ${parked} parked, ${told.sent} and ${told.parked} were told, ${told.doubts} in doubt`,
          ];
    });
  },
};

function wholeNumber(value: unknown, most: number): boolean {
  return typeof value === 'string' && /^[1-9]\d*$/u.test(value) && Number(value) <= most;
}

function isReadable({ tags }: Queue): boolean {
  const redrive = tags['runbook:redrive'];
  const rate = tags['runbook:redrive-per-second'];
  const attempts = tags['runbook:redrive-max-attempts'];
  return (
    (redrive === 'auto' || redrive === 'manual') &&
    (rate === undefined || wholeNumber(rate, 10_000)) &&
    (attempts === undefined || wholeNumber(attempts, 20))
  );
}

function isFifo(name: string): boolean {
  return name.endsWith('.fifo');
}

/** Whether by the page's table nothing may be moved out of a queue, as the world began. */
function isForbidden(graveyard: Queue, given: Given): boolean {
  const sources = sourcesOf(graveyard, given);
  const parking = graveyard.tags['runbook:parking'];
  const isParkable =
    parking === undefined ||
    (typeof parking === 'string' &&
      parking !== graveyard.name &&
      queuesIn(given).some(({ name }) => name === parking) &&
      !sources.some(({ name }) => name === parking) &&
      isFifo(parking) === isFifo(graveyard.name));
  const isOfOneType = sources.every(({ name }) => isFifo(name) === isFifo(graveyard.name));
  return (
    !isReadable(graveyard) ||
    graveyard.deadLetters !== undefined ||
    (sources.length === 0 && !hasOpenHome(graveyard, given)) ||
    !isOfOneType ||
    !isParkable
  );
}

const refusalsMoveNothing: Interest = {
  name: 'refusals-move-nothing',
  quotes: 'the queue has no tag `runbook:redrive`',
  end: ({ requests }, given) =>
    graveyardsIn(given)
      .filter((graveyard) => isForbidden(graveyard, given))
      .flatMap(({ name }) => {
        const received = requests.find(
          ({ call, input }) => call === 'sqs:ReceiveMessage' && nameIn(String(input['QueueUrl'])) === name,
        );
        return received === undefined ? [] : [`letters of ${name} were received at ${received.at}`];
      }),
};

/** Of whom no queue of a world is one. */
const PREFLIGHT =
  /^(?:not-tagged|unreadable-setting|ordered|has-dead-letters-itself|no-sources|target-not-tagged|too-many-sources|no-parking|parking-in-use|gone)\b/u;

const refusedForAReason: Interest = {
  name: 'refused-for-a-reason',
  quotes: 'a tag cannot be read; it is named',
  end: ({ results }, given) =>
    results.flatMap(({ result: { target, reason } }) => {
      const graveyard = graveyardsIn(given).find(({ name }) => name === nameIn(target ?? ''));
      const isTouched = graveyard === undefined || given.touches(`sqs/Queues/${graveyard.name}/Tags`);
      if (isTouched || !PREFLIGHT.test(reason) || isForbidden(graveyard, given)) return [];
      return [`nothing stands against moving letters of ${graveyard.name}, and it was told: ${reason}`];
    }),
};

/** What began so late has not had its time. */
const LATE_MS = 600_000;

function openRuns({ executions }: SimulationEnd, given: Given): SimulationEnd['executions'] {
  return executions.filter(
    ({ runbook, endedAt, startedAt }) =>
      runbook === RUNBOOK && endedAt === undefined && given.endMs - Date.parse(startedAt) > LATE_MS,
  );
}

const eachComesToAnEnd: Interest = {
  name: 'each-comes-to-an-end',
  quotes: 'what a run has begun within the hour and not come to an end with is finished',
  end: (end, given) =>
    openRuns(end, given).map(
      ({ name, startedAt }) => `${name} began at ${startedAt}, and goes on when all should be over`,
    ),
};

/** What every runbook says of a request that it cannot read, and of a call that AWS refuses or does not answer. */
const OF_ALL: ReadonlySet<string> = new Set(['bad-input', 'terminal-error', 'retryable-error', 'access-denied']);
/** An error of AWS's own is told by its name, of which there are hundreds. */
const OF_AWS = /-(?:exception|error|fault|unavailable)$/u;
const PAGE = readFileSync(new URL('../../../functions/redrive-dead-letters/README.md', import.meta.url), 'utf8');

const codesAreOnThePage: Interest = {
  name: 'codes-are-on-the-page',
  quotes: 'Done: `redriven`',
  end: ({ results }) => {
    const codes = results.map(({ result: { reason } }) => reason.split(':')[0] ?? '');
    return [...new Set(codes)]
      .filter((code) => !OF_ALL.has(code) && !OF_AWS.test(code) && !PAGE.includes(`\`${code}\``))
      .map((code) => `${code} stands on no page`);
  },
};

export const OF_TELLING: readonly Interest[] = [
  numbersAddUp,
  toldIsWhatHappened,
  refusalsMoveNothing,
  refusedForAReason,
  eachComesToAnEnd,
  codesAreOnThePage,
];
