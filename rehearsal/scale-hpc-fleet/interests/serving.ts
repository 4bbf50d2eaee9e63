/** What people have at stake in their jobs and their money: a gang for each job that can have one, and none that is too many for long. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list, part, show, text } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { idsIn } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { BOOTED_SECONDS } from '../worlds/gangs.ts';
import { roomOn } from './room.ts';
import {
  Answered,
  beginningOf,
  fleetsIn,
  knownGangs,
  isOff,
  launchesIn,
  notedUp,
  Now,
  RUNBOOK,
  TERMINATE,
  type Fleet,
  workersIn,
  type Gang,
} from './scene.ts';

/** A job more than gangs, whatever they are at. */
function isShort({ jobs = 0, gangs }: Fleet): boolean {
  return jobs > gangs.length;
}

/** Its nodes attest in time that they can work, or need not. */
function canAttest({ attest, queue }: Fleet, given: Given): boolean {
  if (attest === undefined) return true;
  const worker = workersIn(given).find((one) => one['queue'] === queue);
  const [, count = 'none', unit] = /^PT(\d+)([SM])$/u.exec(text(worker, 'attests') ?? '') ?? [];
  const seconds = Number(count) * (unit === 'M' ? 60 : 1);
  // A launch may be sent twice, and is looked at once a minute.
  return worker?.['attestFault'] === undefined && bootSecondsIn(given) + seconds + 120 < attest;
}

/** Everything is there for one gang more. */
function canBeServed(world: World, fleet: Fleet, isRight: boolean, given: Given): boolean {
  const { fault, size = 1, most = 0, nodes, rungs = [] } = fleet;
  if (fault !== undefined || !canAttest(fleet, given) || !isRight || !isShort(fleet) || nodes + size > most)
    return false;
  return rungs.some((rung) => roomOn(world, rung) >= size);
}

/** A count that has settled, and two ticks. */
const AT_ONCE_SECONDS = 240;
/** The longest that a closed rung is left alone, and then the same. */
const CLOSED_SECONDS = 955 + AT_ONCE_SECONDS;

/** Security groups that templates name are there and open, their interfaces such as EC2 gives an instance, and they say nothing beside the ladder. */
function isFabricRight({ case: { world } }: Given, id: string): boolean {
  const { ec2 } = world;
  const versions = isRecord(ec2) ? list(ec2, 'LaunchTemplateVersions') : [];
  return versions
    .filter((version) => version['LaunchTemplateId'] === id)
    .every((version) => {
      const interfaces = list(part(version, 'LaunchTemplateData'), 'NetworkInterfaces');
      return (
        !/sg-0(?:gone|noin|noout)/u.test(JSON.stringify(interfaces)) && isLaidOut(interfaces) && !oversteps(version)
      );
    });
}

/** What a rung may contradict, or what makes each node look as if a job were there. */
function oversteps(version: Shape): boolean {
  const data = part(version, 'LaunchTemplateData');
  return OVERSTEPS.some((member) => data[member] !== undefined);
}

const OVERSTEPS = ['InstanceMarketOptions', 'CapacityReservationSpecification', 'DisableApiTermination', 'Placement'];

/** Each in a place of its own, the first with an address, a public one only by itself, and one EFA interface for each card. */
function isLaidOut(interfaces: readonly Shape[]): boolean {
  const cardOf = (one: Shape): number => Number(one['NetworkCardIndex'] ?? 0);
  const places = interfaces.map((one) => `${cardOf(one)}/${Number(one['DeviceIndex'] ?? 0)}`);
  const first = interfaces[places.indexOf('0/0')];
  const efa = interfaces.filter((one) => show(one['InterfaceType']).startsWith('efa')).map(cardOf);
  return (
    new Set(places).size === places.length &&
    new Set(efa).size === efa.length &&
    (interfaces.length === 0 || (first !== undefined && first['InterfaceType'] !== 'efa-only')) &&
    (interfaces.length < 2 || interfaces.every((one) => one['AssociatePublicIpAddress'] !== true))
  );
}

/** Launches of a fleet that were refused, and those that were not. */
function launchesOf(sent: readonly LoggedRequest[], id: string): { readonly came: number; readonly refused: boolean } {
  const own = launchesIn(sent);
  const came = own.filter(
    (request) => tookEffect(request) && part(request.input, 'LaunchTemplate')['LaunchTemplateId'] === id,
  ).length;
  return { came, refused: own.some(({ error }) => error !== undefined) };
}

const jobsGetGangs: Interest = {
  name: 'a-job-that-can-be-served-gets-a-gang',
  quotes: '**Gangs that are missing are asked for**',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    const isRight = new Map<string, boolean>();
    return (world, _told, sent) => {
      if (!due.isDue(world)) return undefined;
      const now = world.clock.now();
      const waiting = isOff(given, now)
        ? []
        : fleetsIn(world, given, sent).filter((fleet) => {
            const known = isRight.get(fleet.id) ?? isFabricRight(given, fleet.id);
            isRight.set(fleet.id, known);
            return canBeServed(world, fleet, known, given);
          });
      const lots = waiting.map((fleet) => ({ fleet, ...launchesOf(sent, fleet.id) }));
      const lotKey = ({ fleet, came }: (typeof lots)[number]): string => `${fleet.id}/${came}`;
      since.look(lots.map(lotKey), now);
      const late = lots.find((lot) => {
        // A boot that never ends is no refusal that the log shows; and what EC2 does not show at first counts for five minutes.
        const hasFailed = lot.refused || bootSecondsIn(given) >= NEVER_UP_AFTER_SECONDS;
        const isUnseen = beginningOf(given).some(({ id }) => !lot.fleet.gangs.some((gang) => gang.id === id));
        return since.hasHeld(
          lotKey(lot),
          given.allowing(hasFailed || isUnseen ? CLOSED_SECONDS : AT_ONCE_SECONDS),
          now,
        );
      });
      return late === undefined
        ? undefined
        : `${late.fleet.id} has ${late.fleet.jobs} jobs and ${late.fleet.gangs.length} gangs, and there is room and capacity for one more`;
    };
  },
};

const NEVER_UP_AFTER_SECONDS = 1_800;

/** A gang that could be ended: nobody is at work there, and all is known of it. */
function isIdle(gang: Gang, { queue, size, attest }: Fleet, noted: ReadonlyMap<string, number>): boolean {
  const isUp = attest === undefined || gang.record === 'up' || noted.has(gang.id);
  return (
    isUp && gang.isRunning && !gang.isHeld && gang.record !== 'damaged' && gang.queue === queue && gang.size === size
  );
}

/** The tick that notes that it is up, those that see it idle, and what EC2 would not end for ten minutes. */
const SEEN_SECONDS = 240;
const KEPT_SECONDS = 660;

function bootSecondsIn({ case: { world } }: Given): number {
  const [, seconds = '60'] = /"PendingSeconds":(\d+)/u.exec(JSON.stringify(world['ec2'])) ?? [];
  return Number(seconds);
}

/** As long as `auto` may be: what has come up since may have taken long. */
function autoSeconds(given: Given, { id: fleet }: Fleet, sent: readonly LoggedRequest[]): number {
  const known = knownGangs(given, sent);
  const took = [...notedUp(sent)].flatMap(([id, ms]) => {
    const gang = known.get(id);
    return gang?.fleet === fleet ? [(ms - gang.askedMs) / 1_000] : [];
  });
  return Math.max(300, BOOTED_SECONDS, bootSecondsIn(given) + 180, ...took);
}

const idleGangsGo: Interest = {
  name: 'a-gang-that-is-too-many-goes',
  quotes: 'when they have been so for `runbook:idle-seconds` and nobody works there',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    let refusedMs = Number.NEGATIVE_INFINITY;
    const answered = new Answered();
    return (world, _told, sent) => {
      const now = world.clock.now();
      if (answered.look(sent, TERMINATE).some(({ error }) => error !== undefined)) refusedMs = now;
      if (!due.isDue(world)) return undefined;
      const idle = isOff(given, now)
        ? []
        : fleetsIn(world, given, sent).flatMap((fleet) => {
            const { jobs, gangs, id } = fleet;
            const candidates = gangs.filter((gang) => isIdle(gang, fleet, notedUp(sent)));
            const serving = gangs.filter(
              (gang) => gang.isWhole && gang.queue === fleet.queue && gang.size === fleet.size,
            );
            if (jobs === undefined || serving.length <= jobs || candidates.length === 0) return [];
            return [{ fleet, key: `${id}/${fleet.queue}/${fleet.size}/${serving.length}` }];
          });
      since.look(
        idle.map(({ key }) => key),
        now,
      );
      if (now - refusedMs < KEPT_SECONDS * 1_000) return undefined;
      const late = idle.find(({ fleet, key }) => {
        const seconds = typeof fleet.idle === 'number' ? fleet.idle : autoSeconds(given, fleet, sent);
        return since.hasHeld(key, given.allowing(seconds + SEEN_SECONDS), now);
      });
      return late === undefined
        ? undefined
        : `${late.fleet.id} has more gangs than its ${late.fleet.jobs} jobs for longer than ${late.fleet.idle} s and four minutes`;
    };
  },
};

/** How many gangs there were more than jobs, from when on. */
interface Surplus {
  readonly ms: number;
  readonly count: number;
}

/** Gangs that a call ends, of those that do jobs as they are now. */
function endedBy(
  request: LoggedRequest,
  before: Fleet | undefined,
  noted: ReadonlyMap<string, number>,
): readonly Gang[] {
  const ids = new Set(idsIn(request.input, 'InstanceIds'));
  const { gangs = [], queue, size } = before ?? {};
  return gangs.filter(
    ({ id, nodes, isRunning, queue: of, size: nodesOf, record }) =>
      isRunning &&
      // One that never came up goes for another reason.
      (record === 'up' || noted.has(id)) &&
      of === queue &&
      nodesOf === size &&
      record !== 'over' &&
      record !== 'ending' &&
      nodes.some((one) => ids.has(show(one['InstanceId']))),
  );
}

/** A look may be older than its call; and counts are a little older than that. */
const SLACK_SECONDS = 90;

/** Between two looks. */
const TICK_MS = 60_000;

/** What has been of one fleet, as far back as its gangs are kept. */
class Past {
  readonly #surpluses: Surplus[] = [];
  readonly #ends: number[] = [];

  note(count: number, ms: number): void {
    if (this.#surpluses.at(-1)?.count !== count) this.#surpluses.push({ ms, count });
  }

  ended(ms: number): void {
    this.#ends.push(ms);
  }

  /** Whether all that were ended within so many seconds before now had been too many for all of that time. */
  isLongEnough(seconds: number, now: number): boolean {
    const from = now - seconds * 1_000;
    const ends = this.#ends.filter((ms) => ms > from);
    const within = this.#surpluses.filter(({ ms }, index) => {
      const until = this.#surpluses[index + 1]?.ms ?? now;
      // What is over before the next tick no look has seen: a job that comes as another ends.
      return until > from && until - ms >= TICK_MS;
    });
    return within.every(({ count, ms }) => count + ends.filter((end) => end <= ms).length >= ends.length);
  }
}

const keptLongEnough: Interest = {
  name: 'a-gang-is-kept-for-its-seconds',
  quotes: 'so long a gang for which there is no job is kept',
  watch: (given) => {
    const [due, answered] = [new Now(), new Answered()];
    const pasts = new Map<string, Past>();
    let before: readonly Fleet[] = [];
    return (world, _told, sent) => {
      const now = world.clock.now();
      const ending = answered.look(sent, TERMINATE).filter(tookEffect);
      const found = ending.flatMap((request) =>
        before.flatMap((fleet) => endedBy(request, fleet, notedUp(sent)).map((gang) => ({ fleet, gang, request }))),
      );
      for (const { fleet } of found) pasts.get(keyOf(fleet))?.ended(now);
      const early = found.find(({ fleet }) => {
        const isChanged = given.touches(`ec2/LaunchTemplates/${fleet.id}`);
        // A person has asked for it.
        if (typeof fleet.idle !== 'number' || isChanged || given.isAskedFor(RUNBOOK, now, 900)) return false;
        const seconds = fleet.idle - SLACK_SECONDS;
        return seconds > 0 && pasts.get(keyOf(fleet))?.isLongEnough(seconds, now) === false;
      });
      if (due.isDue(world)) before = fleetsIn(world, given, sent);
      for (const fleet of before) note(pasts, fleet, now);
      return early === undefined
        ? undefined
        : `gang ${early.gang.id} of ${early.fleet.id} was ended, and was not too many for ${early.fleet.idle} s`;
    };
  },
};

function keyOf({ id, queue, size }: Fleet): string {
  return `${id}/${queue}/${size}`;
}

function note(pasts: Map<string, Past>, fleet: Fleet, now: number): void {
  const past = pasts.get(keyOf(fleet)) ?? new Past();
  pasts.set(keyOf(fleet), past);
  const serving = fleet.gangs.filter(
    ({ isWhole, isHeld, queue, size }) => (isWhole || isHeld) && queue === fleet.queue && size === fleet.size,
  );
  past.note(serving.length - (fleet.jobs ?? 0), now);
}

/** What people have at stake in being served, and in what it costs. */
export const OF_SERVING: readonly Interest[] = [jobsGetGangs, idleGangsGo, keptLongEnough];
