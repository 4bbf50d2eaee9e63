/** What `heal-bastion` reads of AWS, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, TICK, verify, type Request, type Seen } from '../../../functions/heal-bastion/aws.ts';
import {
  A,
  B,
  C,
  FLEET,
  instance,
  isSo,
  OTHER,
  scalingGroup,
  securityGroup,
  tags,
  targetGroup,
  within,
} from './small-account.ts';
import { EVERYBODY } from './network-facts.ts';

const NAME = 'targetgroup/bastion/73e2d6bc24d8a067';

describe('the fleet that is meant', () => {
  const UNTAGGED = FLEET.replace('bastion/73e2d6bc24d8a067', 'web/0123456789abcdef');
  const targetGroups = [
    targetGroup(OTHER, { Tags: tags({ 'runbook:bastion': 'jump' }), LoadBalancerArns: [] }),
    targetGroup(FLEET),
    targetGroup(UNTAGGED, { Tags: [] }),
  ];
  const groups = [scalingGroup('ops', [A]), scalingGroup('jump', [], { TargetGroupARNs: [OTHER] })];

  const meant = async (of: Request['of']): Promise<readonly string[]> => {
    const { value = [] } = await within((io) => locate({ ...TICK, of }, io), { targetGroups, groups });
    return value.map(({ target }) => target);
  };

  it('is each that carries the tag, in one order', async () => {
    expect(await meant({ by: 'all' })).toEqual([FLEET, OTHER]);
  });

  it('is named by the value of its tag, its ARN, or the end of one', async () => {
    expect(await meant({ by: 'text', text: 'ops' })).toEqual([FLEET]);
    expect(await meant({ by: 'text', text: OTHER })).toEqual([OTHER]);
    expect(await meant({ by: 'text', text: NAME })).toEqual([FLEET]);
    expect(await meant({ by: 'text', text: 'bastion' })).toEqual([]);
    expect(await meant({ by: 'text', text: UNTAGGED })).toEqual([]);
  });

  it('is named by the dimensions of a metric', async () => {
    const loadBalancer = 'net/bastion/50dc6c495c0c9188';
    expect(await meant({ by: 'metric', targetGroup: NAME, loadBalancer })).toEqual([FLEET]);
    expect(await meant({ by: 'metric', targetGroup: 'targetgroup/web/0123456789abcdef', loadBalancer })).toEqual([]);
  });

  it.each([
    ['net/bastion/50dc6c495c0c9188', [FLEET]],
    ['net/gone/50dc6c495c0c9189', []],
    ['bastion', []],
  ])('is whatever is behind the load balancer that a metric names alone: %s', async (loadBalancer, arns) => {
    expect(await meant({ by: 'metric', targetGroup: null, loadBalancer })).toEqual(arns);
  });

  it('is no reason to look behind a load balancer where there is none', async () => {
    const of = { by: 'metric', targetGroup: null, loadBalancer: 'net/bastion/50dc6c495c0c9188' } as const;
    const { value, requests } = await within((io) => locate({ ...TICK, of }, io), {
      targetGroups: [targetGroup(FLEET, { Tags: [] })],
    });
    expect(value).toEqual([]);
    expect(requests.map(({ call }) => call)).not.toContain('elasticloadbalancing:DescribeTargetGroups');
  });

  it('is named by the group that registers its members there', async () => {
    expect(await meant({ by: 'group', group: 'jump' })).toEqual([OTHER]);
    expect(await meant({ by: 'group', group: 'web' })).toEqual([]);
  });

  it('is no reason to read groups where there is none', async () => {
    const { value, requests } = await within((io) => locate({ ...TICK, of: { by: 'group', group: 'web' } }, io), {
      targetGroups: [targetGroup(FLEET, { Tags: [] })],
    });
    expect(value).toEqual([]);
    expect(requests.map(({ call }) => call)).not.toContain('autoscaling:DescribeAutoScalingGroups');
  });
});

/** A look at the fleet. */
async function look(parts: Parameters<typeof within>[1] = {}): Promise<Seen> {
  const { value, thrown } = await within((io) => observe(FLEET, TICK, io), parts);
  if (value === undefined) throw thrown;
  return value;
}

const FAILING = { [FLEET]: [isSo(A, 'unhealthy', 'Target.FailedHealthChecks'), isSo(B, 'healthy')] };

describe('a look at a fleet in which everybody serves', () => {
  it('has its target group, hosts and groups, and nothing of the network', async () => {
    const seen = await look();
    expect(seen).toMatchObject({
      target: FLEET,
      ask: TICK.ask,
      run: 'r',
      begunAt: '2026-11-30T09:00:00.000Z',
      targetGroup: {
        name: NAME,
        fleet: 'ops',
        targetType: 'instance',
        healthySeconds: 30,
        checks: { intervalSeconds: 10, unhealthyThreshold: 2, healthyThreshold: 3 },
        resetsUnhealthy: true,
        drainsSeconds: 300,
        resetsDrainedAfterSeconds: null,
        balancer: {
          name: 'net/bastion/50dc6c495c0c9188',
          zones: ['eu-west-1a', 'eu-west-1b'],
          isCrossZone: false,
        },
      },
      unavailable: null,
      network: null,
      counting: { documents: [], counts: {} },
    });
    expect(seen.hosts).toMatchObject([
      {
        id: A,
        state: 'running',
        zone: 'eu-west-1a',
        checks: { system: 'ok', instance: 'ok' },
        membership: { group: 'bastion', lifecycleState: 'InService' },
        isTagged: false,
        targets: [{ port: 22, state: 'healthy', reason: null, isShifted: false }],
        ofOtherGroup: null,
        lastIn: [],
        untoldIn: [],
        drainsIn: [],
      },
      { id: B, zone: 'eu-west-1b' },
    ]);
    expect(seen.groups).toEqual([
      {
        name: 'bastion',
        isTagged: true,
        checksByElb: false,
        checksByEbs: false,
        goneTargetGroups: [],
        graceSeconds: 180,
        minSize: 0,
        desired: 2,
        zones: ['eu-west-1a', 'eu-west-1b'],
        suspended: [],
        members: 2,
        isWeighted: false,
      },
    ]);
  });

  it('has hosts that stand by, and those of its groups that are not registered', async () => {
    const standby = instance(C, 'b', { PrivateIpAddress: '10.0.2.11', Tags: tags({ 'runbook:bastion': 'ops' }) });
    const foreign = instance('i-0d84d2a75b3e6f917', 'b', {
      PrivateIpAddress: '10.0.2.12',
      Tags: tags({ 'runbook:bastion': 'jump' }),
    });
    const { hosts } = await look({
      ec2: { Instances: [instance(A, 'a'), instance(B, 'b'), standby, foreign] },
      health: { [FLEET]: [isSo(A, 'healthy')] },
    });
    expect(
      hosts.map(({ id, membership, isTagged, targets }) => [id, membership?.group, isTagged, targets.length]),
    ).toEqual([
      [A, 'bastion', false, 1],
      [B, 'bastion', false, 0],
      [C, undefined, true, 0],
    ]);
  });

  it('has nothing of the groups of other fleets', async () => {
    const seen = await look({
      groups: [scalingGroup('bastion', [A, B]), scalingGroup('jump', [], { TargetGroupARNs: [OTHER] })],
      targetGroups: [targetGroup(FLEET), targetGroup(OTHER, { Tags: [] })],
    });
    expect(seen.groups.map(({ name }) => name)).toEqual(['bastion']);
  });

  it('has in which other target groups a host is the last', async () => {
    const third = FLEET.replace('bastion/73e2d6bc24d8a067', 'vpn/0123456789abcdef');
    const { hosts } = await look({
      targetGroups: [targetGroup(FLEET), targetGroup(OTHER), targetGroup(third)],
      groups: [scalingGroup('bastion', [A, B], { TargetGroupARNs: [FLEET, OTHER, third] })],
      health: {
        [OTHER]: [isSo(A, 'healthy'), isSo(B, 'unhealthy', 'Target.FailedHealthChecks')],
        [third]: [isSo(A, 'healthy'), isSo(B, 'healthy')],
      },
    });
    expect(hosts.map(({ lastIn }) => lastIn)).toEqual([['targetgroup/jump/0123456789abcdef'], []]);
  });
});

describe('what is not looked at', () => {
  const read = async (
    parts: Parameters<typeof within>[1],
    target = FLEET,
  ): Promise<readonly [Seen | undefined, boolean]> => {
    const { value, requests } = await within((io) => observe(target, TICK, io), parts);
    return [value, requests.some(({ call }) => call === 'ec2:DescribeInstances')];
  };

  it('is a target group that is gone, or not tagged', async () => {
    const gone = await read({}, OTHER);
    expect([gone[0]?.targetGroup, gone[0]?.hosts, gone[1]]).toEqual([null, [], false]);
    const untagged = await read({ targetGroups: [targetGroup(FLEET, { Tags: [] })] });
    expect([untagged[0]?.targetGroup, untagged[1]]).toEqual([null, false]);
    const empty = await read({ targetGroups: [targetGroup(FLEET, { Tags: tags({ 'runbook:bastion': '' }) })] });
    expect([empty[0]?.targetGroup, empty[1]]).toEqual([null, false]);
  });

  it('is one that no load balancer uses', async () => {
    const [seen, isRead] = await read({ targetGroups: [targetGroup(FLEET, { LoadBalancerArns: [] })] });
    expect([seen?.targetGroup?.balancer, seen?.hosts, isRead]).toEqual([null, [], false]);
  });

  it('is one of whose targets Elastic Load Balancing says nothing', async () => {
    const [seen, isRead] = await read({ unavailable: true });
    expect([seen?.unavailable, seen?.hosts, isRead]).toEqual(['HealthUnavailableException', [], false]);
  });
});

describe('a read that fails', () => {
  it('is no answer', async () => {
    const { requests } = await within((io) => observe(FLEET, TICK, io), { health: FAILING });
    const calls = requests.map(({ call }) => call);
    const fails = async (call: string): Promise<unknown> => {
      const point = { request: calls.indexOf(call), kind: 'throttled' } as const;
      return (await within((io) => observe(FLEET, TICK, io), { health: FAILING }, [point])).thrown;
    };
    for (const call of ['elasticloadbalancing:DescribeTargetHealth', 'ec2:DescribeNetworkAcls'])
      expect(await fails(call)).toBeInstanceOf(Error);
  });
});

describe('a look at a fleet in which some fail', () => {
  it('has the way of a check to those, and to those who are healthy', async () => {
    const balancer = { SecurityGroups: ['sg-nlb'] };
    const SecurityGroups = [
      securityGroup('sg-host', [], {
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 22,
            ToPort: 22,
            IpRanges: [{ CidrIp: '0.0.0.0/0' }],
            UserIdGroupPairs: [{ GroupId: 'sg-nlb', UserId: '111122223333' }],
          },
        ],
      }),
      securityGroup('sg-nlb', ['198.51.100.0/24']),
    ];
    const { network } = await look({ ec2: { SecurityGroups }, balancer, health: FAILING });
    const open = [{ protocol: '-1', from: null, to: null, cidrs: EVERYBODY, lists: [], groups: [] }];
    const intoHost = { protocol: 'tcp', from: 22, to: 22, cidrs: EVERYBODY, lists: [], groups: ['sg-nlb'] };
    const acl = { id: 'acl-1' };
    expect(network).toMatchObject({
      subnets: [
        { id: 'subnet-b', acl },
        { id: 'subnet-a', acl },
      ],
      nodes: [
        { subnet: 'subnet-b', zone: 'eu-west-1b', cidrs: ['10.0.2.0/24'] },
        { subnet: 'subnet-a', zone: 'eu-west-1a', cidrs: ['10.0.1.0/24'] },
      ],
      securityGroups: [
        { id: 'sg-nlb', inbound: [], outbound: open },
        { id: 'sg-host', inbound: [intoHost], outbound: [] },
      ],
      balancerGroups: ['sg-nlb'],
      reaches: [
        {
          host: A,
          cidrs: ['10.0.1.10/32'],
          port: 22,
          subnet: 'subnet-a',
          groups: ['sg-host'],
        },
        { host: B, cidrs: ['10.0.2.10/32'], subnet: 'subnet-b' },
      ],
    });
    expect(network?.subnets[0]?.acl.entries).toEqual(
      expect.arrayContaining([
        {
          number: 100,
          isOutbound: false,
          isAllowed: true,
          protocol: '-1',
          from: null,
          to: null,
          cidrs: ['0.0.0.0/1', '128.0.0.0/1'],
        },
      ]),
    );
  });

  it('has the networks of prefix lists', async () => {
    const PrefixLists = [
      {
        PrefixListId: 'pl-1',
        PrefixListName: 'nodes',
        AddressFamily: 'IPv4',
        MaxEntries: 5,
        Entries: [{ Cidr: '10.0.1.0/24' }, { Cidr: '10.0.2.0/24' }],
      },
    ];
    const SecurityGroups = [
      securityGroup('sg-host', [], {
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId: 'pl-1' }] }],
      }),
    ];
    const { network } = await look({ ec2: { SecurityGroups, PrefixLists }, health: FAILING });
    expect(network?.securityGroups[0]?.inbound[0]?.lists).toEqual(['pl-1']);
    expect(network?.prefixLists).toEqual([{ id: 'pl-1', cidrs: ['10.0.1.0/24', '10.0.2.0/24'] }]);
  });
});

describe('a look at a fleet in which one is out', () => {
  const documents = (...names: readonly string[]) => ({
    InstanceInformation: [A, B].map((InstanceId) => ({ InstanceId, PingStatus: 'Online' })),
    Documents: names.map((Name) => ({
      Name,
      DocumentType: 'Command',
      Owner: '111122223333',
      Tags: tags({ 'runbook:bastion': 'ops' }),
      Parameters: [],
      Sessions: { Hosts: { [A]: 2 } },
    })),
  });
  const health = { [FLEET]: [isSo(A, 'draining', 'Target.DeregistrationInProgress'), isSo(B, 'healthy')] };

  it('has the document that counts who is on it, and no count of anybody else', async () => {
    const { counting } = await look({ health, ssm: documents('count-sessions') });
    expect(counting).toEqual({ documents: ['count-sessions'], counts: { [A]: [] } });
  });

  it('has none where there is none, or more than one', async () => {
    expect((await look({ health, ssm: documents() })).counting).toEqual({ documents: [], counts: {} });
    expect((await look({ health, ssm: documents('one', 'two') })).counting).toEqual({
      documents: ['one', 'two'],
      counts: {},
    });
  });
});

describe('what was done', () => {
  it('is looked at again rather than verified', async () => {
    expect(await verify()).toEqual({ ok: true });
  });
});
