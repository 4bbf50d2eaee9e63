import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Facts, SnapshotFacts, VolumeFacts } from '../../../functions/carry-volumes/decide.ts';
import { judge, said } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  attachment,
  group,
  groupFactsOf,
  leavingFacts,
  machine,
  settings,
  snapshot,
  volume,
} from './volume-facts.ts';
import { cases } from '../../share.ts';

const LABELS = [
  null,
  'carry-volumes/i-old',
  'carry-volumes/i-new',
  'carry-volumes/i-new/copy',
  'carry-volumes/i-gone/copy',
];
const DEVICES = ['/dev/sdf', '/dev/sdg'];

const seconds = fc.integer({ min: 0, max: 200_000 });

const anyVolume = fc
  .record({
    id: fc.constantFrom('vol-1', 'vol-2', 'vol-3', 'vol-4'),
    device: fc.constantFrom(...DEVICES),
    zone: fc.constantFrom('eu-west-1a', 'eu-west-1b'),
    run: fc.constantFrom(...LABELS),
    snapshotId: fc.constantFrom(null, 'snap-1', 'snap-2'),
    supersededAt: fc.option(seconds.map(ago)),
    holder: fc.constantFrom(null, 'i-old', 'i-new'),
    state: fc.constantFrom('attached', 'attaching', 'detaching', 'busy'),
    deleteOnTermination: fc.boolean(),
    unattached: fc.constantFrom('available', 'creating', 'error'),
    age: seconds,
  })
  .map(({ holder, state, deleteOnTermination, unattached, age, ...rest }): VolumeFacts =>
    volume({
      ...rest,
      createdAt: ago(age),
      state: holder === null ? unattached : 'in-use',
      attachments:
        holder === null
          ? []
          : [attachment(holder, { state, deleteOnTermination, device: rest.device, attachedAt: ago(age) })],
    }),
  );

const anySnapshot = fc
  .record({
    id: fc.constantFrom('snap-1', 'snap-2', 'snap-3'),
    volumeId: fc.constantFrom('vol-1', 'vol-2', 'vol-gone'),
    device: fc.constantFrom(...DEVICES),
    state: fc.constantFrom('completed', 'pending', 'error'),
    run: fc.constantFrom(null, 'carry-volumes/i-old', 'carry-volumes/i-old/final', 'carry-volumes/nobody/final'),
    supersededAt: fc.option(seconds.map(ago)),
    age: seconds,
  })
  .map(({ age, ...rest }): SnapshotFacts => snapshot({ ...rest, startedAt: ago(age) }));

const STATES = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;

const anyFacts = fc
  .record({
    base: fc.constantFrom(arrivingFacts(), leavingFacts(), groupFactsOf()),
    volumes: fc.uniqueArray(anyVolume, { selector: ({ id }) => id, maxLength: 4 }),
    snapshots: fc.uniqueArray(anySnapshot, { selector: ({ id }) => id, maxLength: 3 }),
    oldState: fc.constantFrom(...STATES),
    oldLifecycle: fc.constantFrom('InService', 'Terminating:Wait', 'Terminating:Proceed', null),
    oldHealthy: fc.boolean(),
    newState: fc.constantFrom(...STATES),
    newLifecycle: fc.constantFrom('InService', 'Pending:Wait', null),
    newZone: fc.constantFrom('eu-west-1a', 'eu-west-1b'),
    dark: fc.boolean(),
    waited: fc.constantFrom(10, 70, 1_000, 2_000),
    oldest: fc.constantFrom(null, 3_600, 500_000),
    begin: fc.boolean(),
    withHook: fc.boolean(),
  })
  .map(
    ({
      base,
      volumes,
      snapshots,
      oldState,
      oldLifecycle,
      oldHealthy,
      newState,
      newLifecycle,
      newZone,
      dark,
      waited,
      oldest,
      begin,
      withHook,
    }): Facts => {
      const machines = [
        machine('i-old', oldLifecycle, {
          state: oldState,
          stopAskedAt: ago(waited),
          membership: oldLifecycle === null ? null : { group: 'db', lifecycleState: oldLifecycle, healthy: oldHealthy },
        }),
        machine('i-new', newLifecycle, { state: newState, zone: newZone, launchedAt: ago(waited) }),
      ];
      const members = machines.flatMap(({ id, membership: own }) =>
        own === null ? [] : [{ instanceId: id, lifecycleState: own.lifecycleState, healthy: own.healthy }],
      );
      const zones = { 'eu-west-1a': dark ? 'unavailable' : 'available', 'eu-west-1b': 'available' };
      return {
        ...base,
        ask: { kind: 'event', at: ago(waited) },
        volumes,
        snapshots,
        machines,
        zones,
        group: group({ members }),
        settings: settings({ oldestAcceptableSeconds: oldest, mayBeginEmpty: begin }),
        hook: withHook ? base.hook : null,
      };
    },
  );

function callsOf(facts: Facts): readonly PlannedCall[] {
  const decision = judge(facts);
  return decision.kind === 'act' ? decision.plan : [];
}

/** Facts for which the property does not hold; `null`: none among three thousand. */
function counterexample(holds: (facts: Facts) => boolean): [Facts] | null {
  return fc.check(fc.property(anyFacts, holds), { numRuns: cases(3_000) }).counterexample;
}

describe('whatever stands there', () => {
  it('no volume is made of nothing', () => {
    expect(
      counterexample((facts) =>
        callsOf(facts)
          .filter(({ call }) => call === 'ec2:CreateVolume')
          .every(({ input }) =>
            facts.snapshots.some(({ id, state }) => id === input['SnapshotId'] && state === 'completed'),
          ),
      ),
    ).toBeNull();
  });

  it('no volume is deleted but one that was superseded a day ago, is unattached, and whose place is filled on a healthy instance', () => {
    expect(
      counterexample((facts) =>
        callsOf(facts)
          .filter(({ call }) => call === 'ec2:DeleteVolume')
          .every(({ input }) => {
            const doomed = facts.volumes.find(({ id }) => id === input['VolumeId']);
            const healthy = facts.machines
              .filter(({ state, membership: own }) => state === 'running' && own?.lifecycleState === 'InService')
              .map(({ id }) => id);
            const successor = facts.volumes.some(
              ({ id, device, supersededAt, attachments }) =>
                id !== doomed?.id &&
                device === doomed?.device &&
                supersededAt === null &&
                attachments.some(({ instanceId, state }) => state === 'attached' && healthy.includes(instanceId)),
            );
            return (
              doomed !== undefined &&
              doomed.supersededAt !== null &&
              doomed.supersededAt <= ago(86_400) &&
              doomed.attachments.length === 0 &&
              successor
            );
          }),
      ),
    ).toBeNull();
  });

  it('no launch goes on before every live member of the set is attached to it, kept and labelled', () => {
    expect(
      counterexample((facts) => {
        const launches = callsOf(facts).some(
          ({ call, input }) =>
            call === 'autoscaling:CompleteLifecycleAction' &&
            input['LifecycleActionResult'] === 'CONTINUE' &&
            input['InstanceId'] === 'i-new',
        );
        // Of a set that several carry nothing is attached to anybody, and whoever arrives is let in without.
        if (!launches || facts.volumes.length === 0 || facts.group.inGoodService > 1) return true;
        const places = new Set(
          facts.volumes
            .filter(
              ({ supersededAt, state, run }) =>
                supersededAt === null && state !== 'error' && run?.endsWith('/copy') !== true,
            )
            .map(({ device }) => device),
        );
        return [...places].every((place) =>
          facts.volumes.some(
            ({ device, run, supersededAt, attachments }) =>
              device === place &&
              supersededAt === null &&
              run === 'carry-volumes/i-new' &&
              attachments.some(
                ({ instanceId, state, deleteOnTermination }) =>
                  instanceId === 'i-new' && state === 'attached' && !deleteOnTermination,
              ),
          ),
        );
      }),
    ).toBeNull();
  });

  it('nothing is attached that is attached, or in another zone than its instance, or without its label', () => {
    expect(
      counterexample((facts) => {
        const plan = callsOf(facts);
        const labelled = new Set(
          plan
            .filter(
              ({ call, input }) => call === 'ec2:CreateTags' && said(input['Tags']).includes('carry-volumes/i-new"'),
            )
            .flatMap(({ input }) => said(input['Resources']).split(',')),
        );
        return plan
          .filter(({ call }) => call === 'ec2:AttachVolume')
          .every(({ input }) => {
            const wanted = facts.volumes.find(({ id }) => id === input['VolumeId']);
            const onto = facts.machines.find(({ id }) => id === input['InstanceId']);
            return (
              wanted?.state === 'available' &&
              wanted.zone === onto?.zone &&
              onto.state === 'running' &&
              (wanted.run === 'carry-volumes/i-new' || labelled.has(wanted.id))
            );
          });
      }),
    ).toBeNull();
  });

  it('no volume is taken by force from an instance that may still write', () => {
    expect(
      counterexample((facts) =>
        callsOf(facts)
          .filter(({ call }) => call === 'ec2:DetachVolume')
          .every(({ input }) => {
            const from = facts.machines.find(({ id }) => id === input['InstanceId']);
            return (
              from?.state === 'stopped' ||
              from?.state === 'terminated' ||
              (input['InstanceId'] === 'i-new' && input['Force'] === undefined)
            );
          }),
      ),
    ).toBeNull();
  });

  it('an exact copy is taken only of an unattached volume', () => {
    expect(
      counterexample((facts) =>
        callsOf(facts)
          .filter(({ call }) => call === 'ec2:CreateSnapshot')
          .every(({ input }) =>
            facts.volumes.some(({ id, state }) => id === input['VolumeId'] && state === 'available'),
          ),
      ),
    ).toBeNull();
  });

  it('nobody who is healthy and in service is stopped, or loses a volume', () => {
    expect(
      counterexample((facts) => {
        const serving = facts.machines
          .filter(({ membership: own }) => own?.lifecycleState === 'InService' && own.healthy)
          .map(({ id }) => id);
        return callsOf(facts).every(({ call, input }) => {
          if (call === 'ec2:StopInstances') return !serving.some((id) => said(input['InstanceIds']).includes(id));
          // What hangs on its way to an instance that lacks it is taken back.
          const isHanging = facts.volumes.some(
            ({ id, attachments }) => id === input['VolumeId'] && attachments[0]?.state === 'attaching',
          );
          return call !== 'ec2:DetachVolume' || isHanging || !serving.includes(said(input['InstanceId']));
        });
      }),
    ).toBeNull();
  });

  it('for a set that several instances are wanted for hooks are answered, and volumes made to outlive who leaves', () => {
    const answers = ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'];
    expect(
      counterexample((facts) => {
        const several = { ...facts, group: { ...facts.group, desired: 3 } };
        return callsOf(several).every(
          ({ call, input }) =>
            answers.includes(call) ||
            (call === 'ec2:ModifyInstanceAttribute' && several.leaving && input['InstanceId'] === 'i-old'),
        );
      }),
    ).toBeNull();
  });

  it('the instance is stopped only after its volumes are kept', () => {
    expect(
      counterexample((facts) => {
        const plan = callsOf(facts);
        const stop = plan.findIndex(({ call, input }) => call === 'ec2:StopInstances' && input['Force'] === undefined);
        if (stop < 0) return true;
        const stopped = said(plan[stop]?.input['InstanceIds']);
        const doomed = facts.volumes.some(
          ({ supersededAt, attachments }) =>
            supersededAt === null &&
            attachments.some(({ instanceId, deleteOnTermination }) => instanceId === stopped && deleteOnTermination),
        );
        const keep = plan.findIndex(({ call }) => call === 'ec2:ModifyInstanceAttribute');
        return !doomed || (keep >= 0 && keep < stop);
      }),
    ).toBeNull();
  });
});
