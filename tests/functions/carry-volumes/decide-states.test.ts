/** A state that is neither service nor departure, or that nobody knows: nothing is brought, nothing taken, nothing deleted. */

import { describe, expect, it } from 'vitest';
import { isAside, isYielding } from '../../../functions/carry-volumes/decide/machine.ts';
import { judge, words } from './plan-words.ts';
import {
  activity,
  ago,
  arrivingFacts,
  attachment,
  exact,
  groupFactsOf,
  loose,
  machine,
  settings,
  snapshot,
  volume,
  waiting,
} from './volume-facts.ts';

/** The calls of a plan in words; none for a decision without one. */
const planned = (decision: ReturnType<typeof judge>): string[] => (decision.kind === 'act' ? words(decision) : []);

const ASIDE = [
  'Detaching',
  'Detached',
  'EnteringStandby',
  'Standby',
  'Quarantined',
  'ReplacingRootVolume',
  'ReplacingRootVolume:Wait',
  'RootVolumeReplaced',
  'Warmed:Stopped',
  'Terminating:Postponed',
  'PendingApproval',
];

describe('a member that is set aside, or in a state that nobody knows', () => {
  it.each(ASIDE)('%s: it is neither in service nor leaving', (state) => {
    expect([isAside(machine('i-1', state)), isYielding(machine('i-1', state))]).toEqual([true, false]);
  });

  it.each(['InService', 'Pending:Wait', 'Terminating:Retained', 'Terminated', null])('%s is not one', (state) => {
    expect(isAside(machine('i-1', state))).toBe(false);
  });

  it.each(ASIDE)('%s: no volume is brought to it', (state) => {
    const facts = arrivingFacts({ hook: null, machines: [machine('i-new', state)], volumes: [loose()] });

    expect(judge(facts)).toMatchObject({
      kind: 'nothing',
      code: 'aside',
      because: `i-new is ${state} in db: nothing is brought to it`,
    });
  });

  it.each(ASIDE)('%s: what it has is made to outlive it, and no more', (state) => {
    const own = volume({
      run: 'carry-volumes/i-new',
      attachments: [attachment('i-new', { deleteOnTermination: true })],
    });
    const machines = [machine('i-new', state)];

    expect(words(judge(arrivingFacts({ hook: null, machines, volumes: [own] })))).toEqual(['ModifyInstanceAttribute']);
    const untagged = [machine('i-new', state, { optedIn: false })];
    expect(judge(arrivingFacts({ hook: null, machines: untagged, volumes: [own] }))).toMatchObject({ code: 'aside' });
  });

  it.each(ASIDE)(
    '%s: nothing is taken from it while it runs, whoever waits and whatever its zone is called',
    (state) => {
      const machines = [machine('i-new', 'Pending:Wait', { zone: 'eu-west-1b' }), machine('i-old', state)];
      const zones = { 'eu-west-1a': 'impaired', 'eu-west-1b': 'available' };
      const facts = {
        machines,
        volumes: [volume({ run: 'carry-volumes/i-old' })],
        snapshots: [snapshot()],
        settings: settings({ oldestAcceptableSeconds: 99_999 }),
      };

      for (const each of [facts, { ...facts, zones }]) {
        const decision = judge(waiting(1_700, each));
        expect(decision).toMatchObject({ code: 'held' });
        expect(planned(decision)).toEqual(['RecordLifecycleActionHeartbeat']);
        expect(decision.because).toBe(`vol-1 are on i-old, which is ${state}`);
      }
    },
  );

  it.each(ASIDE)('%s: nothing is deleted beside it', (state) => {
    const due = exact({ id: 'snap-due', supersededAt: ago(90_000) });
    const facts = groupFactsOf({ machines: [machine('i-old', 'InService'), machine('i-2', state)], snapshots: [due] });

    expect(planned(judge(facts))).toEqual([]);
  });
});

describe('a word of EBS that nobody knows', () => {
  const served = volume({ run: 'carry-volumes/i-old' });

  it.each(['recoverable', 'recovering', 'hibernated'])(
    'a snapshot that is %s is not deleted, nor counted on',
    (state) => {
      const due = snapshot({ id: 'snap-due', run: 'carry-volumes/i-1/final', supersededAt: ago(90_000), state });
      expect(planned(judge(groupFactsOf({ volumes: [served], snapshots: [due] })))).toEqual([]);

      const done = { ...due, state: 'error' };
      expect(words(judge(groupFactsOf({ volumes: [served], snapshots: [done] })))).toEqual(['DeleteSnapshot snap-due']);
    },
  );
});

describe('a word of Auto Scaling that nobody knows', () => {
  const living = volume({ id: 'vol-1', run: 'carry-volumes/i-old' });
  const copy = loose({
    id: 'vol-2',
    run: 'carry-volumes/i-gone/copy',
    snapshotId: 'snap-1',
    createdAt: ago(90_000),
    supersededAt: ago(86_401),
  });
  const ended = (status: string) =>
    groupFactsOf({
      volumes: [living, copy],
      snapshots: [snapshot()],
      group: {
        ...groupFactsOf().group,
        activities: [activity('launch', 'i-gone', { startedAt: ago(90_100), endedAt: ago(89_000), status })],
      },
    });

  it('for the end of a launch is no proof that its copy was never used', () => {
    expect(words(judge(ended('Cancelled')))).toEqual(['DeleteVolume vol-2']);
    expect(words(judge(ended('Failed')))).toEqual(['DeleteVolume vol-2']);
    expect(planned(judge(ended('WaitingForInPlaceUpdate')))).toEqual([]);
  });
});

describe('a word of KMS', () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/1';

  it.each(['Creating', 'Disabled', 'PendingDeletion', 'PendingImport', 'PendingReplicaDeletion', 'Unavailable'])(
    '%s names the key that nothing can be made with',
    (state) => {
      expect(judge(waiting(60, { keys: { [key]: state } }))).toMatchObject({ code: 'key-locked' });
    },
  );

  it.each(['Enabled', 'Updating', 'unread', 'Rotating'])('%s keeps nobody from trying', (state) => {
    expect(judge(waiting(60, { keys: { [key]: state } }))).not.toMatchObject({ code: 'key-locked' });
  });
});
