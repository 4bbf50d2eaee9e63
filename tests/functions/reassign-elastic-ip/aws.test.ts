/** What is read of AWS about an address, knocked at, sent and verified; AWS's answers are planted. */

import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  AssociateAddressCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
  EC2Client,
  StopInstancesCommand,
  type Address,
  type Instance,
} from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply, locate, observe, requestOf, verify, type Seen } from '../../../functions/reassign-elastic-ip/aws.ts';
import { surroundWith } from '../../../shared/aws/clients.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { makeIo } from '../../../shared/kernel/run/io.ts';

const [ec2, scaling, cloudWatch] = [mockClient(EC2Client), mockClient(AutoScalingClient), mockClient(CloudWatchClient)];

const VIP = [{ Key: 'runbook:vip', Value: 'web' }];
const ON_A: Address = {
  AllocationId: 'eipalloc-1',
  PublicIp: '203.0.113.10',
  AssociationId: 'eipassoc-1',
  InstanceId: 'i-0a',
  NetworkInterfaceId: 'eni-a',
  PrivateIpAddress: '10.0.0.1',
  Tags: VIP,
};

function running(InstanceId: string, change: Partial<Instance> = {}): Instance {
  return {
    InstanceId,
    State: { Name: 'running' },
    Placement: { AvailabilityZone: 'eu-west-1a' },
    PublicIpAddress: `198.51.100.${InstanceId.length}`,
    Tags: VIP,
    ...change,
  };
}

const OK = { SystemStatus: { Status: 'ok' }, InstanceStatus: { Status: 'ok' } } as const;

/** Everything that a look asks for, answered. */
function answer(addresses: Address[], instances: Instance[]): void {
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: addresses });
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters }: { Filters: { Name: string; Values: string[] }[] }) => {
    const [filter] = Filters;
    const isById = filter?.Name === 'instance-id';
    const found = instances.filter(({ InstanceId = '', Tags }) =>
      isById ? filter.Values.includes(InstanceId) : Tags?.length === 1,
    );
    return { Reservations: [{ Instances: found }] };
  });
  ec2.on(DescribeInstanceStatusCommand).resolves({
    InstanceStatuses: instances.map(({ InstanceId }) => ({ InstanceId, ...OK })),
  });
  ec2.on(DescribeAvailabilityZonesCommand).resolves({});
  ec2.on(DescribeVolumesCommand).resolves({});
  ec2.on(DescribeSpotInstanceRequestsCommand).resolves({});
  scaling.on(DescribeAutoScalingGroupsCommand).resolves({});
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
}

/** A group without the tag, which an instance leaves: found by its name alone. */
function answerForUntagged(name: string, leaver: string): void {
  const Instances = [{ InstanceId: leaver, LifecycleState: 'Terminating:Wait', HealthStatus: 'Healthy' }];
  scaling
    .on(DescribeAutoScalingGroupsCommand)
    .callsFake(({ AutoScalingGroupNames }: { AutoScalingGroupNames?: string[] }) =>
      AutoScalingGroupNames?.includes(name) === true
        ? { AutoScalingGroups: [{ AutoScalingGroupName: name, Instances }] }
        : {},
    );
}

interface Surroundings {
  readonly io: Io;
  readonly knocks: string[];
  readonly slept: number[];
}

let restore = (): void => undefined;
afterEach(() => restore());

/** `answers`: what the probe says, one knock after the other; silence beyond. */
function surroundings(answers: readonly ('ok' | 'refused')[] = []): Surroundings {
  const [knocks, slept]: [string[], number[]] = [[], []];
  let nowMs = Date.parse('2026-11-22T08:00:00Z');
  const { signal } = new AbortController();
  const parts = { run: 'r', account: '111122223333', region: 'eu-west-1', signal, target: 't' };
  const io: Io = {
    ...makeIo(parts),
    now: () => new Date(nowMs).toISOString(),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      nowMs += milliseconds;
      return Promise.resolve();
    },
  };
  restore();
  restore = surroundWith({
    probe: (host) => Promise.resolve(answers[knocks.push(host) - 1] ?? 'refused'),
  });
  return { io, knocks, slept };
}

const TICK = requestOf.schedule();

async function seen(io: Io): Promise<Seen | undefined> {
  const [located] = await locate(TICK, io);
  return located?.facts;
}

afterAll(() => {
  for (const stub of [ec2, scaling, cloudWatch]) stub.restore();
});

beforeEach(() => {
  for (const mock of [ec2, scaling, cloudWatch]) mock.reset();
});

describe('a look', () => {
  it('reads the statuses behind the first page of those that matter, a hundred at a time', async () => {
    const fleet = Array.from({ length: 150 }, (_, index) => running(`i-${index.toString(16).padStart(4, '0')}`));
    answer([ON_A], [running('i-0a'), ...fleet, running('i-0f', { State: { Name: 'stopped' } })]);
    ec2.on(DescribeInstanceStatusCommand).callsFake(({ InstanceIds }: { InstanceIds?: string[] }) =>
      InstanceIds === undefined
        ? { InstanceStatuses: [{ InstanceId: 'i-0a', ...OK }], NextToken: 'more' }
        : {
            InstanceStatuses: InstanceIds.map((InstanceId) => ({ InstanceId, SystemStatus: { Status: 'impaired' } })),
          },
    );
    const facts = await seen(surroundings().io);
    const checksOf = (id: string): unknown => facts?.instances.find((each) => each.id === id)?.checks;
    expect(checksOf('i-0a')).toEqual({ system: 'ok', instance: 'ok' });
    expect(checksOf('i-0000')).toEqual({ system: 'impaired' });
    expect(checksOf('i-0095')).toEqual({ system: 'impaired' });
    const asked = ec2.commandCalls(DescribeInstanceStatusCommand).map(({ args }) => args[0].input.InstanceIds?.length);
    expect(asked).toEqual([undefined, 100, 50]);
  });

  it('does not ask for statuses again where the first page was all', async () => {
    answer([ON_A], [running('i-0a'), running('i-0b')]);
    await seen(surroundings().io);
    expect(ec2.commandCalls(DescribeInstanceStatusCommand)).toHaveLength(1);
  });

  it('knows that EC2 does not know the holder any more', async () => {
    answer([ON_A], [running('i-0b')]);
    const facts = await seen(surroundings().io);
    expect(facts?.instances.map(({ id, state }) => [id, state])).toEqual([
      ['i-0b', 'running'],
      ['i-0a', 'absent'],
    ]);
  });

  it('reads a holder that does not carry the name, and its group', async () => {
    const theirs = [
      { Key: 'aws:autoscaling:groupName', Value: 'theirs' },
      { Key: 'owner', Value: 'kim' },
    ];
    answer([ON_A], [running('i-0b'), running('i-0a', { Tags: theirs })]);
    answerForUntagged('theirs', 'i-0a');
    const facts = await seen(surroundings().io);
    expect(facts?.instances.find(({ id }) => id === 'i-0a')).toMatchObject({
      state: 'running',
      vip: null,
      membership: { lifecycleState: 'Terminating:Wait' },
    });
  });

  it('reads the groups of members whose group is not tagged: who leaves one is no better for that', async () => {
    const grouped = running('i-0b', {
      Tags: [...VIP, { Key: 'aws:autoscaling:groupName', Value: 'blue' }],
    });
    answer([ON_A], [running('i-0a')]);
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running('i-0a'), grouped] }] });
    answerForUntagged('blue', 'i-0b');
    const facts = await seen(surroundings().io);
    expect(facts?.instances.find(({ id }) => id === 'i-0b')?.membership?.lifecycleState).toBe('Terminating:Wait');
  });

  it('fails as a whole where a page of it fails', async () => {
    answer([ON_A], [running('i-0a')]);
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [running('i-0a')] }], NextToken: 'more' })
      .rejects(Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' }));
    await expect(locate(TICK, surroundings().io)).rejects.toThrow('slow down');
  });

  it('reads every page of what is tagged', async () => {
    answer([ON_A], []);
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [running('i-0a')] }], NextToken: 'more' })
      .resolves({ Reservations: [{ Instances: [running('i-0b')] }, { Instances: [running('i-0c')] }] });
    const facts = await seen(surroundings().io);
    expect(facts?.instances.map(({ id }) => id)).toEqual(['i-0a', 'i-0b', 'i-0c']);
  });

  it('of an address whose record cannot be read is that address’s own fault', async () => {
    const { PublicIp: _unsaid, ...nameless } = ON_A;
    answer([nameless, { ...ON_A, AllocationId: 'eipalloc-2' }], [running('i-0a')]);
    const located = await locate(TICK, surroundings().io);
    expect(located.map(({ target, fault }) => [target, fault?.message])).toEqual([
      ['arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1', "eipalloc-1.PublicIp: missing in AWS's answer"],
      ['arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-2', undefined],
    ]);
  });
});

describe('an address', () => {
  const request = (target: string) => ({ ...TICK, target });
  const targetsOf = async (target: string): Promise<readonly string[]> =>
    (await locate(request(target), surroundings().io)).map((each) => each.target.split('/')[1] ?? '');

  it('that is called by its id is that one, also where another has that word as its name', async () => {
    const named: Address = {
      AllocationId: 'eipalloc-2',
      PublicIp: '203.0.113.11',
      Tags: [{ Key: 'runbook:vip', Value: 'eipalloc-1' }],
    };
    answer([ON_A, named], [running('i-0a')]);
    expect(await targetsOf('eipalloc-1')).toEqual(['eipalloc-1']);
    expect(await targetsOf('203.0.113.11')).toEqual(['eipalloc-2']);
    expect(await targetsOf('web')).toEqual(['eipalloc-1']);
    expect(await targetsOf('eipalloc-3')).toEqual([]);
  });
  it('that was released meanwhile is told of by its name, and nothing is read for it', async () => {
    answer([], []);
    const target = 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1';
    expect(await observe(target, TICK, surroundings().io)).toMatchObject({
      isReleased: true,
      address: { allocationId: 'eipalloc-1', association: null },
      instances: [],
      hooks: [],
    });
  });
  it('of which AWS says anything that it is on, is on it', async () => {
    const { InstanceId: _i, AssociationId: _a, NetworkInterfaceId: _n, PrivateIpAddress: _p, ...free } = ON_A;
    answer([free, { ...free, AllocationId: 'eipalloc-2', AssociationId: 'eipassoc-2' }], []);
    const located = await locate(TICK, surroundings().io);
    expect(located.map(({ facts, fault }) => [facts?.address.association, fault?.message])).toEqual([
      [null, undefined],
      [undefined, "eipalloc-2.NetworkInterfaceId: missing in AWS's answer"],
    ]);
  });
  it('with a tag that cannot be read says so, and is not taken for one without', async () => {
    const tag = (Key: string, Value: string) => ({ Key: `runbook:${Key}`, Value });
    const Tags = [...VIP, tag('fence', 'always'), tag('probe', 'icmp'), tag('failback-minutes', 'soon')];
    answer([{ ...ON_A, Tags }], [running('i-0a')]);
    expect((await seen(surroundings().io))?.address).toMatchObject({
      fence: 'none',
      probeTag: null,
      failbackMinutes: null,
      problems: [
        "eipalloc-1: tag runbook:fence: 'always' is not none, best-effort or required",
        "eipalloc-1: tag runbook:probe: 'icmp' is not like tcp:443 or http:80/healthz",
        "eipalloc-1: tag runbook:failback-minutes: 'soon' is not a whole number of minutes",
      ],
    });
  });
});

describe('the probe of an address', () => {
  const probed: Address = { ...ON_A, Tags: [...VIP, { Key: 'runbook:probe', Value: 'tcp:443' }] };

  it('is put to the holder three times, two seconds apart, before it counts as silent', async () => {
    answer([probed], [running('i-0a')]);
    const { io, knocks, slept } = surroundings();
    expect((await seen(io))?.address.probe).toBe('failed');
    expect(knocks).toEqual(['203.0.113.10', '203.0.113.10', '203.0.113.10']);
    expect(slept).toEqual([2_000, 2_000]);
  });
  it('has succeeded with the first answer', async () => {
    answer([probed], [running('i-0a')]);
    const { io, knocks } = surroundings(['refused', 'refused', 'ok']);
    expect((await seen(io))?.address.probe).toBe('ok');
    expect(knocks).toHaveLength(3);
  });
  it('is put to nobody who is down, and once to each who stands by', async () => {
    answer([probed], [running('i-0a', { State: { Name: 'stopped' } }), running('i-00b'), running('i-000c')]);
    const { io, knocks, slept } = surroundings();
    const facts = await seen(io);
    expect(facts?.address.probe).toBe('none');
    expect(facts?.instances.map(({ id, probe }) => [id, probe])).toEqual([
      ['i-0a', 'none'],
      ['i-00b', 'failed'],
      ['i-000c', 'failed'],
    ]);
    expect(knocks).toEqual(['198.51.100.5', '198.51.100.6']);
    expect(slept).toEqual([]);
  });
});

const PLACE = { NetworkInterfaceId: 'eni-b', PrivateIpAddress: '10.0.0.2' };
const MOVE: PlannedCall = {
  call: 'ec2:AssociateAddress',
  input: { AllocationId: 'eipalloc-1', ...PLACE },
  because: 'the holder is down',
  undo: {
    call: 'ec2:AssociateAddress',
    input: { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-a', PrivateIpAddress: '10.0.0.1' },
  },
};

describe('a move', () => {
  const there = { AllocationId: 'eipalloc-1', PublicIp: '203.0.113.10', ...PLACE };

  it('is verified once the address is on the interface and on its private address', async () => {
    ec2.on(DescribeAddressesCommand).resolves({ Addresses: [there] });
    expect(await verify('t', [MOVE], TICK, surroundings().io)).toEqual({ ok: true });
  });
  it.each([
    ['on another private address of the interface', { ...there, PrivateIpAddress: '10.0.0.3' }],
    ['on the same private address of another interface', { ...there, NetworkInterfaceId: 'eni-a' }],
    ['nowhere', { AllocationId: 'eipalloc-1' }],
  ])('is not, while the address is %s; a minute is waited for it', async (_where, seenThere) => {
    ec2.on(DescribeAddressesCommand).resolves({ Addresses: [seenThere] });
    const { io, slept } = surroundings();
    expect(await verify('t', [MOVE], TICK, io)).toEqual({ ok: false, why: 'eipalloc-1 is not on eni-b/10.0.0.2' });
    expect(slept.reduce((sum, each) => sum + each, 0)).toBe(60_000);
  });
  it('shows late', async () => {
    ec2
      .on(DescribeAddressesCommand)
      .resolvesOnce({ Addresses: [ON_A] })
      .resolves({ Addresses: [there] });
    const { io, slept } = surroundings();
    expect(await verify('t', [MOVE], TICK, io)).toEqual({ ok: true });
    expect(slept).toEqual([2_000]);
  });
  it('is verified by the probe too, where the plan expects an answer', async () => {
    ec2.on(DescribeAddressesCommand).resolves({ Addresses: [there] });
    const expecting = [{ ...MOVE, expect: { probe: 'tcp:443' } }];
    expect(await verify('t', expecting, TICK, surroundings(['refused', 'ok']).io)).toEqual({ ok: true });
    expect(await verify('t', expecting, TICK, surroundings().io)).toEqual({
      ok: false,
      why: 'eipalloc-1 is on eni-b/10.0.0.2, but its probe says refused',
    });
  });
  it('takes the address from where it is', async () => {
    ec2.on(AssociateAddressCommand).resolves({});
    const { 'ec2:AssociateAddress': associate } = apply;
    const send = typeof associate === 'function' ? associate : associate?.send;
    await send?.(MOVE.input, surroundings().io);
    expect(ec2.commandCalls(AssociateAddressCommand).map(({ args }) => args[0].input)).toEqual([
      { AllocationId: 'eipalloc-1', ...PLACE, AllowReassociation: true },
    ]);
  });
});

describe('the other calls', () => {
  async function sent(call: string, input: PlannedCall['input']): Promise<void> {
    const change = apply[call];
    await (typeof change === 'function' ? change : change?.send)?.(input, surroundings().io);
  }
  it('stop by force, without waiting for the system', async () => {
    ec2.on(StopInstancesCommand).resolves({});
    await sent('ec2:StopInstances', { InstanceIds: ['i-0a'] });
    expect(ec2.commandCalls(StopInstancesCommand).map(({ args }) => args[0].input)).toEqual([
      { InstanceIds: ['i-0a'], Force: true, SkipOsShutdown: true },
    ]);
  });
  it('never take away tags that are not named: without names EC2 would take them all', async () => {
    ec2.on(DeleteTagsCommand).resolves({});
    await expect(sent('ec2:DeleteTags', { Resources: ['i-0a'], Tags: [] })).rejects.toThrow('plan: Tags');
    expect(ec2.commandCalls(DeleteTagsCommand)).toEqual([]);
  });
});
