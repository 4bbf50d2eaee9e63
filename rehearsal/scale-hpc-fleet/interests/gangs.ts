/** What people have at stake in their gangs: that they go whole, that nobody at work is ended, that others' instances are left alone. */

import type { World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { records, show, text } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { changesBy, idsIn, named, watching } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { INVARIANTS } from '../invariants.ts';
import {
  Answered,
  fleetsIn,
  isOff,
  isPresent,
  knownGangs,
  LAUNCH,
  Now,
  OWN_GROUP,
  RUNBOOK,
  TERMINATE,
  terminationsIn,
  type Gang,
} from './scene.ts';

/** Two ticks, and what a run and EC2 take. */
const PART_LASTS_SECONDS = 200;
/** What was just asked for, or was refused to be ended, is left alone so long. */
const LEFT_ALONE_SECONDS = 660;

/** What EC2 would not end lately, for somebody protected it: by the gang. */
function keptLately(sent: readonly LoggedRequest[], nowMs: number): ReadonlySet<string> {
  const refused = terminationsIn(sent).filter(
    ({ error, at }) => error === 'OperationNotPermitted' && nowMs - Date.parse(at) < LEFT_ALONE_SECONDS * 1_000,
  );
  return new Set(refused.flatMap(({ input }) => idsIn(input, 'InstanceIds')));
}

/** It is nobody's doing that it stands so: who made it is heard of later, or nobody may end it now. */
function isExcused(gang: Gang, kept: ReadonlySet<string>, nowMs: number): boolean {
  const isYoung = gang.record !== 'up' && nowMs - gang.askedMs < LEFT_ALONE_SECONDS * 1_000;
  return (
    gang.isHeld || gang.record === 'damaged' || isYoung || gang.nodes.some((one) => kept.has(show(one['InstanceId'])))
  );
}

const noPartLasts: Interest = {
  name: 'no-part-of-a-gang-lasts',
  quotes:
    'A gang that has lost a node, or has not come up within half an hour, goes whole, unless somebody works there.',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    return (world, _told, sent) => {
      if (!due.isDue(world)) return undefined;
      const now = world.clock.now();
      const kept = keptLately(sent, now);
      const parts = isOff(given, now)
        ? []
        : fleetsIn(world, given, sent).flatMap(({ gangs }) =>
            gangs.filter((gang) => !gang.isWhole && !isExcused(gang, kept, now)),
          );
      since.look(
        parts.map(({ id }) => id),
        now,
      );
      const stuck = parts.find(({ id }) => since.hasHeld(id, given.allowing(PART_LASTS_SECONDS), now));
      return stuck === undefined
        ? undefined
        : `${stuck.nodes.length} of the ${stuck.size} nodes of gang ${stuck.id} are there for ${PART_LASTS_SECONDS} s and more`;
    };
  },
};

/** What is left of a gang of which some nodes were just terminated. */
function leftOver(world: World, request: LoggedRequest): string | undefined {
  const ids = new Set(idsIn(request.input, 'InstanceIds'));
  const all = records(world, 'Instances');
  const tokens = new Set(
    all.filter((one) => ids.has(show(one['InstanceId']))).flatMap((one) => text(one, 'ClientToken') ?? []),
  );
  const left = all.find(
    (one) => isPresent(one) && tokens.has(text(one, 'ClientToken') ?? '') && !ids.has(show(one['InstanceId'])),
  );
  return left === undefined ? undefined : show(left['InstanceId']);
}

const goesWhole: Interest = {
  name: 'a-gang-goes-by-one-call',
  quotes: 'it comes by one call or not at all, and goes by one call',
  watch: () => {
    const answered = new Answered();
    return (world, _told, sent) => {
      const left = answered
        .look(sent, TERMINATE)
        .filter(tookEffect)
        .flatMap((request) => leftOver(world, request) ?? []);
      return left.length === 0 ? undefined : `${left[0]} was left when the others of its gang were terminated`;
    };
  },
};

/** A look may be older than its call, by what a throttled minute takes. */
const LOOKED_SECONDS = 60;

const protectedIsNotAsked: Interest = {
  name: 'who-is-protected-is-left-alone',
  quotes: 'An on-demand node 0 that is protected against termination keeps its gang',
  watch: (given) => {
    const [due, since] = [new Now(), new Since()];
    let read = 0;
    return (world, _told, sent) => {
      const now = world.clock.now();
      const fresh = sent.slice(read).filter(({ call, runbook }) => call === TERMINATE && runbook === RUNBOOK);
      read = sent.length;
      if (fresh.length > 0 || due.isDue(world)) {
        const gangs = fleetsIn(world, given, sent).flatMap((fleet) => fleet.gangs);
        const firsts = gangs.flatMap(({ nodes: [first] }) => (first === undefined ? [] : [first]));
        since.look(
          firsts
            .filter(({ DisableApiTermination: flag }) => flag === true || isOn(flag))
            .map((one) => show(one['InstanceId'])),
          now,
        );
      }
      const wrong = fresh
        .flatMap(({ input }) => idsIn(input, 'InstanceIds'))
        .find((id) => since.hasHeld(id, given.allowing(LOOKED_SECONDS), now));
      return wrong === undefined ? undefined : `${wrong} was to be terminated, and is protected for a minute and more`;
    };
  },
};

function isOn(flag: unknown): boolean {
  return typeof flag === 'object' && flag !== null && 'Value' in flag && flag.Value === true;
}

const GROUP_CALLS: ReadonlySet<string> = new Set(['ec2:CreatePlacementGroup', 'ec2:DeletePlacementGroup']);

/** What each of the runbook's requests may be about. */
const onlyOwn: Interest = {
  name: 'nobody-elses-instances-are-touched',
  quotes: 'belong to no gang of the ledger are named (`ofNoGang`), count among the nodes, and are never ended',
  end: (end, given) => {
    const known = knownGangs(given, end.requests);
    const tokens = new Map(
      records(end.world, 'Instances').map((one) => [show(one['InstanceId']), text(one, 'ClientToken') ?? '']),
    );
    return changesBy(end, RUNBOOK).flatMap(({ call, input, at }) => {
      if (call === LAUNCH || (GROUP_CALLS.has(call) && known.has(show(input['GroupName']).slice(OWN_GROUP.length))))
        return [];
      if (call !== TERMINATE) return [`${call} was sent at ${at}`];
      const others = idsIn(input, 'InstanceIds').filter((id) => {
        const gang = known.get(tokens.get(id) ?? '');
        return tokens.has(id) && (gang === undefined || gang.record === 'damaged');
      });
      return others.map((id) => `${id} is of no gang that the ledger knows, and was terminated at ${at}`);
    });
  },
};

/** Whether a lease was closed before, or is as it was closed at first. */
function isClosed(gang: string, before: readonly LoggedRequest[], given: Given): boolean {
  const isWritten = before.some(
    ({ call, input }) =>
      call === 'ledger:write' &&
      input['partition'] === 'hpc-lease' &&
      input['key'] === gang &&
      JSON.stringify(input['value']).includes('"closed"'),
  );
  return isWritten || JSON.stringify(given.case.world['ledger']).includes(`"key":"${gang}","value":{"state":"closed"`);
}

function unfenced({ requests, world }: SimulationEnd, given: Given): readonly string[] {
  const spot = new Map(
    records(world, 'Instances')
      .filter((one) => one['InstanceLifecycle'] === 'spot')
      .map((one) => [show(one['InstanceId']), text(one, 'ClientToken') ?? '']),
  );
  return requests.flatMap((request, index) => {
    if (request.call !== TERMINATE || request.runbook !== RUNBOOK) return [];
    const [id = ''] = idsIn(request.input, 'InstanceIds');
    const gang = spot.get(id);
    if (gang === undefined || isClosed(gang, requests.slice(0, index), given)) return [];
    return [`gang ${gang} on Spot was to be terminated at ${request.at}, and its lease was not closed`];
  });
}

const spotIsFenced: Interest = {
  name: 'a-lease-on-spot-is-closed-first',
  quotes: 'closed before a gang on Spot is ended',
  end: unfenced,
};

/** What a worker on Spot has taken at first is not ended before it is over. */
const leasesHold: Interest = {
  name: 'a-taken-lease-keeps-its-gang',
  quotes: 'on Spot, which EC2 does not protect, a lease in the ledger does',
  end: (end, given) => {
    const known = knownGangs(given, end.requests);
    const tokens = new Map(
      records(end.world, 'Instances').map((one) => [show(one['InstanceId']), text(one, 'ClientToken') ?? '']),
    );
    return changesBy(end, RUNBOOK)
      .filter(({ call }) => call === TERMINATE)
      .flatMap(({ input, at }) => {
        const gangs = idsIn(input, 'InstanceIds').flatMap((id) => known.get(tokens.get(id) ?? '') ?? []);
        const taken = gangs.find(({ leasedUntilMs }) => leasedUntilMs > Date.parse(at));
        return taken === undefined ? [] : [`gang ${taken.id} was to be terminated at ${at}, and its lease is taken`];
      });
  },
};

/** What people have at stake in gangs that stand. */
export const OF_GANGS: readonly Interest[] = [
  noPartLasts,
  goesWhole,
  protectedIsNotAsked,
  onlyOwn,
  spotIsFenced,
  leasesHold,
  {
    name: 'who-works-is-left-alone',
    quotes: '**Whoever works is left alone.**',
    watch: watching(named(INVARIANTS, 'nobody-at-work-is-ended'), () => false),
  },
];
