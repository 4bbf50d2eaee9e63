/** Generated worlds with fleets: that they have what they should, that the runbook keeps its promises there, and that a broken one does not. */

import type * as face from '../../../functions/scale-hpc-fleet/decide.ts';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import type { Facts } from '../../../functions/scale-hpc-fleet/decide.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { INTERESTS } from '../../../rehearsal/scale-hpc-fleet/interests.ts';
import { Bench } from '../../../rehearsal/worlds/bench.ts';
import { caseOf, type Happening, type Part } from '../../../rehearsal/worlds/case.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { batchOf, worldsOf } from '../../../rehearsal/worlds/draw.ts';
import { tryOut } from '../../../rehearsal/worlds/trial.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { calling, doing, idle, withPlan, type Mutant } from '../worlds/mutant.ts';

const RUNBOOK = 'scale-hpc-fleet';

/** The fault that is planted at the moment, for the module that is mocked below. */
const planted = vi.hoisted((): { mutant: Mutant<Facts> | undefined } => ({ mutant: undefined }));

vi.mock('../../../functions/scale-hpc-fleet/decide.ts', async (original) => {
  const own = await original<typeof face>();
  const decide: typeof own.decide = (facts, limits, now) => {
    if (facts.kind !== 'fleet') return own.decide(facts, limits, now);
    const given = planted.mutant?.facts?.(facts) ?? facts;
    const decision = own.decide(given, limits, now);
    return planted.mutant?.decision?.(decision, given) ?? decision;
  };
  return { ...own, decide };
});

const functions = await discoverFunctions(fileURLToPath(new URL('../../../functions', import.meta.url)));
const catalogue = await catalogueOf([RUNBOOK]);

afterEach(() => {
  planted.mutant = undefined;
});

/** A share of what `.ci/run` tries. */
describe('a share of generated worlds with fleets', () => {
  it('keeps every promise', async () => {
    const { findings, reach } = await new Bench(functions, catalogue, 11).batch(0, 5);
    expect(findings).toEqual([]);
    expect(reach[RUNBOOK]?.acted).toBeGreaterThan(0);
  }, 60_000);

  it('has what it should, each in some world', () => {
    const texts = batchOf(worldsOf(catalogue.makers), 3, 0, 400).map(({ case: one }) => JSON.stringify(one));
    const GANGS = ['"InstanceLifecycle":"spot"', '"DisableApiTermination":true', '"until":"tomorrow"', '"nodes":0'];
    const FLEETS = [
      'lt-0f1',
      '"200"',
      'c5.24xlarge',
      'sg-0gone',
      '"sg-0noin"]',
      '"sg-0noout"]',
      'runbook:attest',
      '\\"placementGroup\\":\\"fresh\\"',
      'attestFault',
      'service-quotas',
      'cr-0a',
      'placement-group/others-a',
      '444455556666:placement-group/',
      'SUSE Linux',
      '"Tenancy":"dedicated"',
      '"AssociatePublicIpAddress":true',
      '"NetworkInterfaces":[{"DeviceIndex":0,"NetworkCardIndex":0,"InterfaceType":"efa-only"',
      '\\"subnetId\\":\\"subnet-0f\\"',
    ];
    const STEPS = [
      '/Available"',
      'DefaultVersionNumber"',
      '"ec2/LaunchTemplates/lt-0a1":null',
      'nodes-per-job"',
      '-jobs-2"',
    ];
    const OTHERS = [
      'i-0ffff0',
      'jobs-of-nobody',
      '$(touch pwned)',
      '"action":"end"',
      '"dryRun"',
      '"fails":"all"',
      'NotVisible',
    ];
    const FAULTS = ['"kind":"reply-lost"', '"kind":"died-after"', '"kind":"lock-conflict"'];
    for (const wanted of [...GANGS, ...FLEETS, ...STEPS, ...OTHERS, ...FAULTS])
      expect([wanted, texts.some((text) => text.includes(wanted))]).toEqual([wanted, true]);
  });
});

const [GROUP, ZONE] = ['sg-0efa', 'eu-west-1a'];
const OPEN = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: GROUP }] }];

function tags(all: Shape): readonly Shape[] {
  return Object.entries(all).map(([key, Value]) => ({ Key: `runbook:${key}`, Value }));
}

/** Two rungs of one zone, of which there are so many of each; jobs; a node of nobody. */
function part(
  jobs: number,
  [first, second]: readonly [number, number],
  script: readonly Happening[],
  { tags: more = {}, worker = {}, groups = ['a-1', 'a-2'] }: Pick<Setting, 'tags' | 'worker' | 'groups'>,
): Part {
  const rungs = groups.map((placementGroup) => ({
    instanceType: 'c5n.18xlarge',
    subnetId: 'subnet-0a',
    placementGroup,
  }));
  const fleet = {
    'hpc-queue': 'jobs',
    'nodes-per-job': '2',
    ladder: '/l',
    'idle-seconds': '300',
    'max-nodes': '4',
    ...more,
  };
  const NetworkInterfaces = [{ DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'efa', Groups: [GROUP] }];
  const pool = (PlacementGroup: string, Available: number): Shape => ({
    InstanceType: 'c5n.18xlarge',
    AvailabilityZone: ZONE,
    PlacementGroup,
    Available,
  });
  return {
    sections: {
      ec2: {
        AvailabilityZones: [{ ZoneName: ZONE, State: 'available' }],
        Subnets: [{ SubnetId: 'subnet-0a', AvailabilityZone: ZONE, VpcId: 'vpc-1', CidrBlock: '10.0.0.0/20' }],
        SecurityGroups: [{ GroupId: GROUP, VpcId: 'vpc-1', IpPermissions: OPEN, IpPermissionsEgress: OPEN }],
        InstanceTypes: [{ InstanceType: 'c5n.18xlarge', PendingSeconds: 60, NetworkInfo: { EfaSupported: true } }],
        InstanceTypeOfferings: [{ InstanceType: 'c5n.18xlarge', Location: ZONE }],
        PlacementGroups: [{ GroupName: 'a-1' }, { GroupName: 'a-2' }],
        LaunchTemplates: [
          {
            LaunchTemplateId: 'lt-0a1',
            LaunchTemplateName: 'a',
            LaunchTemplateData: { ImageId: 'ami-0a1', NetworkInterfaces },
            Tags: tags(fleet),
          },
        ],
        Instances: [
          {
            InstanceId: 'i-0thesis',
            InstanceType: 'c5n.18xlarge',
            SubnetId: 'subnet-0a',
            Placement: { AvailabilityZone: ZONE },
            Tags: [{ Key: 'Name', Value: 'thesis' }],
          },
        ],
      },
      ssm: { Parameters: [{ Name: '/l', Type: 'String', Value: JSON.stringify(rungs) }] },
      sqs: {
        Queues: [
          { QueueName: 'jobs', Attributes: { VisibilityTimeout: '300' }, Messages: [{ Body: '{n}', Times: jobs }] },
        ],
      },
    },
    workers: [{ queue: 'jobs', works: 'PT5M', ...worker }],
    probes: {},
    capacity: [pool('a-1', first), pool('a-2', second)],
    remembered: [],
    script,
    arrivals: [],
    optIn: [],
    minutes: 60,
  };
}

interface Setting {
  readonly jobs?: number;
  readonly capacity?: readonly [number, number];
  readonly script?: readonly Happening[];
  readonly tags?: Shape;
  readonly worker?: Shape;
  /** Placement groups of the rungs. */
  readonly groups?: readonly string[];
  readonly minutes?: number;
}

/** The names of the interests that are broken in a world, where the runbook has this fault. */
async function found(
  mutant: Mutant<Facts> | undefined,
  { jobs = 1, capacity = [9, 9], script = [], minutes = 60, ...more }: Setting = {},
) {
  planted.mutant = mutant;
  const surroundings = { seed: 1, shared: false, ledgerLost: false, switched: [], faults: [] };
  const one = caseOf([{ ...part(jobs, capacity, script, more), minutes }], surroundings);
  const { wrongs } = await tryOut({ case: one, runbooks: [RUNBOOK] }, functions, { [RUNBOOK]: INTERESTS });
  return [...new Set(wrongs.map(({ interest }) => interest))];
}

/** A change of what is launched, or ended. */
function changed(call: string, change: (input: JsonObject) => JsonObject): (decision: Decision) => Decision {
  return (decision) =>
    withPlan(decision, (plan) =>
      plan.map((each) => (each.call === call ? { ...each, input: change(each.input) } : each)),
    );
}

const TERMINATE = 'ec2:TerminateInstances';

type Case = Omit<Mutant<Facts>, 'interest'> & { readonly interest: string } & Setting;

/** Each node says that it cannot work. */
const UNFIT = {
  tags: { attest: '300' },
  worker: { attests: 'PT30S', attestFault: '/fsx is not mounted' },
} as const;

const BROKEN: readonly Case[] = [
  { interest: 'a-job-that-can-be-served-gets-a-gang', fault: 'does nothing', decision: idle },
  { interest: 'people-are-told-of-jobs-that-wait', fault: 'does nothing', decision: idle },
  {
    interest: 'a-gang-goes-by-one-call',
    fault: 'ends one node alone',
    decision: changed(TERMINATE, ({ InstanceIds: ids }) => ({
      InstanceIds: Array.isArray(ids) ? ids.slice(0, 1) : [],
    })),
  },
  {
    interest: 'never-beyond-the-most-nodes',
    fault: 'minds no tag',
    facts: (facts) => ({ ...facts, settings: { ...facts.settings, maxNodes: 900 } }),
    jobs: 4,
  },
  {
    interest: 'the-first-open-rung-is-taken',
    fault: 'begins with the last rung',
    facts: (facts) =>
      'rungs' in facts.ladder ? { ...facts, ladder: { rungs: facts.ladder.rungs.toReversed() } } : facts,
  },
  {
    interest: 'no-double-launch',
    fault: 'launches for each count again',
    facts: (facts) => ({ ...facts, jobs: { visible: 3, inFlight: 0 } }),
  },
  {
    interest: 'nobody-elses-instances-are-touched',
    fault: 'ends what is not its own',
    decision: () => doing([calling(TERMINATE, { InstanceIds: ['i-0thesis'] })]),
  },
  {
    interest: 'few-tries-where-there-is-nothing',
    fault: 'forgets how often it was refused',
    facts: (facts) => ({
      ...facts,
      memory: Object.fromEntries(
        Object.entries(facts.memory).map(([key, { version, refusals }]) => [
          key,
          { version, refusals: refusals.map((one) => ({ ...one, times: 1 })) },
        ]),
      ),
    }),
    capacity: [0, 0],
    minutes: 20,
  },
  {
    interest: 'ec2-is-not-asked-for-what-it-never-gives',
    fault: 'puts two EFA interfaces on one card',
    decision: changed('ec2:RunInstances', ({ NetworkInterfaces: interfaces, ...input }) => {
      const [first] = Array.isArray(interfaces) ? interfaces : [];
      const more = typeof first === 'object' && first !== null ? [{ ...first, DeviceIndex: 1 }] : [];
      return { ...input, NetworkInterfaces: [...(first === undefined ? [] : [first]), ...more] };
    }),
  },
  {
    interest: 'a-gang-that-is-too-many-goes',
    fault: 'ends none',
    decision: (decision) => (decision.kind === 'act' && decision.code === 'gangs-ended' ? idle() : decision),
  },
  {
    interest: 'a-gang-is-kept-for-its-seconds',
    fault: 'ends all at once',
    facts: (facts) => ({ ...facts, settings: { ...facts.settings, idleSeconds: 0 } }),
  },
  {
    interest: 'nothing-is-launched-where-something-cannot-be-read',
    fault: 'passes over a tag that it cannot read',
    facts: (facts) => ({ ...facts, settings: { ...facts.settings, problems: [] } }),
    tags: { 'max-nodes': 'many' },
    script: [{ seconds: 1_500, set: { 'sqs/Queues/jobs/Messages/+': { Body: 'x' } } }],
    jobs: 2,
  },
  {
    interest: 'nothing-is-launched-where-a-group-keeps-efa-out',
    fault: 'takes each group as open',
    facts: ({ fabric, ...facts }) => ({
      ...facts,
      fabric:
        fabric === null
          ? null
          : { ...fabric, groups: fabric.groups.map((group) => ({ ...group, from: [group.id], to: [group.id] })) },
    }),
    script: [{ seconds: 1, set: { [`ec2/SecurityGroups/${GROUP}/IpPermissionsEgress`]: [] } }],
  },
  {
    interest: 'who-cannot-work-is-given-no-job',
    fault: 'opens each gate',
    facts: (facts) => ({ ...facts, settings: { ...facts.settings, attestSeconds: null } }),
    ...UNFIT,
  },
  {
    interest: 'no-more-than-two-that-cannot-work',
    fault: 'forgets what has failed',
    facts: (facts) => ({ ...facts, failures: [] }),
    ...UNFIT,
  },
  {
    interest: 'own-groups-go-with-their-gangs',
    fault: 'sees none',
    facts: (facts) => ({ ...facts, ownGroups: [] }),
    groups: ['fresh'],
  },
];

describe('what people have at stake in their fleets', () => {
  it('is kept by the runbook as it is', async () => {
    expect(await found(undefined)).toEqual([]);
    expect(await found(undefined, { jobs: 4, capacity: [2, 0] })).toEqual([]);
    expect(await found(undefined, { groups: ['fresh'] })).toEqual([]);
    expect(await found(undefined, UNFIT)).toEqual([]);
  }, 60_000);

  it.each(BROKEN)(
    '$interest is broken by one that $fault',
    async ({ interest, jobs, capacity, script, tags: more, worker, groups, minutes, ...mutant }) => {
      const setting = {
        ...(jobs === undefined ? {} : { jobs }),
        ...(capacity === undefined ? {} : { capacity }),
        ...(script === undefined ? {} : { script }),
        ...(more === undefined ? {} : { tags: more }),
        ...(worker === undefined ? {} : { worker }),
        ...(groups === undefined ? {} : { groups }),
        ...(minutes === undefined ? {} : { minutes }),
      };
      expect(await found({ interest, ...mutant }, setting)).toContain(interest);
    },
    30_000,
  );
});
