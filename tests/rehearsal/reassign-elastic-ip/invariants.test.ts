import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../../simulator/engine/services.ts';
import type { SimulatedWorld } from '../../../simulator/engine/world.ts';
import { record, staged, watch as watchSteps, type Stage } from '../watching.ts';

const VIP = { Key: 'runbook:vip', Value: 'web' };

function instance(InstanceId: string, zone: string, tags: readonly object[] = [VIP]): object {
  return { InstanceId, State: { Name: 'running' }, Placement: { AvailabilityZone: zone }, Tags: tags };
}

/** A world in which i-0a1 holds the address, i-0b2 stands by, and i-0c3 is a stranger with an address of its own. */
function world(more: object = {}): Stage {
  return staged({
    ec2: {
      Instances: [
        instance('i-0a1', 'eu-west-1a'),
        instance('i-0b2', 'eu-west-1b'),
        instance('i-0c3', 'eu-west-1a', []),
      ],
      Addresses: [
        { AllocationId: 'eipalloc-01', PublicIp: '203.0.113.10', InstanceId: 'i-0a1', Tags: [VIP] },
        { AllocationId: 'eipalloc-02', PublicIp: '203.0.113.20', InstanceId: 'i-0c3' },
      ],
    },
    ...more,
  });
}

function call(on: SimulatedWorld, operation: string, input: Record<string, unknown>): void {
  const [ec2] = SERVICES.filter(({ name }) => name === 'ec2');
  ec2?.operations[operation]?.run(input, on);
}

function move(on: SimulatedWorld, InstanceId: string): void {
  call(on, 'AssociateAddress', { AllocationId: 'eipalloc-01', InstanceId, AllowReassociation: true });
}

function impair(on: SimulatedWorld, id: string, status = 'impaired'): void {
  record(on, 'ec2', 'InstanceStatuses', 'InstanceId', id)['InstanceStatus'] = { Status: status };
}

function tag(on: SimulatedWorld, id: string, Key: string, Value: string): void {
  call(on, 'CreateTags', { Resources: [id], Tags: [{ Key, Value }] });
}

/** Watches a world while the steps change it. */
function watch(name: string, on: SimulatedWorld, ...steps: readonly (() => void)[]): string | undefined {
  return watchSteps(name, on, steps);
}

describe('address-never-taken-from-a-good-holder', () => {
  const name = 'address-never-taken-from-a-good-holder';

  it('is broken by a move from a holder that is well', () => {
    const { world: on } = world();
    expect(watch(name, on, () => move(on, 'i-0b2'))).toBe(
      '203.0.113.10 was taken from i-0a1, which is running and well, and given to i-0b2',
    );
  });

  it('is broken by a move that relies on an alarm about EC2 metrics only', () => {
    const alarm = {
      AlarmName: 'status',
      StateValue: 'ALARM',
      Namespace: 'AWS/EC2',
      MetricName: 'StatusCheckFailed',
      Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1' }],
      Period: 60,
      EvaluationPeriods: 1,
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    };
    const { world: on } = world({ cloudwatch: { MetricAlarms: [alarm] } });
    expect(watch(name, on, () => move(on, 'i-0b2'))).toContain('which is running and well');
  });

  it('holds for a holder that is impaired, stopped, silent to its probe, or in an alarm of the operator', () => {
    const { world: impaired } = world();
    expect(
      watch(
        name,
        impaired,
        () => impair(impaired, 'i-0a1'),
        () => move(impaired, 'i-0b2'),
      ),
    ).toBeUndefined();
    const { world: stopped } = world();
    expect(
      watch(
        name,
        stopped,
        () => call(stopped, 'StopInstances', { InstanceIds: ['i-0a1'] }),
        () => move(stopped, 'i-0b2'),
      ),
    ).toBeUndefined();
    const { world: silent } = world({ probes: { 'instance>i-0a1:443': 'timeout' } });
    expect(
      watch(
        name,
        silent,
        () => tag(silent, 'eipalloc-01', 'runbook:probe', 'tcp:443'),
        () => move(silent, 'i-0b2'),
      ),
    ).toBeUndefined();
    const alarm = {
      AlarmName: 'errors',
      StateValue: 'ALARM',
      Namespace: 'Web',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1' }],
      Period: 60,
      EvaluationPeriods: 1,
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    };
    const { world: alarmed } = world({ cloudwatch: { MetricAlarms: [alarm] } });
    expect(watch(name, alarmed, () => move(alarmed, 'i-0b2'))).toBeUndefined();
  });
});

describe('address-only-to-a-good-instance', () => {
  const name = 'address-only-to-a-good-instance';

  it('is broken by a move to an impaired instance, or to one of another name', () => {
    const { world: bad } = world();
    expect(
      watch(
        name,
        bad,
        () => impair(bad, 'i-0b2'),
        () => move(bad, 'i-0b2'),
      ),
    ).toBe('203.0.113.10 was given away although i-0b2: InstanceStatus is impaired');
    const { world: other } = world();
    expect(watch(name, other, () => move(other, 'i-0c3'))).toBe(
      '203.0.113.10 was given away although i-0c3 does not carry runbook:vip = web',
    );
  });

  it('holds for a move to a good one', () => {
    const { world: on } = world();
    expect(watch(name, on, () => move(on, 'i-0b2'))).toBeUndefined();
  });
});

describe('address-never-disassociated', () => {
  const name = 'address-never-disassociated';

  it('is broken by an address that is on nobody although its holder is there', () => {
    const { world: on } = world();
    const AssociationId = record(on, 'ec2', 'Addresses', 'AllocationId', 'eipalloc-01')['AssociationId'];
    expect(watch(name, on, () => call(on, 'DisassociateAddress', { AssociationId }))).toBe(
      '203.0.113.10 is on nobody; it was on i-0a1, which is running',
    );
  });

  it('holds for a move, and for the end of the holder', () => {
    const { world: moved } = world();
    expect(watch(name, moved, () => move(moved, 'i-0b2'))).toBeUndefined();
    const { world: ended, pass } = world();
    expect(
      watch(
        name,
        ended,
        () => call(ended, 'TerminateInstances', { InstanceIds: ['i-0a1'] }),
        () => pass(120),
      ),
    ).toBeUndefined();
    expect(record(ended, 'ec2', 'Addresses', 'AllocationId', 'eipalloc-01')['InstanceId']).toBeUndefined();
  });
});

describe('never-two-moves-within-cooldown', () => {
  const name = 'never-two-moves-within-cooldown';

  it('is broken by a third move, and by a second one that is no way back', () => {
    const { world: on, pass } = world();
    expect(
      watch(
        name,
        on,
        () => move(on, 'i-0b2'),
        () => pass(20),
        () => move(on, 'i-0c3'),
      ),
    ).toBe('203.0.113.10 moved to i-0b2 and 20 s later to i-0c3');
    const { world: back, pass: wait } = world();
    expect(
      watch(
        name,
        back,
        () => move(back, 'i-0b2'),
        () => wait(20),
        () => move(back, 'i-0a1'),
        () => wait(20),
        () => move(back, 'i-0b2'),
      ),
    ).toContain('moved to i-0a1 and 20 s later to i-0b2');
  });

  it('holds for one way back, and for moves far apart', () => {
    const { world: back, pass: wait } = world();
    expect(
      watch(
        name,
        back,
        () => move(back, 'i-0b2'),
        () => wait(20),
        () => move(back, 'i-0a1'),
      ),
    ).toBeUndefined();
    const { world: slow, pass } = world();
    expect(
      watch(
        name,
        slow,
        () => move(slow, 'i-0b2'),
        () => pass(300),
        () => move(slow, 'i-0c3'),
      ),
    ).toBeUndefined();
  });
});

describe('no-flapping', () => {
  it('is broken by an address that comes to an instance twice within an hour', () => {
    const { world: on, pass } = world();
    const steps = [
      () => move(on, 'i-0b2'),
      () => pass(600),
      () => move(on, 'i-0a1'),
      () => pass(600),
      () => move(on, 'i-0b2'),
    ];
    expect(watch('no-flapping', on, ...steps)).toBe('203.0.113.10 came to i-0b2 twice within 3600 s');
  });

  it('holds for a move and its way back', () => {
    const { world: on, pass } = world();
    expect(
      watch(
        'no-flapping',
        on,
        () => move(on, 'i-0b2'),
        () => pass(600),
        () => move(on, 'i-0a1'),
      ),
    ).toBeUndefined();
  });
});

describe('no-foreign-instance-touched', () => {
  const name = 'no-foreign-instance-touched';

  it("is broken by a tag on a stranger, and by a move of a stranger's address", () => {
    const { world: tagged } = world();
    expect(watch(name, tagged, () => tag(tagged, 'i-0c3', 'runbook:quarantined', 'now'))).toContain(
      'i-0c3 changed from',
    );
    const { world: moved } = world();
    expect(
      watch(name, moved, () =>
        call(moved, 'AssociateAddress', { AllocationId: 'eipalloc-02', InstanceId: 'i-0b2', AllowReassociation: true }),
      ),
    ).toContain('eipalloc-02 changed from');
  });

  it('is broken by one of our addresses that we moved to a stranger', () => {
    const { world: on } = world();
    expect(
      watch(
        name,
        on,
        () => move(on, 'i-0c3'),
        () => tag(on, 'eipalloc-01', 'runbook:moved-at', 'now'),
      ),
    ).toBeDefined();
  });

  it('holds while our own are moved and tagged', () => {
    const { world: on } = world();
    expect(
      watch(
        name,
        on,
        () => move(on, 'i-0b2'),
        () => tag(on, 'i-0a1', 'runbook:quarantined', 'now'),
      ),
    ).toBeUndefined();
  });
});

describe('configuration-tags-untouched', () => {
  const name = 'configuration-tags-untouched';

  it('is broken by a change of a tag that people set', () => {
    const { world: on } = world();
    expect(watch(name, on, () => tag(on, 'eipalloc-01', 'runbook:vip', 'mail'))).toContain('eipalloc-01 changed from');
  });

  it('holds for status tags', () => {
    const { world: on } = world();
    expect(watch(name, on, () => tag(on, 'eipalloc-01', 'runbook:moved-at', 'now'))).toBeUndefined();
  });
});
