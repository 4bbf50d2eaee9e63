/** What people have at stake in the gate: nothing for EFA that cannot pass, no job for nodes that cannot work, and no group that is left over. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list, part, records, show, stateOf, text } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Interest } from '../../worlds/interest.ts';
import { idsIn } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { tokensBefore } from './launches.ts';
import {
  Answered,
  fleetsIn,
  isOff,
  knownGangs,
  LAUNCH,
  launchesIn,
  Now,
  OWN_GROUP,
  RUNBOOK,
  terminationsIn,
  workersIn,
} from './scene.ts';

/** Whether one of these groups lets all traffic in from one of them, and one out to one. */
function isOpen(ids: readonly string[], world: World): boolean {
  const own = records(world, 'SecurityGroups').filter((group) => ids.includes(show(group['GroupId'])));
  const lets = (member: string): boolean =>
    own.some((group) =>
      list(group, member).some(
        (rule) =>
          rule['IpProtocol'] === '-1' &&
          list(rule, 'UserIdGroupPairs').some((pair) => ids.includes(show(pair['GroupId']))),
      ),
    );
  return lets('IpPermissions') && lets('IpPermissionsEgress');
}

function groupsIn({ Groups }: Shape): readonly string[] {
  return Array.isArray(Groups) ? Groups.map(String) : [];
}

const nothingWithoutEfa: Interest = {
  name: 'nothing-is-launched-where-a-group-keeps-efa-out',
  quotes: 'Something that is wrong with the fleet (a security group that keeps EFA out, an image that is none) refuses',
  watch: (given) => {
    const answered = new Answered();
    return (world, _told, sent) => {
      const launches = answered.look(sent, LAUNCH);
      if (launches.length === 0) return undefined;
      // What was asked for before is asked for again in the same words.
      const old = tokensBefore(given, sent, 0);
      const shut = launches
        .filter(({ input }) => !old.has(show(input['ClientToken'])))
        .flatMap(({ input }) => list(input, 'NetworkInterfaces'))
        .filter(({ InterfaceType: type }) => show(type).startsWith('efa'))
        .find((one) => !isOpen(groupsIn(one), world));
      return shut === undefined ? undefined : `a gang was asked for, and ${groupsIn(shut).join(', ')} keeps EFA out`;
    };
  },
};

const noJobForTheUnfit: Interest = {
  name: 'who-cannot-work-is-given-no-job',
  quotes: 'A gang whose gate is shut goes whole, before any job.',
  watch: (given) => {
    const queues = new Set(
      workersIn(given)
        .filter((one) => one['attestFault'] !== undefined)
        .map(({ queue }) => queue),
    );
    return (world, _told, sent) => {
      if (queues.size === 0) return undefined;
      const known = knownGangs(given, sent);
      const held = world
        .records('workers', 'Workers')
        .filter(({ queue }) => queues.has(queue))
        .flatMap((worker) => list(worker, 'holds'))
        .find(({ gang }) => known.get(show(gang))?.record === 'asked');
      return held === undefined ? undefined : `gang ${show(held['gang'])} has a job, and its nodes cannot work`;
    };
  },
};

/** So many gangs that cannot work are launched one after the other. */
const MOST_IN_A_ROW = 2;

/** Launches of a gang each, and when it was to end. */
function roundsOf(launches: readonly LoggedRequest[], endedAt: ReadonlyMap<string, string>): number {
  let [rounds, firstEnd] = [0, ''];
  for (const { input, at } of launches) {
    if (rounds === 0 || (firstEnd !== '' && at > firstEnd)) [rounds, firstEnd] = [rounds + 1, ''];
    const end = endedAt.get(show(input['ClientToken']));
    if (end !== undefined && (firstEnd === '' || end < firstEnd)) firstEnd = end;
  }
  return rounds;
}

const fewInARow: Interest = {
  name: 'no-more-than-two-that-cannot-work',
  quotes: 'One more is tried; when that fails as well nothing is launched any more',
  end: ({ requests, world }, given) => {
    const unfit = new Set(
      workersIn(given)
        .filter((one) => one['attestFault'] !== undefined)
        .map(({ queue }) => show(queue)),
    );
    if (unfit.size === 0 || given.case.arrivals.some(({ event }) => event['runbook'] === RUNBOOK)) return [];
    const tokens = new Map(
      records(world, 'Instances').map((one) => [show(one['InstanceId']), text(one, 'ClientToken') ?? '']),
    );
    const endedAt = new Map(
      terminationsIn(requests).flatMap(({ input, at }) =>
        idsIn(input, 'InstanceIds').map((id): [string, string] => [tokens.get(id) ?? '', at]),
      ),
    );
    const came = launchesIn(requests).filter(tookEffect);
    const firsts = [...new Map(came.toReversed().map((one) => [show(one.input['ClientToken']), one])).values()];
    const lots = Map.groupBy(firsts.toReversed(), ({ input }) =>
      show(part(input, 'LaunchTemplate')['LaunchTemplateId']),
    );
    return [...lots].flatMap(([id, of]) => {
      const isMeant = records(world, 'LaunchTemplates').some(
        (one) =>
          one['LaunchTemplateId'] === id &&
          list(one, 'Tags').some(({ Key }) => Key === 'runbook:attest') &&
          list(one, 'Tags').some(({ Key, Value }) => Key === 'runbook:hpc-queue' && unfit.has(show(Value))),
      );
      if (!isMeant || given.touches(`ec2/LaunchTemplates/${id}`)) return [];
      const rounds = roundsOf(of, endedAt);
      return rounds > MOST_IN_A_ROW ? [`${id} has launched ${rounds} times, and no gang of it could work`] : [];
    });
  },
};

/** What is asked for and does not show is waited for so long, and what has gone is noted within two looks. */
const [UNSEEN_SECONDS, GONE_SECONDS] = [1_800 + 400, 400];

const ownGroupsGo: Interest = {
  name: 'own-groups-go-with-their-gangs',
  quotes: 'the same, once the last node of its gang has gone',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    return (world, _told, sent) => {
      if (!due.isDue(world)) return undefined;
      const now = world.clock.now();
      const groups = records(world, 'PlacementGroups').map((one) => show(one['GroupName']));
      const own = groups.filter((name) => name.startsWith(OWN_GROUP)).map((name) => name.slice(OWN_GROUP.length));
      if (own.length === 0) return undefined;
      const all = knownGangs(given, sent);
      const fleets = isOff(given, now) ? [] : fleetsIn(world, given, sent);
      const byToken = Map.groupBy(records(world, 'Instances'), (one) => text(one, 'ClientToken') ?? '');
      const left = own.flatMap((id) => {
        const gang = all.get(id);
        const nodes = byToken.get(id) ?? [];
        const fleet = fleets.find(
          (one) => one.id === gang?.fleet && one.queue === gang.queue && one.fault === undefined,
        );
        if (gang === undefined || fleet === undefined || nodes.some((one) => stateOf(one) !== 'terminated')) return [];
        return [{ id, seconds: nodes.length > 0 ? GONE_SECONDS : UNSEEN_SECONDS }];
      });
      since.look(
        left.map(({ id }) => id),
        now,
      );
      const late = left.find(({ id, seconds }) => since.hasHeld(id, given.allowing(seconds), now));
      return late === undefined ? undefined : `gang ${late.id} has gone, and its placement group is there for minutes`;
    };
  },
};

/** What people have at stake in the gate, and in placement groups of one gang each. */
export const OF_GATE: readonly Interest[] = [nothingWithoutEfa, noJobForTheUnfit, fewInARow, ownGroupsGo];
