/** What is said before a launch: one thing wrong at a time, one sentence each. */

import { describe, expect, it } from 'vitest';
import { needsFabric, type Facts, type Rung } from '../../../functions/scale-hpc-fleet/decide.ts';
import { ago, fabricOf, facts, FOUR, launching, NOW, nodesOf, record, RUNG } from './fleet-facts.ts';
import { decided, HELD, interfaceOn, NEXT, OPEN, OTHER_SG, RESERVED, said, SG, type Given } from './preflight-facts.ts';

const base = fabricOf([RESERVED]);
const type = base.types['hpc7a.96xlarge'];
const held = HELD;
if (type === undefined) throw new Error('the type of the rung');

describe('a fleet', () => {
  it('launches where nothing is wrong', () => {
    expect(said({}).slice(0, 2)).toEqual(['act', 'gangs-launched']);
  });

  it.each<[string, string, Given]>([
    ['no-security-group', `there is no security group ${SG}`, { fabric: { groups: [] } }],
    [
      'efa-group-not-open',
      `security group ${SG} has no egress rule to itself for all traffic (protocol -1), which EFA needs`,
      { fabric: { groups: [{ ...OPEN, to: [] }] } },
    ],
    [
      'efa-group-not-open',
      `security group ${SG} has no ingress rule from itself for all traffic (protocol -1), which EFA needs`,
      { fabric: { groups: [{ ...OPEN, from: [] }] } },
    ],
    [
      'efa-group-not-open',
      `security group ${SG} has no ingress rule from itself and no egress rule to itself for all traffic (protocol -1), which EFA needs`,
      { fabric: { groups: [{ ...OPEN, from: [], to: [] }] } },
    ],
    [
      'efa-group-not-open',
      `security groups ${SG}, ${OTHER_SG} have no egress rule to one another for all traffic (protocol -1), which EFA needs`,
      {
        template: { interfaces: [interfaceOn(0, { Groups: [SG, OTHER_SG] })] },
        fabric: {
          groups: [
            { ...OPEN, to: [] },
            { ...OPEN, id: OTHER_SG, from: [], to: [] },
          ],
        },
      },
    ],
    [
      'efa-group-not-open',
      'the default security group sg-d has no egress rule to itself for all traffic (protocol -1), which EFA needs',
      {
        template: { interfaces: [interfaceOn(0, { Groups: [] })] },
        fabric: { groups: [{ id: 'sg-d', vpcId: 'vpc-1', isDefault: true, from: ['sg-d'], to: [] }] },
      },
    ],
    [
      'unfit-interfaces',
      'the launch template has two interfaces on network card 0, device index 0',
      { template: { interfaces: [interfaceOn(0), interfaceOn(1), interfaceOn(0)] } },
    ],
    [
      'unfit-interfaces',
      'the launch template has interfaces, and no primary one (network card 0, device index 0)',
      { template: { interfaces: [interfaceOn(0, { DeviceIndex: 1 }), interfaceOn(1, { DeviceIndex: 0 })] } },
    ],
    [
      'unfit-interfaces',
      'the primary interface of the launch template is efa-only',
      { template: { interfaces: [interfaceOn(0, { InterfaceType: 'efa-only' }), interfaceOn(1)] } },
    ],
    [
      'unfit-interfaces',
      'the launch template wants a public address, which a node with 2 interfaces cannot have',
      { template: { interfaces: [interfaceOn(0), interfaceOn(1, { AssociatePublicIpAddress: true })] } },
    ],
    ['unfit-image', 'the launch template names no image', { template: { imageId: null } }],
    [
      'unfit-image',
      'the launch template names its image by a parameter (resolve:ssm:/ami), which the runbook may not read: name it by id',
      { template: { imageId: 'resolve:ssm:/ami' }, fabric: { image: null } },
    ],
    ['unfit-image', 'there is no image ami-0a1b2c3d4e5f60718 that this account may use', { fabric: { image: null } }],
    [
      'unfit-image',
      'image ami-0a1b2c3d4e5f60718 is deregistered',
      { fabric: { image: { state: 'deregistered', platform: 'Linux/UNIX' } } },
    ],
    [
      'unfit-image',
      'image ami-0a1b2c3d4e5f60718 is Windows, and EFA is for Linux alone',
      { fabric: { image: { state: 'available', platform: 'Windows' } } },
    ],
  ])('refuses with %s: %s', (code, because, one) => {
    expect(said(one)).toEqual(['refuse', code, because]);
  });

  it.each<[string, Given]>([
    [
      'rules of several groups of an interface count together',
      {
        template: { interfaces: [interfaceOn(0, { Groups: [SG, OTHER_SG] })] },
        fabric: {
          groups: [
            { ...OPEN, to: [] },
            { ...OPEN, id: OTHER_SG, from: [], to: [OTHER_SG] },
          ],
        },
      },
    ],
    [
      'an interface without EFA needs no group that is open',
      {
        template: { interfaces: [interfaceOn(0, { InterfaceType: 'interface' })] },
        fabric: { groups: [{ ...OPEN, from: [], to: [] }] },
      },
    ],
    [
      'a public address of its only interface',
      { template: { interfaces: [interfaceOn(0, { AssociatePublicIpAddress: true })] } },
    ],
    [
      'no public address of several interfaces',
      { template: { interfaces: [interfaceOn(0, { AssociatePublicIpAddress: false }), interfaceOn(1)] } },
    ],
    [
      'Windows is good for what has no EFA',
      { template: { interfaces: [] }, fabric: { image: { state: 'available', platform: 'Windows' } } },
    ],
    [
      'what AWS does not say is held against nobody',
      {
        fabric: {
          types: {
            'hpc7a.96xlarge': {
              vcpus: null,
              usage: null,
              strategies: null,
              hasEna: null,
              hasEfa: null,
              maxEfaInterfaces: null,
              cards: null,
            },
          },
          subnets: { [RUNG.subnetId]: { vpcId: null, freeAddresses: null } },
        },
      },
    ],
  ])('launches: %s', (_what, one) => {
    expect(said(one).slice(0, 2)).toEqual(['act', 'gangs-launched']);
  });
});

const TWICE_ON_1 = interfaceOn(1, { DeviceIndex: 0, InterfaceType: 'efa-only' });

const WRONG: [string, Given][] = [
  ['there is no instance type hpc7a.96xlarge in this Region', { fabric: { types: {} } }],
  ['hpc7a.96xlarge is not offered in eu-west-1a', { fabric: { offered: ['hpc7a.96xlarge/eu-west-1b'] } }],
  ['hpc7a.96xlarge cannot be had on-demand', { fabric: { types: { 'hpc7a.96xlarge': { ...type, usage: ['spot'] } } } }],
  ['hpc7a.96xlarge has no ENA', { fabric: { types: { 'hpc7a.96xlarge': { ...type, hasEna: false } } } }],
  [
    'hpc7a.96xlarge has no EFA, and the launch template asks for it',
    { fabric: { types: { 'hpc7a.96xlarge': { ...type, hasEfa: false } } } },
  ],
  [
    'of EFA interfaces hpc7a.96xlarge takes 1 at most, and the launch template has 2',
    { fabric: { types: { 'hpc7a.96xlarge': { ...type, maxEfaInterfaces: 1 } } } },
  ],
  [
    'hpc7a.96xlarge has no network card 1, and the launch template has an interface on it',
    { fabric: { types: { 'hpc7a.96xlarge': { ...type, cards: { 0: 2 } } } } },
  ],
  [
    'network card 1 of hpc7a.96xlarge takes one EFA interface, and the launch template has more on it',
    { template: { interfaces: [interfaceOn(0, { InterfaceType: 'interface' }), interfaceOn(1), TWICE_ON_1] } },
  ],
  [
    'network card 1 of hpc7a.96xlarge takes 1 interfaces, and the launch template has one with device index 1',
    { fabric: { types: { 'hpc7a.96xlarge': { ...type, cards: { 0: 2, 1: 1 } } } } },
  ],
  ['there is no placement group cfd-a', { fabric: { placementGroups: {} } }],
  [
    'placement group cfd-a is deleting',
    { fabric: { placementGroups: { 'cfd-a': { strategy: 'cluster', state: 'deleting', zones: [] } } } },
  ],
  [
    'placement group cfd-a has the strategy spread, and 4 nodes of one job need cluster',
    { fabric: { placementGroups: { 'cfd-a': { strategy: 'spread', state: 'available', zones: [] } } } },
  ],
  [
    'hpc7a.96xlarge cannot be in a placement group of the strategy cluster',
    { fabric: { types: { 'hpc7a.96xlarge': { ...type, strategies: ['spread'] } } } },
  ],
  [
    'placement group cfd-a has instances in eu-west-1b, and the subnet is in eu-west-1a',
    { fabric: { placementGroups: { 'cfd-a': { strategy: 'cluster', state: 'available', zones: ['eu-west-1b'] } } } },
  ],
  [
    `${RUNG.subnetId} is in vpc-2, and security group ${SG} is in vpc-1`,
    { fabric: { subnets: { [RUNG.subnetId]: { vpcId: 'vpc-2', freeAddresses: 4_000 } } } },
  ],
];

const RESERVATIONS: [string, Partial<typeof held>][] = [
  ['cr-1 is a Capacity Block, which needs the market capacity-block: a rung has none', { isBlock: true }],
  ['capacity reservation cr-1 is scheduled, not active', { state: 'scheduled' }],
  ['capacity reservation cr-1 is of c5n.18xlarge, not hpc7a.96xlarge', { instanceType: 'c5n.18xlarge' }],
  ['capacity reservation cr-1 is in eu-west-1b, and the subnet is in eu-west-1a', { zone: 'eu-west-1b' }],
  ['capacity reservation cr-1 is for Windows, and the image is Linux/UNIX', { platform: 'Windows' }],
  ['capacity reservation cr-1 is for Ubuntu Pro, and the image is Linux/UNIX', { platform: 'Ubuntu Pro' }],
  [
    'capacity reservation cr-1 is of the tenancy dedicated, and the launch template is of default',
    { tenancy: 'dedicated' },
  ],
  ['capacity reservation cr-1 is in placement group cfd-b, and the rung is in cfd-a', { placementGroup: 'cfd-b' }],
  [
    'capacity reservation cr-1 is in placement group arn:aws:ec2:eu-west-1:444455556666:placement-group/cfd-a, and the rung is in cfd-a',
    { placementGroup: 'arn:aws:ec2:eu-west-1:444455556666:placement-group/cfd-a' },
  ],
];

const ALL_WRONG: [string, Given][] = [
  ...WRONG,
  ['there is no capacity reservation cr-1', { rungs: [RESERVED], fabric: { reservations: {} } }],
  ...RESERVATIONS.map(([because, more]): [string, Given] => [
    because,
    { rungs: [RESERVED], fabric: { reservations: { 'cr-1': { ...held, ...more } } } },
  ]),
];

describe('a rung', () => {
  it.each(ALL_WRONG)('will not do: %s', (because, one) => {
    const [rung = RUNG] = one.rungs ?? [RUNG];
    const paid = rung.reservation === null ? 'on-demand' : `reservation ${rung.reservation}`;
    expect(said(one)).toEqual([
      'refuse',
      'unfit-ladder',
      `no rung will do: hpc7a.96xlarge in eu-west-1a, group cfd-a (${paid}): ${because}`,
    ]);
  });

  it('with something wrong is passed, and people are told', () => {
    const rungs = [RUNG, NEXT];
    const decision = decided({ rungs, fabric: { offered: ['hpc7a.96xlarge/eu-west-1b'] } });
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'gangs-launched',
      attention: true,
      evidence: {
        rungs: [
          'hpc7a.96xlarge in eu-west-1a, group cfd-a (on-demand): passed, hpc7a.96xlarge is not offered in eu-west-1a',
          'hpc7a.96xlarge in eu-west-1b, group cfd-b (on-demand): may be tried',
        ],
      },
    });
    expect(decision.because).toBe(
      'a job of cfd-4 waits: 4 nodes of hpc7a.96xlarge in eu-west-1b, group cfd-b (on-demand), all or none: gang 0123456789abcdef0123456789ab0000; ' +
        'passed: hpc7a.96xlarge in eu-west-1a, group cfd-a (on-demand): hpc7a.96xlarge is not offered in eu-west-1a',
    );
  });

  it('behind the one that is taken is not told of', () => {
    const decision = decided({ rungs: [RUNG, NEXT], fabric: { offered: ['hpc7a.96xlarge/eu-west-1a'] } });
    expect(decision).not.toHaveProperty('attention');
  });
});

const QUOTA = { code: 'L-F7808C92', vcpus: 1_600, held: 900 };
const WHERE = 'hpc7a.96xlarge in eu-west-1a, group cfd-a';

describe('what is lacking for now', () => {
  it.each<[string, string, Given]>([
    [
      'no-addresses',
      `1 job waits: ${WHERE} (on-demand): ${RUNG.subnetId} has 7 free addresses, and 4 nodes take 8`,
      { fabric: { subnets: { [RUNG.subnetId]: { vpcId: 'vpc-1', freeAddresses: 7 } } } },
    ],
    [
      'quota-reached',
      `1 job waits: ${WHERE} (on-demand): of the 1600 vCPUs of quota L-F7808C92 fleets hold 900, and 4 nodes take 768`,
      { fabric: { quotas: { 'hpc7a.96xlarge/on-demand': QUOTA } } },
    ],
    [
      'reservation-full',
      `1 job waits: ${WHERE} (reservation cr-1): capacity reservation cr-1 has 3 instances left, and a job takes 4`,
      { rungs: [RESERVED], fabric: { reservations: { 'cr-1': { ...held, available: 3 } } } },
    ],
  ])('is said with %s, and nothing is launched', (code, because, one) => {
    expect(decided(one)).toMatchObject({ kind: 'nothing', code, because, attention: true });
  });

  it('an efa-only interface takes no address', () => {
    const interfaces = [interfaceOn(0), interfaceOn(1, { InterfaceType: 'efa-only' })];
    const subnets = { [RUNG.subnetId]: { vpcId: 'vpc-1', freeAddresses: 4 } };
    expect(said({ template: { interfaces }, fabric: { subnets } })[1]).toBe('gangs-launched');
  });

  it('what is reserved counts for no quota', () => {
    const quotas = { 'hpc7a.96xlarge/on-demand': QUOTA };
    expect(said({ rungs: [RESERVED], fabric: { quotas } })[1]).toBe('gangs-launched');
  });

  it.each<[string, number, Given]>([
    ['addresses', 2, { fabric: { subnets: { [RUNG.subnetId]: { vpcId: 'vpc-1', freeAddresses: 23 } } } }],
    ['quota', 2, { fabric: { quotas: { 'hpc7a.96xlarge/on-demand': { ...QUOTA, held: 0 } } } }],
    ['the reservation', 3, { rungs: [RESERVED], fabric: { reservations: { 'cr-1': { ...held, available: 12 } } } }],
  ])('bounds how many come at once: %s', (_what, gangs, one) => {
    const decision = decided({ ...one, more: { jobs: { visible: 5, inFlight: 0 } } });
    const launched = decision.kind === 'act' ? decision.plan.filter(({ call }) => call === 'ec2:RunInstances') : [];
    expect(launched).toHaveLength(gangs);
  });

  it.each<[string, string, Given]>([
    ['addresses', 'no-addresses', { fabric: { subnets: { [RUNG.subnetId]: { vpcId: 'vpc-1', freeAddresses: 15 } } } }],
    ['quota', 'quota-reached', { fabric: { quotas: { 'hpc7a.96xlarge/on-demand': { ...QUOTA, held: 100 } } } }],
    [
      'the reservation',
      'reservation-full',
      { rungs: [RESERVED], fabric: { reservations: { 'cr-1': { ...held, available: 7 } } } },
    ],
  ])('a gang that was asked for and does not show counts: %s', (_what, code, one) => {
    const [rung = RUNG] = one.rungs ?? [RUNG];
    const gangs = [launching('a', 20, { rung })];
    expect(said({ ...one, more: { gangs, jobs: { visible: 2, inFlight: 0 } } })[1]).toBe(code);
  });

  it('beside a rung that EC2 has refused is told as no capacity, which may come first', () => {
    const rungs = [RUNG, NEXT];
    const refusal = { nodes: 4, times: 1, since: ago(10), at: ago(10), name: 'InsufficientInstanceCapacity' };
    const memory = { 'hpc7a.96xlarge/eu-west-1b/cfd-b/on-demand/-': { version: 1, refusals: [refusal] } };
    const subnets = { ...fabricOf(rungs).subnets, [RUNG.subnetId]: { vpcId: 'vpc-1', freeAddresses: 0 } };
    const [kind, code, because] = said({ rungs, fabric: { subnets }, more: { memory } });
    expect([kind, code]).toEqual(['nothing', 'no-capacity']);
    expect(because).toContain('eu-west-1b, group cfd-b (on-demand) had none for 4 nodes');
  });
});

describe('what a launch meets', () => {
  const jobs = { visible: 1, inFlight: 0 };
  const up = record('a');

  it('is not taken for good where nobody has looked', () => {
    expect(said({ more: { fabric: null } }).slice(0, 2)).toEqual(['nothing', 'counting']);
  });

  it.each<[string, boolean, Partial<Facts>]>([
    ['no job waits', false, {}],
    ['a job waits', true, { jobs }],
    ['it has a gang', false, { jobs, gangs: [up], nodes: nodesOf('a', FOUR) }],
    ['its gang has lost a node', true, { jobs, gangs: [up], nodes: nodesOf('a', FOUR.slice(1)) }],
    ['its gang was just asked for', false, { jobs, gangs: [launching('a', 20)] }],
    ['its gang should long be there', true, { jobs, gangs: [launching('a', 900)] }],
    [
      'a gang of another size is there',
      true,
      { jobs, gangs: [record('a', { nodes: 2 })], nodes: nodesOf('a', FOUR.slice(2)) },
    ],
    ['a person wants a gang gone', false, { jobs, ask: { kind: 'end', gang: 'a', by: 'ops' } }],
    ['there is no queue', false, { jobs: null }],
  ])('is looked at where %s: %s', (_what, isRead, more) => {
    expect(needsFabric(facts(more), NOW)).toBe(isRead);
  });
});

describe('a rung for smaller gangs', () => {
  const small: Rung = { ...RUNG, market: 'spot', maxNodes: 3 };

  it('is passed by larger ones, and nobody has to look', () => {
    const decision = decided({ rungs: [small, NEXT] });
    expect(decision).toMatchObject({ kind: 'act', code: 'gangs-launched' });
    expect(decision).not.toHaveProperty('attention');
    expect(decision.because).not.toContain('passed');
    expect(decision.evidence['rungs']).toContainEqual(
      'hpc7a.96xlarge in eu-west-1a, group cfd-a (spot): passed, for gangs of 3 nodes at most, and a job takes 4',
    );
  });

  it('is taken by those that fit', () => {
    expect(decided({ rungs: [{ ...small, maxNodes: 4 }] })).toMatchObject({ code: 'gangs-launched' });
  });

  it('is no ladder by itself', () => {
    expect(said({ rungs: [small] })).toEqual([
      'refuse',
      'unfit-ladder',
      'no rung will do: hpc7a.96xlarge in eu-west-1a, group cfd-a (spot): for gangs of 3 nodes at most, and a job takes 4',
    ]);
  });
});
