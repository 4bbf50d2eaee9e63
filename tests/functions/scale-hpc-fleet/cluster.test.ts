/** What is decided about head nodes of ParallelClusters. */

import { describe, expect, it } from 'vitest';
import {
  decide,
  readAnswer,
  readComment,
  readParkRecord,
  type ClusterFacts,
  type ParkRecord,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { ago, clusterFacts, history, NOW, parked, partition, said } from './cluster-facts.ts';
import { LIMITS } from './fleet-facts.ts';

function decided(more: Partial<ClusterFacts> = {}): Decision {
  return decide(clusterFacts(more), LIMITS, NOW);
}

function planOf(decision: Decision): readonly PlannedCall[] {
  return decision.kind === 'act' ? decision.plan : [];
}

function codeOf(decision: Decision): string {
  return `${decision.kind} ${decision.code}`;
}

/** What the head node is asked for. */
function sent(decision: Decision): readonly unknown[] {
  return planOf(decision).flatMap(({ call, input }) => (call === 'ssm:SendCommand' ? [input['Parameters']] : []));
}

/** What the ledger keeps then. */
function kept(decision: Decision): unknown {
  return planOf(decision).find(({ call }) => call === 'ledger:write')?.input['value'];
}

const A_JOB = { jobs: { visible: 1, inFlight: 0 } };
const BY_ANNA = { by: 'anna' } as const;

describe('a cluster whose queue has no job', () => {
  it('has its idle partitions parked, and the ledger knows of them before the head node does', () => {
    const decision = decided();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'parking',
      budget: 'counted',
      more: true,
      intent: 'park cfd',
      because: 'there is no job of cfd-jobs: efa, small of cfd to INACTIVE',
    });
    expect(planOf(decision).map(({ call, input }) => [call, input])).toEqual([
      [
        'ledger:write',
        {
          partition: 'hpc-cluster',
          key: 'i-0head',
          ifVersion: 0,
          value: {
            parked: ['efa', 'small'],
            left: [],
            hand: null,
            known: null,
            asked: { verb: 'park', partitions: ['efa', 'small'], at: NOW, run: 'run-2' },
          },
          expiresAt: '2027-12-27T08:00:00.000Z',
        },
      ],
      [
        'ssm:SendCommand',
        {
          InstanceIds: ['i-0head'],
          DocumentName: 'park',
          Parameters: { command: ['park'], partitions: ['efa small'] },
          TimeoutSeconds: 60,
          Comment: `scale-hpc-fleet park ${NOW}`,
        },
      ],
    ]);
    expect(planOf(decision)[1]?.undo?.input).toMatchObject({ Parameters: { command: ['unpark'] } });
  });

  it('keeps what is not UP, and what has a job at work or waiting', () => {
    const partitions = [
      partition('a', { running: 1 }),
      partition('b', { pending: 1 }),
      partition('c', { state: 'INACTIVE' }),
      partition('d', { state: 'DRAIN' }),
    ];
    const decision = decided({ commands: [said(partitions)] });
    expect(codeOf(decision)).toBe('nothing in-order');
    expect(decision.because).toBe('there is no job of cfd-jobs, and nothing of cfd is to be parked');
  });

  it('is asked how it stands where that is not known, or long ago', () => {
    for (const commands of [[], [said([partition('efa')], { at: ago(301) })]]) {
      const decision = decided({ commands });
      expect(codeOf(decision)).toBe('act status-asked');
      expect(sent(decision)).toEqual([{ command: ['status'], partitions: [''] }]);
    }
  });

  it('is asked once in fifty minutes where there is nothing to park', () => {
    const at = (seconds: number): string =>
      codeOf(decided({ commands: [said([partition('efa', { state: 'INACTIVE' })], { at: ago(seconds) })] }));
    expect([at(2_999), at(3_000)]).toEqual(['nothing in-order', 'act status-asked']);
  });

  it('is left alone until that has been so for long enough', () => {
    const memory = { idleSince: ago(599) };
    expect(codeOf(decided({ history: history(memory) }))).toBe('nothing in-order');
    expect(decided({ history: history() }).remember).toEqual({ idleSince: NOW });
    expect(decided({ history: history({ idleSince: ago(600) }) }).code).toBe('parking');
    expect(decided({ ...A_JOB }).remember).toEqual({ idleSince: null });
  });
});

describe('a cluster whose queue has a job', () => {
  it('has unparked what we had parked, and nothing else', () => {
    const partitions = [partition('efa', { state: 'INACTIVE' }), partition('debug', { state: 'INACTIVE' })];
    const decision = decided({ ...A_JOB, record: parked(), commands: [said(partitions)] });
    expect(codeOf(decision)).toBe('act unparking');
    expect(sent(decision)).toEqual([{ command: ['unpark'], partitions: ['efa'] }]);
    expect(kept(decision)).toMatchObject({ parked: ['efa'], asked: { verb: 'unpark', partitions: ['efa'] } });
  });

  it('is asked each quarter of an hour whether it is PROTECTED, where nothing is parked', () => {
    const at = (seconds: number): string =>
      codeOf(decided({ ...A_JOB, commands: [said([partition('efa')], { at: ago(seconds) })] }));
    expect([at(899), at(900)]).toEqual(['nothing in-order', 'act status-asked']);
  });

  it('counts jobs that are in the hands of a worker', () => {
    expect(decided({ jobs: { visible: 0, inFlight: 1 } }).code).toBe('in-order');
  });
});

describe('a command', () => {
  const asked = { verb: 'park', partitions: ['efa', 'small'], at: ago(20), run: 'run-1' } as const;
  const open = parked({ parked: ['efa', 'small'], asked });

  it('is waited for while it is under way, and then the head node is out of reach', () => {
    const moving = (seconds: number): Decision =>
      decided({ commands: [said([], { status: 'InProgress', requestedAt: ago(seconds), answer: null })] });
    expect(moving(59)).toMatchObject({ kind: 'wait', code: 'asked', seconds: 5 });
    expect(codeOf(moving(60))).toBe('refuse head-node-unreachable');
  });

  it('that does not show is waited for, and then the head node is asked what has become of it', () => {
    expect(decided({ record: open })).toMatchObject({ kind: 'wait', code: 'asked' });
    const late = { ...open, asked: { ...asked, at: ago(61) } };
    const decision = decided({ record: late, commands: [said([], { at: ago(100) })] });
    expect(codeOf(decision)).toBe('act status-asked');
    expect(decision.because).toContain('what has become of park of efa, small');
  });

  it('is settled by what the head node says after it: what has a job is not ours', () => {
    const answered = said([partition('efa', { state: 'INACTIVE' }), partition('small', { running: 1 })], {
      verb: 'park',
      at: asked.at,
    });
    const decision = decided({ record: open, commands: [answered] });
    expect(codeOf(decision)).toBe('act parked');
    expect(decision.because).toBe('INACTIVE now: efa of cfd; not parked: small, for jobs have begun there');
    expect(kept(decision)).toMatchObject({ parked: ['efa'], asked: null, known: asked.at });
    const late = { ...open, asked: { ...asked, at: ago(61) } };
    const none = decided({ record: late, commands: [said([partition('efa', { running: 1 })], { at: ago(1) })] });
    expect(codeOf(none)).toBe('act partitions-kept');
  });

  it('that unparks is settled the same way', () => {
    const record = parked({ asked: { ...asked, verb: 'unpark', partitions: ['efa'] } });
    const answered = (state: string): Decision =>
      decided({ record, commands: [said([partition('efa', { state })], { verb: 'unpark', at: asked.at })] });
    expect(codeOf(answered('UP'))).toBe('act unparked');
    expect(kept(answered('UP'))).toMatchObject({ parked: [] });
    expect(codeOf(answered('INACTIVE'))).toBe('act partitions-kept');
    expect(kept(answered('INACTIVE'))).toMatchObject({ parked: ['efa'] });
  });

  it('that has failed is told with its last line, and not sent again for a quarter of an hour', () => {
    const failed = { status: 'Failed', answer: null, said: 'the controller does not answer' };
    const decision = decided({ commands: [said([], failed)] });
    expect(codeOf(decision)).toBe('refuse command-failed');
    expect(decision.because).toBe(
      'status on cfd ended as Failed: the controller does not answer; sent again from 2026-11-22T08:14:00.000Z',
    );
    expect(codeOf(decided({ commands: [said([], { ...failed, requestedAt: ago(900) })] }))).toBe('act status-asked');
    expect(codeOf(decided({ record: open, commands: [said([], { ...failed, verb: 'park', at: asked.at })] }))).toBe(
      'refuse command-failed',
    );
  });

  it('whose answer cannot be read is told, and so is one that was not delivered', () => {
    expect(codeOf(decided({ commands: [said([], { answer: null })] }))).toBe('refuse unreadable-answer');
    const lost = { status: 'TimedOut', details: 'DeliveryTimedOut', answer: null };
    expect(codeOf(decided({ commands: [said([], lost)] }))).toBe('refuse head-node-unreachable');
    expect(codeOf(decided({ commands: [said([], { ...lost, requestedAt: ago(300) })] }))).toBe('act status-asked');
  });

  it('that Systems Manager does not take ends the look', () => {
    const refused = (name: string): string =>
      codeOf(
        decided({
          refusals: [{ call: 'ssm:SendCommand', input: {}, meaning: 'refused', name, message: 'no', at: NOW }],
        }),
      );
    expect(refused('InvalidInstanceId')).toBe('refuse head-node-unreachable');
    expect(refused('InvalidDocument')).toBe('refuse command-failed');
  });
});

describe('what others do', () => {
  it('stands: a partition that was set UP is ours no more, and is parked again only after a job', () => {
    const decision = decided({ record: parked() });
    expect(codeOf(decision)).toBe('act left-to-others');
    expect(kept(decision)).toMatchObject({ parked: [], left: ['efa'] });
    const left = parked({ parked: [], left: ['efa'] });
    expect(sent(decided({ record: left }))).toEqual([{ command: ['park'], partitions: ['small'] }]);
    const after = decided({ record: left, ...A_JOB });
    expect(codeOf(after)).toBe('act left-ended');
    expect(kept(after)).toMatchObject({ left: [] });
  });

  it('is not told from an answer that is older than what the ledger knows', () => {
    expect(decided({ record: parked({ known: ago(30) }) })).toMatchObject({ kind: 'wait', code: 'asked' });
    expect(codeOf(decided({ record: parked({ known: ago(60) }) }))).toBe('act parking');
    const long = decided({ record: parked({ known: ago(90) }), commands: [said([], { at: ago(100) })] });
    expect(codeOf(long)).toBe('act status-asked');
  });
});

describe('by hand', () => {
  const park = { ask: { kind: 'park', ...BY_ANNA } } as const;
  const unpark = { ask: { kind: 'unpark', ...BY_ANNA } } as const;
  const hand = { verb: 'park', by: 'anna', at: ago(600), run: 'run-1' } as const;

  it('a cluster is parked while jobs wait, and stays so', () => {
    const decision = decided({ ...A_JOB, ...park });
    expect(codeOf(decision)).toBe('act parking');
    expect(decision.because).toBe('anna wants it: efa, small of cfd to INACTIVE');
    expect(kept(decision)).toMatchObject({ hand: { verb: 'park', by: 'anna', at: NOW, run: 'run-2' } });
    const held = parked({ parked: ['efa', 'small'], hand });
    const inactive = [partition('efa', { state: 'INACTIVE' }), partition('small', { state: 'INACTIVE' })];
    const later = decided({ ...A_JOB, record: held, commands: [said(inactive)] });
    expect(codeOf(later)).toBe('nothing in-order');
    expect(later.evidence).toMatchObject({ heldBy: `anna since ${hand.at}` });
  });

  it('nothing is parked where a partition has a job: it is named', () => {
    const commands = [said([partition('efa', { running: 2, pending: 1 }), partition('small')])];
    const decision = decided({ ...park, commands });
    expect(codeOf(decision)).toBe('refuse partition-busy');
    expect(decision.because).toBe('efa of cfd has 2 jobs at work and 1 waiting: it is not parked');
  });

  it('what somebody else has set UP is parked as well', () => {
    const record = parked({ parked: [], left: ['efa'] });
    expect(sent(decided({ ...park, record }))).toEqual([{ command: ['park'], partitions: ['efa small'] }]);
  });

  it('the wish is kept where nothing is to be done', () => {
    const inactive = [said([partition('efa', { state: 'INACTIVE' })])];
    const noted = decided({ ...park, commands: inactive });
    expect(codeOf(noted)).toBe('act hold-noted');
    expect(kept(noted)).toMatchObject({ hand: { verb: 'park', run: 'run-2' } });
    const over = decided({ ...unpark, commands: inactive, record: parked({ parked: [], hand }) });
    expect(codeOf(over)).toBe('act hold-ended');
    expect(kept(over)).toMatchObject({ hand: { verb: 'unpark', run: 'run-2' } });
  });

  it('a cluster is unparked without a job, and is then idle anew', () => {
    const inactive = [said([partition('efa', { state: 'INACTIVE' })])];
    const decision = decided({ ...unpark, commands: inactive, record: parked({ hand }) });
    expect(sent(decision)).toEqual([{ command: ['unpark'], partitions: ['efa'] }]);
    const record = (at: string): ParkRecord => parked({ parked: [], hand: { ...hand, verb: 'unpark', at } });
    expect(codeOf(decided({ record: record(ago(599)) }))).toBe('nothing in-order');
    expect(codeOf(decided({ record: record(ago(600)) }))).toBe('act parking');
  });

  it('the run that has written the wish goes on as any other', () => {
    const written = { ...hand, run: 'run-2' };
    const commands = [said([partition('efa', { running: 1 })])];
    expect(codeOf(decided({ ...park, record: parked({ parked: [], hand: written }), commands }))).toBe(
      'nothing in-order',
    );
  });
});

describe('nothing is done', () => {
  it.each([
    ['the head node is gone', { head: null }, 'nothing gone'],
    ['it was not looked up since when', { history: 'unread' }, 'nothing needs-history'],
    [
      'a tag cannot be read',
      { settings: { queue: null, idleSeconds: 600, problems: ['x'] } },
      'refuse unreadable-setting',
    ],
    ['the record cannot be read', { recordFault: 'x' }, 'refuse unreadable-record'],
    ['there is no queue', { jobs: null }, 'refuse no-queue'],
    ['the queue is of others too', { rivals: ['mpi'] }, 'refuse queue-shared'],
    ['there is no document', { documents: [] }, 'refuse no-document'],
    ['there are two', { documents: ['a', 'b'] }, 'refuse document-ambiguous'],
    [
      'the head node is stopped',
      { head: { id: 'i-0head', name: 'cfd', state: 'stopped' } },
      'refuse head-node-unreachable',
    ],
  ] as const)('where %s', (_why, more, code) => {
    const decision = decided(more);
    expect(codeOf(decision)).toBe(code);
    expect(planOf(decision)).toEqual([]);
  });

  it('where the cluster is PROTECTED: why, and how it is left, is told', () => {
    const answer = { fleet: 'PROTECTED', partitions: [partition('efa')], causes: ['no room', 'no image'] };
    const decision = decided({ commands: [said([], { answer })] });
    expect(codeOf(decision)).toBe('refuse cluster-protected');
    expect(decision.because).toBe(
      'cfd is PROTECTED: no room; no image. mend that, then pcluster update-compute-fleet --cluster-name cfd --status START_REQUESTED',
    );
    expect(decision.evidence).toMatchObject({ causes: ['no room', 'no image'] });
    const silent = decided({ commands: [said([], { answer: { ...answer, causes: [] } })] });
    expect(silent.because).toContain('clustermgtd says no cause');
    expect(codeOf(decided({ commands: [said([], { answer, at: ago(300) })] }))).toBe('act status-asked');
  });

  it('where the compute fleet is stopped, and whoever asks is told', () => {
    const answer = { fleet: 'STOPPED', partitions: [partition('efa', { state: 'INACTIVE' })], causes: [] };
    const commands = [said([], { answer })];
    expect(codeOf(decided({ commands, record: parked(), ...A_JOB }))).toBe('nothing cluster-stopped');
    expect(codeOf(decided({ commands, ask: { kind: 'park', ...BY_ANNA } }))).toBe('refuse cluster-stopped');
  });
});

describe('a run that died', () => {
  it('is told of once there is nothing left to do', () => {
    const pending = { intent: 'park cfd', at: ago(60), note: { run: 'run-1' } };
    const memory = { idleSince: ago(3_600) };
    const commands = [said([partition('efa', { state: 'INACTIVE' })])];
    const decision = decided({ commands, record: parked(), history: { ...history(memory), pending } });
    expect(decision).toMatchObject({ kind: 'act', code: 'in-order', plan: [], intent: 'park cfd' });
    const own = { ...pending, note: { run: 'run-2' } };
    expect(decided({ commands, record: parked(), history: { ...history(memory), pending: own } }).kind).toBe('nothing');
  });
});

describe('what was announced', () => {
  it('is over where a refusal ends it, unless a command is not answered yet', () => {
    const pending = { intent: 'park cfd', at: ago(60), note: { run: 'run-2' } };
    const known = { ...history({ idleSince: ago(3_600) }), pending };
    expect(decided({ documents: [], history: known })).toMatchObject({ kind: 'refuse', over: true });
    expect(decided({ documents: [] })).not.toHaveProperty('over');
    const asked = { verb: 'park', partitions: ['efa'], at: ago(20), run: 'run-1' } as const;
    expect(decided({ documents: [], history: known, record: parked({ asked }) })).not.toHaveProperty('over');
    expect(decided({ recordFault: 'x', history: known })).not.toHaveProperty('over');
  });
});

describe('what is read', () => {
  it('is the one line of the document, whole', () => {
    const line =
      '{"fleet":"RUNNING","partitions":[{"name":"efa","state":"UP","running":0,"pending":0}],"causes":["x"]}\n';
    expect(readAnswer(line)).toEqual({ fleet: 'RUNNING', partitions: [partition('efa')], causes: ['x'] });
    const long = { fleet: 'RUNNING', partitions: [], causes: Array.from({ length: 7 }, () => 'c'.repeat(400)) };
    expect(readAnswer(JSON.stringify(long))?.causes.map(({ length }) => length)).toEqual([300, 300, 300, 300, 300]);
    for (const text of ['', line.slice(0, 60), '{}', `${line}--output truncated--`, line.replace('0', '-1')])
      expect(readAnswer(text)).toBeNull();
  });

  it('is a comment of ours', () => {
    expect(readComment(`scale-hpc-fleet park ${NOW}`)).toEqual({ verb: 'park', at: NOW });
    expect(readComment('scale-hpc-fleet burn x')).toBeUndefined();
  });

  it('is the record, or why it cannot be', () => {
    const item = { partition: 'hpc-cluster', key: 'i-0head', version: 3 };
    const { version: _version, ...value } = parked();
    expect(readParkRecord({ ...item, value: { ...value, parked: ['efa'], left: [] } }).record).toEqual(parked());
    expect(readParkRecord({ ...item, value: {} }).recordFault).toContain('hpc-cluster/i-0head: parked');
    expect(readParkRecord({ ...item, value: {}, fault: 'no JSON' }).recordFault).toBe('hpc-cluster/i-0head: no JSON');
  });
});
