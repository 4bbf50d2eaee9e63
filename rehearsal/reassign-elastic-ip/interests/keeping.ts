/** What people have at stake besides the moves: their tags, their instances, their groups' hooks, and to be told. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { list, part, records, text } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import { tagOf } from '../../records.ts';
import { isHookOf, Unanswered, type Waiting } from '../../worlds/hooks.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import {
  changesBy,
  dryRunsChangeNothing,
  finishedChangesBy,
  idsIn,
  isStoppedBy,
  nothingWhileSwitchedOff,
  tellings,
} from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { flawOf, isAlarmed } from '../holders.ts';
import { addresses, VIP } from '../moves.ts';
import { isReadable } from '../places.ts';

const RUNBOOK = 'reassign-elastic-ip';
const OTHERS: readonly string[] = ['carry-volumes'];
const STATUS_TAGS: ReadonlySet<string> = new Set(['runbook:moved-at', 'runbook:moves', 'runbook:quarantined']);
const FENCES: ReadonlySet<string> = new Set(['best-effort', 'required']);
/** A holder that has been well for so long is not fenced for what was seen of it before. */
const WELL_SECONDS = 30;

function movesSent(end: SimulationEnd, given: Given): readonly LoggedRequest[] {
  return finishedChangesBy(end, given, RUNBOOK).filter(
    (request) => request.call === 'ec2:AssociateAddress' && tookEffect(request) && request.error === undefined,
  );
}

function hasMove(detail: Shape, { input }: LoggedRequest): boolean {
  return list(detail, 'plan').some((planned) => {
    const planInput = planned['input'];
    return (
      planned['call'] === 'ec2:AssociateAddress' &&
      isRecord(planInput) &&
      planInput['NetworkInterfaceId'] === input['NetworkInterfaceId'] &&
      planInput['PrivateIpAddress'] === input['PrivateIpAddress']
    );
  });
}

const everyMoveIsTold: Interest = {
  name: 'every-move-is-told',
  quotes: 'Every outcome carries the request that moves the address back',
  end: (end, given) => {
    const details = tellings(end);
    return movesSent(end, given)
      .filter((sent) => {
        const id = `/${String(sent.input['AllocationId'])}`;
        return !details.some((detail) => String(detail['target']).endsWith(id) && hasMove(detail, sent));
      })
      .map(({ input, at }) => `nothing tells that ${String(input['AllocationId'])} was moved at ${at}`);
  },
};

function taggedWith({ input }: LoggedRequest): readonly string[] {
  return list(input, 'Tags').map((tag) => String(tag['Key']));
}

const onlyStatusTags: Interest = {
  name: 'only-status-tags-are-written',
  quotes: 'status tags only',
  end: (end) =>
    changesBy(end, RUNBOOK)
      .filter(({ call }) => call === 'ec2:CreateTags' || call === 'ec2:DeleteTags')
      .flatMap((request) =>
        taggedWith(request)
          .filter((key) => !STATUS_TAGS.has(key))
          .map((key) => `${request.call} of ${key} on ${idsIn(request.input, 'Resources').join(', ')}`),
      ),
};

/** The wish for a fence, read as settings are: without the blanks around it. */
function fenceOf(address: Shape): string {
  return (tagOf(address, 'runbook:fence') ?? '').trim();
}

/** Whether an address of the instance's name has a fence, or may have had one: by the end people may have changed names and fences. */
function isFenced(world: World, instanceId: string, given: Given): boolean {
  const name = tagOf(
    records(world, 'Instances').find((one) => one['InstanceId'] === instanceId),
    VIP,
  );
  const mayHaveBeenOther = name === undefined || given.touches(`ec2/Instances/${instanceId}/Tags/${VIP}`);
  return addresses(world).some((address) => {
    const tags = `ec2/Addresses/${text(address, 'AllocationId') ?? ''}/Tags`;
    const isFence = FENCES.has(fenceOf(address)) || given.touches(`${tags}/runbook:fence`);
    const isOfName = mayHaveBeenOther || tagOf(address, VIP) === name || given.touches(`${tags}/${VIP}`);
    return isFence && isOfName;
  });
}

const fencedOnlyByTag: Interest = {
  name: 'nobody-is-stopped-without-a-fence',
  quotes: 'only with `runbook:fence`',
  end: (end, given) =>
    changesBy(end, RUNBOOK)
      .filter(({ call }) => call === 'ec2:StopInstances')
      .flatMap(({ input, at }) =>
        idsIn(input, 'InstanceIds')
          .filter((id) => !isFenced(end.world, id, given))
          .map((id) => `${id} was stopped at ${at}, and no address of its name has a fence`),
      ),
};

const neverStopsTheWell: Interest = {
  name: 'nobody-who-is-well-is-stopped',
  quotes: 'with a fence the old holder is stopped',
  watch: (given) => {
    const well = new Since();
    const stopping = new Set<string>();
    return (world, _told, sent) => {
      const now = world.clock.now();
      let fault: string | undefined;
      for (const instance of records(world, 'Instances')) {
        const id = text(instance, 'InstanceId') ?? '';
        const isStopping = text(part(instance, 'State'), 'Name')?.startsWith('stop') === true;
        const isNew = isStopping && !stopping.has(id);
        if (isStopping) stopping.add(id);
        else stopping.delete(id);
        const isUnasked = isNew && !given.isAskedFor(RUNBOOK, now, 180) && isStoppedBy(RUNBOOK, id, sent, now);
        if (isUnasked && !isGivenBack(world, id) && well.hasHeld(id, given.allowing(WELL_SECONDS), now))
          fault ??= `${id} was stopped, and had been well`;
      }
      well.look(wellInstances(world), now);
      return fault;
    };
  },
};

/** The address goes back to who comes before, by the wish of people, who want its holder down first, well or not. */
function isGivenBack(world: World, instanceId: string): boolean {
  return addresses(world).some(
    (address) =>
      text(address, 'InstanceId') === instanceId &&
      fenceOf(address) === 'required' &&
      tagOf(address, 'runbook:failback-minutes') !== undefined,
  );
}

/** Instances with nothing against them, also those with volumes to carry. */
function wellInstances(world: World): readonly string[] {
  return records(world, 'Instances').flatMap((instance) => {
    const id = text(instance, 'InstanceId') ?? '';
    return flawOf(world, id) === undefined && !isAlarmed(world, id) ? [id] : [];
  });
}

/** Whether a hook that waits is one that the page promises to answer. */
function isPromised(world: World, given: Given, waiting: Waiting): boolean {
  const now = world.clock.now();
  const group = world
    .records('auto-scaling', 'AutoScalingGroups')
    .find((one) => one['AutoScalingGroupName'] === waiting.group);
  const name = tagOf(group, VIP);
  if (name === undefined || tagOf(group, 'runbook:volumes') !== undefined) return false;
  const own = addresses(world).filter((address) => tagOf(address, VIP) === name);
  if (own.length === 0 || !own.every(isReadable)) return false;
  return !given.isSwitchedOff(now, 600) && isHookOf(world, RUNBOOK, OTHERS, waiting);
}

const leavingIsAnswered: Interest = {
  name: 'who-leaves-is-let-go',
  quotes: 'a leaving holder hands over first, and with no candidate is let go at once',
  watch: (given) => {
    const unanswered = new Unanswered();
    return (world) => {
      const [first] = unanswered
        .look(world)
        .filter((waiting) => waiting.transition === 'terminating' && isPromised(world, given, waiting));
      return first === undefined ? undefined : `hook ${first.hook} of ${first.instanceId} ran out unanswered`;
    };
  },
};

/** What is at stake besides the moves. */
export const OF_THE_REST: readonly Interest[] = [
  everyMoveIsTold,
  onlyStatusTags,
  fencedOnlyByTag,
  neverStopsTheWell,
  leavingIsAnswered,
  nothingWhileSwitchedOff(RUNBOOK, 'switched off', 'proceeds'),
  dryRunsChangeNothing(RUNBOOK, '`"dryRun": true` in a request to the function does the same'),
];
