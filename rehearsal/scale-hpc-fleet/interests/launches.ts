/** What people have at stake in launches: whole, no more than there are jobs and room, on the rungs of the ladder, and seldom in vain. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list, part, records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { named, watching } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { INVARIANTS } from '../invariants.ts';
import { saidRoom } from './room.ts';
import {
  Answered,
  fleetsIn,
  notedUp,
  OWN_GROUP,
  beginningOf,
  launchesIn,
  LAUNCH,
  Now,
  RUNBOOK,
  type Fleet,
  type Rung,
} from './scene.ts';

/** Whole gangs that do jobs as they are now. */
function fitting({ gangs, queue, size }: Fleet): number {
  return gangs.filter((gang) => gang.isWhole && gang.queue === queue && gang.size === size).length;
}

const noDoubleLaunch: Interest = {
  name: 'no-double-launch',
  quotes: "one for each message that waits or is in a worker's hands",
  watch: (given) => {
    const [due, most] = [new Now(), new Map<string, number>()];
    return (world, _told, sent) => {
      if (!due.isDue(world)) return undefined;
      const fleets = fleetsIn(world, given, sent);
      for (const fleet of fleets) {
        const key = `${fleet.id}/${fleet.queue}/${fleet.size}`;
        const before = most.get(key);
        most.set(key, Math.max(before ?? fitting(fleet), fleet.jobs ?? 0));
      }
      const wrong = fleets.find(
        (fleet) => fitting(fleet) > (most.get(`${fleet.id}/${fleet.queue}/${fleet.size}`) ?? 0),
      );
      return wrong === undefined
        ? undefined
        : `${wrong.id} has ${fitting(wrong)} gangs, and there were never so many jobs at once`;
    };
  },
};

/** Until what people have set is what a run has read. */
const SETTLES_SECONDS = 120;

const neverBeyondMost: Interest = {
  name: 'never-beyond-the-most-nodes',
  quotes: 'never beyond `runbook:max-nodes`',
  watch: (given) => {
    const [due, since, answered] = [new Now(), new Since(), new Answered()];
    const before = new Map<string, number>();
    return (world, _told, sent) => {
      const launches = answered.look(sent, LAUNCH).filter(tookEffect);
      if (launches.length === 0 && !due.isDue(world)) return undefined;
      const now = world.clock.now();
      const fleets = fleetsIn(world, given, sent);
      since.look(
        fleets.map(({ id, most }) => `${id}/${most}`),
        now,
      );
      const wrong = fleets.find(
        ({ id, most, nodes }) =>
          launches.some(({ input }) => part(input, 'LaunchTemplate')['LaunchTemplateId'] === id) &&
          nodes > (before.get(id) ?? 0) &&
          most !== undefined &&
          nodes > most &&
          (since.hasHeld(`${id}/${most}`, given.allowing(SETTLES_SECONDS), now) ||
            !given.touches(`ec2/LaunchTemplates/${id}`)),
      );
      for (const { id, nodes } of fleets) before.set(id, nodes);
      return wrong === undefined ? undefined : `${wrong.id} has ${wrong.nodes} nodes, and may have ${wrong.most}`;
    };
  },
};

const nothingBlindly: Interest = {
  name: 'nothing-is-launched-where-something-cannot-be-read',
  quotes: 'Gangs that are too many go meanwhile, none comes',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    let read = 0;
    return (world, _told, sent) => {
      const now = world.clock.now();
      const fresh = sent.slice(read).filter(({ call, runbook }) => call === LAUNCH && runbook === RUNBOOK);
      const first = read;
      read = sent.length;
      if (fresh.length > 0 || due.isDue(world)) {
        const faulty = fleetsIn(world, given, sent).filter(({ fault }) => fault !== undefined);
        since.look(
          faulty.map(({ id, fault }) => `${id}/${fault}`),
          now,
        );
      }
      if (fresh.length === 0) return undefined;
      const old = tokensBefore(given, sent, sent[first]?.index ?? 0);
      // What was asked for when all could be read is asked for again in the same words.
      const wrong = fresh
        .filter(({ input }) => !old.has(show(input['ClientToken'])))
        .flatMap(({ input }) => {
          const id = show(part(input, 'LaunchTemplate')['LaunchTemplateId']);
          return [...since.all()].filter(
            ([key, from]) => key.startsWith(`${id}/`) && now - from > given.allowing(SETTLES_SECONDS) * 1_000,
          );
        });
      return wrong.length === 0 ? undefined : `a gang was asked for, and ${wrong[0]?.[0]} cannot be read`;
    };
  },
};

/** Gangs that the ledger knew at first, or that were asked for before this request. */
export function tokensBefore(given: Given, sent: readonly LoggedRequest[], index: number): ReadonlySet<string> {
  const asked = launchesIn(sent).filter((request) => request.index < index);
  return new Set([...beginningOf(given).map(({ id }) => id), ...asked.map(({ input }) => show(input['ClientToken']))]);
}

function rungOf({ input }: LoggedRequest, world: World): Rung {
  const interfaces = list(input, 'NetworkInterfaces');
  const subnetId = text(interfaces[0], 'SubnetId') ?? text(input, 'SubnetId') ?? '';
  const target = part(part(input, 'CapacityReservationSpecification'), 'CapacityReservationTarget');
  return {
    instanceType: show(input['InstanceType']),
    subnetId,
    zone: zoneIn(world, subnetId),
    group: groupIn(text(part(input, 'Placement'), 'GroupName')),
    market: part(input, 'InstanceMarketOptions')['MarketType'] === 'spot' ? 'spot' : 'on-demand',
    reservation: text(target, 'CapacityReservationId'),
  };
}

/** A gang's own group is what its rung calls fresh. */
function groupIn(name: string | undefined): string | undefined {
  return name?.startsWith(OWN_GROUP) === true ? 'fresh' : name;
}

function zoneIn(world: World, subnetId: string): string {
  return show(records(world, 'Subnets').find((one) => one['SubnetId'] === subnetId)?.['AvailabilityZone']);
}

function keyOf({ instanceType, subnetId, group, market, reservation }: Rung): string {
  return [instanceType, subnetId, group, market, reservation].join('/');
}

/** EC2 has said no; a throttle is no answer. */
function isRefused({ error, fault }: LoggedRequest): boolean {
  return error !== undefined && fault === undefined && error !== 'RequestLimitExceeded' && error !== 'AbortError';
}

/** The longest that a rung is left alone, and the tick after it. */
const CLOSED_SECONDS = 955 + 120;

/** Of what came and never ran: half an hour later it counts as refused. */
const NEVER_UP_SECONDS = 1_800 + CLOSED_SECONDS;

const inOrder: Interest = {
  name: 'the-first-open-rung-is-taken',
  quotes: 'The first that EC2 has not refused lately is taken.',
  watch: (given) => {
    let read = 0;
    return (world, _told, sent) => {
      const fresh = sent.slice(read).filter(({ call, runbook }) => call === LAUNCH && runbook === RUNBOOK);
      const from = read;
      read = sent.length;
      if (fresh.length === 0) return undefined;
      const fleets = fleetsIn(world, given, sent);
      const old = tokensBefore(given, sent, 0);
      const wrong = fresh.flatMap((request) => {
        const fleet = fleets.find(({ id }) => id === part(request.input, 'LaunchTemplate')['LaunchTemplateId']);
        // What the ledger knew before is asked for in its own words.
        const isOld = old.has(show(request.input['ClientToken']));
        if (fleet?.rungs === undefined || isOld) return [];
        const key = keyOf(rungOf(request, world));
        const place = fleet.rungs.findIndex((rung) => keyOf(rung) === key);
        if (place === -1) return [`${key} is not in the ladder of ${fleet.id}`];
        const before = fleet.rungs.slice(0, place).filter((rung) => !isPassed(rung, request, world));
        const passed = before
          .map(keyOf)
          .find((each) => !isClosed(each, request, sent.slice(0, from + 1), world) && !wasInVain(each, request, given));
        return passed === undefined ? [] : [`${key} was tried for ${fleet.id}, and nothing was refused of ${passed}`];
      });
      return wrong[0];
    };
  },
};

/** What AWS says beforehand that there is no room for is passed, and what the template contradicts; EC2 is not asked. */
function isPassed(rung: Rung, { input }: LoggedRequest, world: World): boolean {
  return saidRoom(world, rung) < Number(input['MinCount']) || isContradicted(rung, input, world);
}

function isContradicted({ market, reservation }: Rung, input: Shape, world: World): boolean {
  const id = part(input, 'LaunchTemplate')['LaunchTemplateId'];
  const said = records(world, 'LaunchTemplateVersions').filter((version) => version['LaunchTemplateId'] === id);
  return said.some((version) => {
    const data = part(version, 'LaunchTemplateData');
    return (
      (market === 'on-demand' && data['InstanceMarketOptions'] !== undefined) ||
      (reservation === undefined && data['CapacityReservationSpecification'] !== undefined) ||
      part(data, 'Placement')['Tenancy'] === 'host'
    );
  });
}

function isClosed(key: string, { at }: LoggedRequest, before: readonly LoggedRequest[], world: World): boolean {
  const now = Date.parse(at);
  return before.some((other) => {
    if (other.call !== LAUNCH || keyOf(rungOf(other, world)) !== key) return false;
    const ago = (now - Date.parse(other.at)) / 1_000;
    // What was lost, or has not been answered, may have been refused; what came may never have run.
    return (
      ago <=
      (isRefused(other) || other.error !== undefined || other.answeredAt === undefined
        ? CLOSED_SECONDS
        : NEVER_UP_SECONDS)
    );
  });
}

/** What was coming up when the world began may have been ended without ever running. */
function wasInVain(key: string, { at }: LoggedRequest, given: Given): boolean {
  return (
    Date.parse(at) - given.beginMs <= NEVER_UP_SECONDS * 1_000 &&
    beginningOf(given).some(({ record, rung }) => record === 'launching' && rung !== undefined && keyOf(rung) === key)
  );
}

/** As the page says: after 55 seconds, then after twice as long each time, up to 16 minutes. */
const [FIRST_SECONDS, DOUBLINGS, LONGEST_SECONDS] = [55, 5, 955];

/** Refusals within so many seconds of the first, by so many fleets that do not know of one another's first. */
function mostRefusals(seconds: number, fleets: number): number {
  const doubled = Math.min(DOUBLINGS, Math.floor(Math.log2(1 + seconds / FIRST_SECONDS)));
  const rest = Math.max(0, seconds - FIRST_SECONDS * (2 ** DOUBLINGS - 1));
  return fleets + 1 + doubled + Math.floor(rest / LONGEST_SECONDS);
}

/** Where gangs have come up, and when: once anything has come of a rung, its waits begin anew. */
function cameUp(
  requests: readonly LoggedRequest[],
  world: World,
  given: Given,
): readonly { readonly rung: string; readonly ms: number }[] {
  const first = beginningOf(given).flatMap(({ id, rung }) => (rung === undefined ? [] : [[id, keyOf(rung)] as const]));
  const since = launchesIn(requests).map((one) => [show(one.input['ClientToken']), keyOf(rungOf(one, world))] as const);
  const rungs = new Map([...first, ...since]);
  return [...notedUp(requests)].map(([id, ms]) => ({ rung: rungs.get(id) ?? '', ms }));
}

const seldomInVain: Interest = {
  name: 'few-tries-where-there-is-nothing',
  quotes: 'A closed rung is tried again after 55 seconds, then after twice as long each time, up to 16 minutes',
  end: ({ requests, world }, given) => {
    const faults = given.case.surroundings.faults.length;
    const templates: unknown = world.records('ec2', 'LaunchTemplates').length + 1;
    const launches = requests.filter(({ call, runbook }) => call === LAUNCH && runbook === RUNBOOK);
    const lots = Map.groupBy(launches, (one) => `${show(one.input['MinCount'])} × ${keyOf(rungOf(one, world))}`);
    const came = cameUp(requests, world, given);
    return [...lots].flatMap(([key, of]) => {
      const row: LoggedRequest[] = [];
      const found: string[] = [];
      for (const request of of) {
        const from = Date.parse(row.at(-1)?.at ?? request.at);
        const hasCome = came.some(
          ({ rung, ms }) => key.endsWith(` ${rung}`) && ms >= from && ms <= Date.parse(request.at),
        );
        if (hasCome || tookEffect(request)) row.length = 0;
        if (tookEffect(request)) continue;
        if (isRefused(request)) row.push(request);
        const seconds = (Date.parse(request.at) - Date.parse(row[0]?.at ?? request.at)) / 1_000;
        if (row.length > mostRefusals(seconds, Number(templates)) + faults)
          found.push(`${key} was refused ${row.length} times in a row within ${seconds} s`);
      }
      return found.slice(0, 1);
    });
  },
};

const notInVain: Interest = {
  name: 'ec2-is-not-asked-for-what-it-never-gives',
  quotes: 'EC2 is not asked in vain',
  end: ({ requests }, given) => {
    const old = tokensBefore(given, requests, 0);
    return launchesIn(requests)
      .filter(({ error = '', fault, input }) => {
        return fault === undefined && error.startsWith('InvalidParameter') && !old.has(show(input['ClientToken']));
      })
      .map(({ error, input }) => `gang ${show(input['ClientToken'])} was asked for, and is an ${error}`);
  },
};

/** It has been asked for as Spot, so that its notices are looked for and its lease closed; or it is no Spot instance. */
const asTheRungSays: Interest = {
  name: 'what-comes-is-what-the-rung-says',
  quotes: '**What comes is what the rung says**',
  end: ({ requests, world }) =>
    launchesIn(requests)
      .filter(tookEffect)
      .flatMap(({ input }) => {
        const token = show(input['ClientToken']);
        const isSpot = input['InstanceMarketOptions'] !== undefined;
        const nodes = records(world, 'Instances').filter((node) => node['ClientToken'] === token);
        const other = nodes.find((node) => (node['InstanceLifecycle'] === 'spot') !== isSpot);
        return other === undefined
          ? []
          : [`${show(other['InstanceId'])} of gang ${token} is of another market than was asked for`];
      }),
};

const sameWords: Interest = {
  name: 'a-repeated-launch-is-the-same-call',
  quotes: 'a call whose reply was lost is sent again after a minute, in the same words, and gives the same nodes',
  end: ({ requests }) => {
    const launches = requests.filter(({ call, runbook }) => call === LAUNCH && runbook === RUNBOOK);
    const byToken = Map.groupBy(launches, ({ input }) => show(input['ClientToken']));
    return [...byToken].flatMap(([token, of]) => {
      const words = new Set(of.map(({ input }) => JSON.stringify(sorted(input))));
      return words.size < 2 ? [] : [`gang ${token} was asked for in ${words.size} different ways`];
    });
  },
};

function sorted(input: Shape): readonly (readonly [string, unknown])[] {
  return Object.entries(input).toSorted(([one], [other]) => one.localeCompare(other));
}

/** What people have at stake in launches. */
export const OF_LAUNCHES: readonly Interest[] = [
  noDoubleLaunch,
  neverBeyondMost,
  nothingBlindly,
  inOrder,
  seldomInVain,
  asTheRungSays,
  notInVain,
  sameWords,
  {
    name: 'all-or-none',
    quotes: '`MinCount` equals `MaxCount`, so EC2 launches all nodes or refuses.',
    watch: watching(named(INVARIANTS, 'all-or-none'), () => false),
  },
];
