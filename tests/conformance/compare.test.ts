import { describe, expect, it } from 'vitest';
import { compare, normal } from '../../conformance/compare.ts';
import { explains, type Known } from '../../conformance/known/known.ts';
import { isLacking } from '../../conformance/on-moto.ts';
import type { HandlerRun } from '../../conformance/handlers.ts';
import { faultsOf, page, resultOf, type Run } from '../../conformance/report.ts';
import type { Note, Played } from '../../conformance/scenario.ts';

function answered(output: unknown, operation = 'ec2:DescribeAddresses'): Note {
  return { operation, label: '1', answer: { output } };
}

function refused(error: string, operation = 'ec2:AssociateAddress'): Note {
  return { operation, label: '1', answer: { error, message: '', status: 400 } };
}

function played(...notes: readonly Note[]): Played {
  return {
    scenario: 'one',
    notes,
    names: new Map([
      ['i-0000000000000000a', 'active'],
      ['i-0000000000000000b', 'standby'],
    ]),
  };
}

function differences(simulator: Note, emulator: Note): readonly string[] {
  return compare([played(simulator)], [played(emulator)]).flatMap((verdict) =>
    verdict.differences.map((one) => `${one.where}: ${one.simulator} / ${one.emulator}`),
  );
}

describe('two answers', () => {
  it('agree whatever the worlds call their resources, and in whatever order they list them', () => {
    const names = new Map([
      ['i-0aaaaaaaaaaaaaaaa', 'active'],
      ['10.0.1.1', 'active.ip'],
      ['10.0.1.10', 'standby.ip'],
    ]);
    expect(
      normal(
        {
          List: [
            { Key: 'b', Value: 'i-0aaaaaaaaaaaaaaaa' },
            { Key: 'a', Value: '10.0.1.10' },
          ],
          At: new Date(0),
          Empty: [],
          Blank: '',
        },
        names,
      ),
    ).toEqual({
      List: [
        { Key: 'a', Value: '<standby.ip>' },
        { Key: 'b', Value: '<active>' },
      ],
      At: '<time>',
    });
  });

  it('differ where a member has another value, by its path', () => {
    const seen = (id: string) => answered({ Addresses: [{ AllocationId: 'eipalloc-0123456789', InstanceId: id }] });
    expect(differences(seen('i-0000000000000000a'), seen('i-0000000000000000b'))).toEqual([
      'Addresses[].InstanceId: <active> / <standby>',
    ]);
    expect(differences(seen('i-0000000000000000a'), seen('i-0000000000000000a'))).toEqual([]);
  });

  it('differ where the lists are of another length', () => {
    expect(differences(answered({ Tags: [{ Key: 'a' }] }), answered({ Tags: [{ Key: 'a' }, { Key: 'b' }] }))).toEqual([
      'Tags[] count: 1 / 2',
    ]);
  });

  it('differ where one is an error, or another error', () => {
    expect(differences(refused('Resource.AlreadyAssociated'), answered({}, 'ec2:AssociateAddress'))).toEqual([
      'error: Resource.AlreadyAssociated / answers',
    ]);
    expect(differences(refused('InvalidInstanceID'), refused('IncorrectInstanceState'))).toEqual([
      'error: InvalidInstanceID / IncorrectInstanceState',
    ]);
  });

  it('do not differ by what only the answer of the emulator to a read holds, and do by what only its answer to a write holds', () => {
    expect(differences(answered({}), answered({ More: 1 }))).toEqual([]);
    expect(compare([played(answered({}))], [played(answered({ More: 1 }))])[0]?.unmodelled).toEqual(['More']);
    expect(differences(answered({}, 'ec2:CreateVolume'), answered({ More: 1 }, 'ec2:CreateVolume'))).toEqual([
      'More: absent / 1',
    ]);
  });

  it('differ where a member is missing that the simulator gives elsewhere: its state is another', () => {
    const [free, held] = [
      answered({ Addresses: [{ AllocationId: 'vip' }] }),
      answered({ Addresses: [{ AllocationId: 'vip', InstanceId: 'i-0000000000000000a' }] }),
    ];
    const second = { ...held, label: '2' };
    expect(compare([played(free, second)], [played(held, second)])[0]).toMatchObject({
      differences: [{ where: 'Addresses[].InstanceId', simulator: 'absent', emulator: '<active>' }],
      unmodelled: [],
    });
  });

  it('differ where one world did not come as far as the other', () => {
    expect(compare([played(answered({}))], [played()])[0]?.differences).toHaveLength(1);
    expect(compare([played()], [played(answered({}))])[0]?.differences).toHaveLength(1);
  });
});

const KNOWN: Known = {
  operation: 'ec2:AssociateAddress',
  where: ['error'],
  simulator: 'Resource.*',
  right: 'simulator',
  because: 'why',
  source: 'https://docs.aws.amazon.com/',
};

function runOf(simulator: Note, emulator: Note, known: readonly Known[]): Run {
  return {
    version: '1',
    scenarios: 1,
    verdicts: compare([played(simulator)], [played(emulator)]),
    known,
    contract: [],
    handlers: [],
    queues: { version: '1', scenarios: 0, verdicts: [], redrives: [] },
    recorded: { recordings: 0, verdicts: [], proved: [], orphans: [] },
  };
}

describe('a known difference', () => {
  const run = (simulator: Note, known: readonly Known[]) =>
    runOf(simulator, answered({}, 'ec2:AssociateAddress'), known);

  it('explains what it names and nothing else', () => {
    const difference = {
      operation: 'ec2:AssociateAddress',
      where: 'error',
      simulator: 'Resource.AlreadyAssociated',
      emulator: 'answers',
      scenario: 'one',
    };
    expect(explains(KNOWN, difference)).toBe(true);
    expect(explains(KNOWN, { ...difference, simulator: 'InvalidInstanceID' })).toBe(false);
    expect(explains(KNOWN, { ...difference, operation: 'ec2:DisassociateAddress' })).toBe(false);
    expect(explains(KNOWN, { ...difference, where: 'error.other' })).toBe(false);
    expect(explains({ ...KNOWN, scenario: 'two' }, difference)).toBe(false);
    expect(explains({ ...KNOWN, where: ['Tags[].*'] }, { ...difference, where: 'Tags[].Key' })).toBe(true);
  });

  it('lets a run pass that nothing unexplained is in', () => {
    expect(faultsOf(run(refused('Resource.AlreadyAssociated'), [KNOWN]))).toEqual([]);
    expect(
      run(refused('Resource.AlreadyAssociated'), [KNOWN]).verdicts.map((verdict) => resultOf(verdict, [KNOWN])),
    ).toEqual(['differs: simulator right in 1']);
  });

  it('does not hide another difference, nor stay when it shows no more', () => {
    expect(faultsOf(run(refused('InvalidInstanceID'), [KNOWN]))).toEqual([
      'unexplained: ec2:AssociateAddress error: simulator InvalidInstanceID, moto answers (one)',
      'known difference that shows no more: ec2:AssociateAddress error, simulator Resource.*',
    ]);
  });
});

describe('a handler that was run', () => {
  const difference = {
    operation: 'carry-volumes',
    where: 'state.snapshots[].tags',
    simulator: '{}',
    emulator: 'absent',
    scenario: 'one',
  };
  const drill = { runbook: 'carry-volumes', name: 'one', seed: {}, events: [], busyOnce: 'AttachVolume' };
  const run = (handler: Partial<HandlerRun>, known: readonly Known[] = []): Run => ({
    ...runOf(answered({}), answered({}), known),
    handlers: [
      {
        drill,
        way: 'Lambda handler with the ledger',
        outcome: 'done',
        differences: [],
        writes: [],
        invocations: [2],
        ...handler,
      },
    ],
  });

  it('may differ in what is known, and in nothing else', () => {
    const known: Known = { ...KNOWN, operation: 'carry-volumes', where: ['state.snapshots[].tags'], simulator: '*' };
    expect(faultsOf(run({}))).toEqual([]);
    expect(faultsOf(run({ differences: [difference] }))).toEqual([
      'unexplained: carry-volumes state.snapshots[].tags: simulator {}, moto absent (one)',
    ]);
    expect(faultsOf(run({ differences: [difference] }, [known]))).toEqual([]);
    expect(faultsOf(run({}, [known]))).toEqual([
      'known difference that shows no more: carry-volumes state.snapshots[].tags, simulator *',
    ]);
    expect(page(run({ differences: [difference] }, [known]))).toContain(
      '| `carry-volumes` | one | Lambda handler with the ledger | done | differs: simulator right in 1 | none |',
    );
  });

  it('must have been suspended where EC2 was too busy', () => {
    expect(faultsOf(run({ invocations: [1, 1] }))).toEqual(['carry-volumes: one: no execution was suspended']);
    expect(faultsOf(run({ invocations: [], way: 'command, planning' }))).toEqual([]);
  });
});

describe('an operation that moto lacks', () => {
  it('is known by the name that moto gives it', () => {
    expect(
      isLacking(
        'NotImplementedError: The complete_lifecycle_action action has not been implemented',
        'autoscaling:CompleteLifecycleAction',
      ),
    ).toBe(true);
    expect(
      isLacking(
        'NotImplementedError: The complete_lifecycle_action action has not been implemented',
        'autoscaling:SetInstanceHealth',
      ),
    ).toBe(false);
  });
});
