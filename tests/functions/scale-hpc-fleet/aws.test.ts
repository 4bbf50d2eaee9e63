/** What `scale-hpc-fleet` reads of AWS, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import {
  locate,
  observe,
  ofPerson,
  TICK,
  undoRequest,
  type Request,
  type SeenFleet,
} from '../../../functions/scale-hpc-fleet/aws.ts';
import { jobsOf } from '../../../functions/scale-hpc-fleet/aws/jobs.ts';
import { readNodes, withProtection } from '../../../functions/scale-hpc-fleet/aws/nodes.ts';
import { attestedOf } from '../../../functions/scale-hpc-fleet/aws/records.ts';
import { readTemplate, taggedTemplates } from '../../../functions/scale-hpc-fleet/aws/templates.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { GangRecord, Template } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { FOUR, gangId, launching, nodesOf, record, SETTINGS } from './fleet-facts.ts';
import { EFA, FLEET_ARN, FLEET_TAGS, ladder, node, RUNG_A, tags, template, within } from './small-account.ts';

const NO_RIVALS: ReadonlySet<string> = new Set();

const DELIVERY = {
  id: 'r-1',
  kind: 'request',
  runbook: 'scale-hpc-fleet',
  requestedBy: 'ana',
  dryRun: false,
  params: {},
} as const;

function callsOf(requests: readonly { readonly call: string }[], call: string): number {
  return requests.filter((request) => request.call === call).length;
}

/** An item of the ledger that holds a gang. */
function kept(gang: GangRecord, fleet = 'lt-0a1'): Shape {
  const { id, version: _version, ...value } = gang;
  return { partition: 'hpc-gang', key: `${fleet}/${id}`, value };
}

describe('the fleet that is meant', () => {
  const meant = async (target: string | null): Promise<readonly string[]> => {
    const others = template({ LaunchTemplateId: 'lt-0b2', LaunchTemplateName: 'lt-0a1' });
    const untagged = template({ LaunchTemplateId: 'lt-0c3', LaunchTemplateName: 'web', Tags: [] });
    const ec2 = { LaunchTemplates: [others, template(), untagged] };
    const { value = [] } = await within((io) => locate({ ...TICK, target }, io), { ec2 });
    return value.map((found) => found.target.split('/').at(-1) ?? '');
  };

  it('is each that carries the tag where none is named', async () => {
    expect(await meant(null)).toEqual(['lt-0a1', 'lt-0b2']);
  });

  it('is the one of that id, name or ARN: an id is never a name', async () => {
    expect(await meant('lt-0a1')).toEqual(['lt-0a1']);
    expect(await meant('mpi')).toEqual(['lt-0a1']);
    expect(await meant(FLEET_ARN)).toEqual(['lt-0a1']);
  });

  it('is none where it is not tagged, in another account, or anything else', async () => {
    expect(await meant('web')).toEqual([]);
    expect(await meant('lt-0c3')).toEqual([]);
    expect(await meant(FLEET_ARN.replace('111122223333', '999900001111'))).toEqual([]);
    expect(await meant(FLEET_ARN.replace('launch-template', 'instance'))).toEqual([]);
  });
});

describe('a person', () => {
  it('says which gang of which fleet is to go', () => {
    const gang = gangId('a');
    expect(ofPerson({ action: 'end', gang }, { ...DELIVERY, target: 'mpi' })).toEqual({
      target: 'mpi',
      ask: { kind: 'end', gang, by: 'ana' },
    });
    expect(() => ofPerson({ action: 'end', gang }, DELIVERY)).toThrow('target: say of which fleet');
    expect(() => ofPerson({ action: 'end' }, { ...DELIVERY, target: 'mpi' })).toThrow('params.gang: say which gang');
    expect(() => ofPerson({ gang }, DELIVERY)).toThrow('params.gang: only the action end is about one gang');
  });

  it('wants a look where nothing else is said, and is known by name', () => {
    expect(ofPerson({}, DELIVERY)).toEqual({ target: null, ask: { kind: 'scale', by: 'ana' } });
  });
});

describe('a launch template', () => {
  const read = async (of: Shape, versions: readonly Shape[] = []): Promise<Template | undefined> => {
    const ec2 = { LaunchTemplates: [of], ...(versions.length === 0 ? {} : { LaunchTemplateVersions: versions }) };
    const { value, thrown } = await within(
      async (io) => {
        const [found] = await taggedTemplates(io);
        return found === undefined ? undefined : readTemplate(found, io);
      },
      { ec2 },
    );
    expect(thrown).toBeUndefined();
    return value;
  };

  it('is read in its default version, not in the latest', async () => {
    const { LaunchTemplateData: _data, ...bare } = template({ DefaultVersionNumber: 2, LatestVersionNumber: 3 });
    const version = (VersionNumber: number, groups: readonly string[]): Shape => ({
      LaunchTemplateId: 'lt-0a1',
      VersionNumber,
      DefaultVersion: VersionNumber === 2,
      LaunchTemplateData: { ImageId: 'ami-0a1', NetworkInterfaces: [{ ...EFA, Groups: groups }] },
    });
    const found = await read(bare, [version(1, ['sg-1']), version(2, ['sg-2']), version(3, ['sg-3'])]);
    expect([found?.version, found?.interfaces.map(({ Groups }) => Groups)]).toEqual(['2', [['sg-2']]]);
  });

  it('has of an interface what a request can repeat, and what AWS leaves out as AWS takes it', async () => {
    const found = await read(template({ LaunchTemplateData: { ImageId: 'ami-0a1', NetworkInterfaces: [{}] } }));
    expect(found?.interfaces).toEqual([
      {
        DeviceIndex: 0,
        NetworkCardIndex: 0,
        InterfaceType: 'interface',
        Groups: [],
        DeleteOnTermination: true,
        AssociatePublicIpAddress: null,
      },
    ]);
    const given = { ...EFA, DeleteOnTermination: false, AssociatePublicIpAddress: false };
    const other = await read(template({ LaunchTemplateData: { ImageId: 'ami-0a1', NetworkInterfaces: [given] } }));
    expect(other?.interfaces).toEqual([given]);
  });

  it('may have none', async () => {
    expect((await read(template({ LaunchTemplateData: { ImageId: 'ami-0a1' } })))?.interfaces).toEqual([]);
  });
});

describe('the nodes of a fleet', () => {
  const [a, b] = [gangId('a'), gangId('b')];

  it('are those that carry its tag, and those that were launched for its gangs, each once', async () => {
    const Instances = [
      node('i-0a', a),
      node('i-0b', b, { Tags: [] }),
      node('i-0c', 'by-hand'),
      node('i-0d', 'other', { Tags: tags({ 'runbook:hpc-queue': 'other' }) }),
    ];
    const { value } = await within((io) => readNodes('mpi-jobs', [record('a'), record('b')], NO_RIVALS, io), {
      ec2: { Instances },
    });
    expect(value?.nodes.map(({ id, clientToken }) => [id, clientToken])).toEqual([
      ['i-0a', a],
      ['i-0c', 'by-hand'],
      ['i-0b', b],
    ]);
  });

  it('are found of more gangs than one filter takes', async () => {
    const gangs = Array.from({ length: 250 }, (_none, index) => record('a', { id: `gang-${index}` }));
    const Instances = [node('i-0a', 'gang-7', { Tags: [] }), node('i-0b', 'gang-249', { Tags: [] })];
    const { value, requests } = await within((io) => readNodes(null, gangs, NO_RIVALS, io), { ec2: { Instances } });
    expect(value?.nodes.map(({ id }) => id)).toEqual(['i-0a', 'i-0b']);
    expect(callsOf(requests, 'ec2:DescribeInstances')).toBe(2);
  });

  it('are found of what is over, if that was not long ago', async () => {
    const over = Array.from({ length: 201 }, (_none, index) =>
      record('a', { id: `gang-${index}`, state: 'over', askedAt: new Date(index * 1_000).toISOString() }),
    );
    const Instances = [node('i-0a', 'gang-0', { Tags: [] }), node('i-0b', 'gang-200', { Tags: [] })];
    const { value } = await within((io) => readNodes(null, over, NO_RIVALS, io), { ec2: { Instances } });
    expect(value?.nodes.map(({ id }) => id)).toEqual(['i-0b']);
  });

  it('have ended: one of each open gang tells it, and none of what is over', async () => {
    const ended = { State: { Name: 'terminated', Code: 48 } };
    const Instances = [
      node('i-0a', a, ended),
      node('i-0b', a, ended),
      node('i-0c', b, ended),
      node('i-0d', b, { State: { Name: 'shutting-down', Code: 32 } }),
    ];
    const gangs = [record('a'), record('b', { state: 'over' })];
    const { value } = await within((io) => readNodes('mpi-jobs', gangs, NO_RIVALS, io), { ec2: { Instances } });
    expect(value?.nodes.map(({ id }) => id)).toEqual(['i-0a']);
    expect([...(value?.lingering ?? [])]).toEqual([b]);
  });

  it('have a place while their gang comes up, which is kept once for all that share it', async () => {
    const efa = (id: string): Shape => ({ NetworkInterfaces: [{ NetworkInterfaceId: id, InterfaceType: 'efa' }] });
    const Instances = [
      node('i-0a', a, efa('eni-0a')),
      node('i-0b', a, efa('eni-0b')),
      node('i-0c', a, { Placement: { AvailabilityZone: 'eu-west-1a', GroupName: '' } }),
      node('i-0d', b),
    ];
    const gangs = [launching('a', 60), record('b')];
    const { value } = await within((io) => readNodes('mpi-jobs', gangs, NO_RIVALS, io), { ec2: { Instances } });
    expect(value?.nodes.map(({ place }) => place)).toEqual([0, 0, 1, undefined]);
    expect(value?.places[0]).toMatchObject({ zone: 'eu-west-1a', placementGroup: 'mpi-a', efaInterfaces: 1 });
    expect(value?.places[1]).toMatchObject({ placementGroup: null, efaInterfaces: 0 });
  });

  it('are asked whether they are protected, those that are meant alone; one that is gone is not', async () => {
    const Instances = [node('i-0a', a, { DisableApiTermination: true }), node('i-0b', a), node('i-0c', a)];
    const { value, requests } = await within(
      async (io) => {
        const { nodes } = await readNodes('mpi-jobs', [record('a')], NO_RIVALS, io);
        const gone = { id: 'i-0123456789abcdef0', state: 'running', clientToken: a, launchIndex: 3, isProtected: null };
        return withProtection([...nodes, gone], new Set(['i-0a', 'i-0b', gone.id]), io);
      },
      { ec2: { Instances } },
    );
    expect(value?.map(({ isProtected }) => isProtected)).toEqual([true, false, null, false]);
    expect(callsOf(requests, 'ec2:DescribeInstanceAttribute')).toBe(3);
  });

  it('are not taken for free where EC2 does not say whether they are protected', async () => {
    const nodes = [{ id: 'i-0a', state: 'running', clientToken: a, launchIndex: 0, isProtected: null }];
    const ask = (io: Parameters<typeof withProtection>[2]): ReturnType<typeof withProtection> =>
      withProtection(nodes, new Set(['i-0a']), io);
    const ec2 = { Instances: [node('i-0a', a)] };
    const { value, thrown } = await within(ask, { ec2 }, [{ request: 0, kind: 'throttled' }]);
    expect([value, thrown]).toEqual([undefined, expect.objectContaining({ name: 'RequestLimitExceeded' })]);
  });

  it('are not those that were launched from another fleet of the queue', async () => {
    const from = (id: string): Shape => ({
      Tags: tags({ 'runbook:hpc-queue': 'mpi-jobs', 'aws:ec2launchtemplate:id': id }),
    });
    const Instances = [node('i-0a', a, from('lt-0a1')), node('i-0b', b, from('lt-0b2'))];
    const { value } = await within((io) => readNodes('mpi-jobs', [record('a')], new Set(['lt-0b2']), io), {
      ec2: { Instances },
    });
    expect(value?.nodes.map(({ id }) => id)).toEqual(['i-0a']);
  });
});

describe('what takes a launch back', () => {
  const launch = (gang: string): PlannedCall => ({
    call: 'ec2:RunInstances',
    input: { ClientToken: gang },
    because: 'a job waits',
  });

  it('is the request that ends the gang, where there is one', () => {
    expect(undoRequest(FLEET_ARN, [launch('g-1')])).toEqual({
      runbook: 'scale-hpc-fleet',
      target: FLEET_ARN,
      params: { action: 'end', gang: 'g-1' },
    });
    expect(undoRequest(FLEET_ARN, [launch('g-1'), launch('g-2')])).toBeUndefined();
    expect(undoRequest(FLEET_ARN, [])).toBeUndefined();
  });
});

describe('the jobs of a queue', () => {
  it('are those that wait and those at work; of no queue there are none to tell', async () => {
    const { value } = await within(async (io) => [await jobsOf('mpi-jobs', io), await jobsOf('nobody', io)]);
    expect(value).toEqual([{ visible: 1, inFlight: 0 }, null]);
  });
});

const ONE = { id: 'i-0a', state: 'running', clientToken: null, launchIndex: 0, isProtected: null };

describe('what nodes attest', () => {
  const data = ['a/0', 'a/1', 'b/0'].map((name) => ({
    partition: 'hpc-attest',
    key: `${gangId(name.charAt(0))}/${name.charAt(2)}`,
    value: { ok: true, efa: 1 },
  }));
  const gangs = [launching('a', 60), record('b')];

  it('is read of gangs that are coming up, where the fleet wants it', async () => {
    const { value } = await within(() => attestedOf(gangs, nodesOf('a', FOUR), { ...SETTINGS, attestSeconds: 600 }), {
      ledger: { data },
    });
    expect(value).toEqual({ [gangId('a')]: { ready: [0, 1], fewestEfa: 1, fault: null } });
    expect((await within(() => attestedOf(gangs, nodesOf('a', FOUR), SETTINGS), { ledger: { data } })).value).toEqual(
      {},
    );
  });

  it('is asked of twenty gangs at most', async () => {
    const many = Array.from({ length: 30 }, (_none, index) => launching('a', 60, { id: `gang-${index}`, nodes: 1 }));
    const nodes = many.map(({ id }) => ({ ...ONE, id: `i-${id}`, clientToken: id }));
    const { value } = await within(() => attestedOf(many, nodes, { ...SETTINGS, attestSeconds: 600 }));
    expect(Object.keys(value ?? {})).toHaveLength(20);
  });
});

describe('a look at a fleet', () => {
  const look = async (
    change: Parameters<typeof within>[1] = {},
    request: Request = TICK,
  ): Promise<SeenFleet | undefined> => {
    const { value, thrown } = await within((io) => observe(FLEET_ARN, request, io), change);
    expect(thrown).toBeUndefined();
    return value?.kind === 'fleet' ? value : undefined;
  };

  it('has its ladder with the zones of its subnets', async () => {
    expect((await look())?.ladder).toEqual({
      rungs: [{ ...RUNG_A, zone: 'eu-west-1a', market: 'on-demand', reservation: null }],
    });
  });

  it.each<[string, Shape, string]>([
    ['is not there', { Parameters: [] }, 'there is no SSM parameter /hpc/mpi'],
    ['is no ladder', ladder(), '/hpc/mpi: expected a list of rungs, [{ "instanceType", "subnetId", … }]'],
    [
      'has a rung that is none',
      ladder({ ...RUNG_A, instanceType: '' }),
      "/hpc/mpi[0].instanceType: '' is not an instance type such as hpc7a.96xlarge",
    ],
    [
      'names a subnet that is gone',
      ladder(RUNG_A, { ...RUNG_A, subnetId: 'subnet-0f' }),
      '/hpc/mpi[1].subnetId: there is no subnet subnet-0f',
    ],
  ])('says of a ladder that %s what is wrong', async (_what, ssm, fault) => {
    expect((await look({ ssm }))?.ladder).toEqual({ fault });
  });

  it('of a template that is gone knows no more than that', async () => {
    const seen = await look({ ec2: { LaunchTemplates: [template({ Tags: [] })] } });
    expect([seen?.template, seen?.jobs, seen?.gangs]).toEqual([null, null, []]);
  });

  it('has its own gangs, without those that are over and gone; and counts those of its run', async () => {
    const over = record('b', { state: 'over', run: 'r' });
    const seen = await look({
      ec2: { Instances: [node('i-0c', gangId('c'))] },
      ledger: {
        data: [
          kept(record('a')),
          kept(over),
          kept(record('c', { state: 'over' })),
          kept(record('d', { run: 'r' })),
          kept(record('e'), 'lt-0b2'),
        ],
      },
    });
    expect(seen?.gangs.map(({ id }) => id.charAt(0))).toEqual(['a', 'c', 'd']);
    expect(seen?.askedInRun).toBe(2);
  });

  it('has what is over where a person asks for it', async () => {
    const ask = { kind: 'end', gang: gangId('b'), by: 'ana' } as const;
    const ledger = { data: [kept(record('b', { state: 'over' })), kept(record('c', { state: 'over' }))] };
    expect((await look({ ledger }, { target: 'mpi', ask }))?.gangs.map(({ id }) => id)).toEqual([gangId('b')]);
  });

  it('remembers of rungs what concerns it, and names the rivals', async () => {
    const refusals = [{ nodes: 2, times: 1, since: '2026-11-22T07:59:00Z', at: '2026-11-22T07:59:00Z', name: 'X' }];
    const item = (key: string): Shape => ({ partition: 'hpc-capacity', key, value: { refusals } });
    const own = 'hpc7a.96xlarge/eu-west-1a/mpi-a/on-demand/-';
    const rival = template({ LaunchTemplateId: 'lt-0b2', LaunchTemplateName: 'twin' });
    const other = template({
      LaunchTemplateId: 'lt-0c3',
      LaunchTemplateName: 'other',
      Tags: tags({ ...FLEET_TAGS, 'runbook:hpc-queue': 'other' }),
    });
    const seen = await look({
      ec2: { LaunchTemplates: [template(), rival, other] },
      ledger: { data: [item(own), item('c7i.48xlarge/eu-west-1a/mpi-a/spot/-')] },
    });
    expect(Object.keys(seen?.memory ?? {})).toEqual([own]);
    expect(seen?.rivals).toEqual(['twin']);
  });

  it('knows of gangs that failed one after the other', async () => {
    const failure = { at: '2026-11-22T07:55:00.000Z', why: 'no EFA provider', templateVersion: '1' };
    const failed = record('a', { state: 'over', upAt: null, failure });
    expect((await look({ ledger: { data: [kept(failed)] } }))?.failures).toEqual([failure]);
  });
});
