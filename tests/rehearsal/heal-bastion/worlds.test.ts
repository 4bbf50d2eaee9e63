/** Generated worlds of bastions: that they have what they should, that the runbook keeps its promises there, and that a broken one does not. */

import { DeregisterTargetsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type * as face from '../../../functions/heal-bastion/decide.ts';
import type { FleetFacts } from '../../../functions/heal-bastion/decide.ts';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { Bench } from '../../../rehearsal/worlds/bench.ts';
import type { Happening } from '../../../rehearsal/worlds/case.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { batchOf, worldsOf } from '../../../rehearsal/worlds/draw.ts';
import { accompanied, calling, doing, idle, type Mutant } from '../worlds/mutant.ts';
import { found, GROUP, HOSTS, type Setting } from './bastions.ts';
import { toldOfWalls } from './walls.ts';

const RUNBOOK = 'heal-bastion';

/** The fault that is planted at the moment, for the module that is mocked below. */
const planted = vi.hoisted((): { mutant: Mutant<FleetFacts> | undefined } => ({ mutant: undefined }));

vi.mock('../../../functions/heal-bastion/decide.ts', async (original) => {
  const own = await original<typeof face>();
  const decide: typeof own.decide = (facts, limits, now) => {
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
describe('a share of generated worlds with bastions', () => {
  it('keeps every promise', async () => {
    const { findings, reach } = await new Bench(functions, catalogue, 19).batch(0, 5);
    expect(findings).toEqual([]);
    expect(reach[RUNBOOK]?.acted).toBeGreaterThan(0);
  }, 90_000);

  it('names what shuts checks out, and nothing else', async () => {
    const { worlds, named, wrong } = await toldOfWalls(functions, { seed: 17, batch: 0, most: 4 });
    expect(worlds).toBe(4);
    expect(named).toBe(4);
    expect(wrong).toEqual([]);
  }, 90_000);

  it('has what it should, each in some world', () => {
    const texts = batchOf(worldsOf(catalogue.makers), 3, 0, 500).map(({ case: one }) => JSON.stringify(one));
    const FLEETS = [
      'i-0ba5a029',
      'i-0ba5c000',
      'i-0ba5a901',
      '"HealthCheckType":"EC2,ELB"',
      '"DisableApiTermination":true',
      '"NewTargetsServe":false',
      '"TargetType":"ip"',
      '"Value":"use_load_balancer_configuration"',
      'targetgroup/bastion/73e2d6bc24d8a060","arn:',
      '"HealthCheckType":"EC2,EBS"',
      'targetgroup/deleted/0123456789abcdef',
      '"SuspendedProcesses":[{"ProcessName":"ReplaceUnhealthy"}]',
      'count-a-too',
      '"Hangs":true',
      '"Fails":true',
      '$(touch pwned)',
      '"LifecycleTransition":"autoscaling:EC2_INSTANCE_LAUNCHING","HeartbeatTimeout":1500',
      '"HeartbeatTimeout":3600,"DefaultResult":"ABANDON"',
      '"InterfaceType":"interface"',
    ];
    const RULES = [
      '"sg-0bab"',
      '"sg-0bac"',
      '"sg-0bae"',
      'UserIdGroupPairs',
      '"PrefixListId":"pl-0baelse"',
      '"CidrIpv6":"::/0"',
      '"IpProtocol":"icmp"',
      '"IpProtocol":"6"',
      '"CidrIp":"10.0.0.128/25"',
      '"CidrIp":"10.0.0.5/32"',
      '10.0.0.200',
      '"From":32768,"To":60999',
      '"From":2000,"To":2999',
      '"Protocol":"17"',
      '"RuleNumber":200',
      'IpPermissionsEgress":[]}',
    ];
    const STEPS = [
      '/Serves":false',
      '/InstanceStatus/Status":"impaired"',
      '/AttachedEbsStatus/Status":"impaired"',
      '/State/Name":"terminated"',
      'eu-west-1a/State":"unavailable"',
      'zonal_shift_active',
      'Elb.InternalError',
      '{"State":"unavailable"}',
      '/Unavailable":true',
      '/DesiredCapacity":',
      'bastion/73e2d6bc24d8a060/Tags":[]',
      '/LifecycleState":"EnteringStandby"',
      '/LifecycleState":"Detaching"',
    ];
    const OTHERS = [
      '"AvailabilityZone":"eu-west-1a"}}',
      '"dimensions":{}',
      '"value":"OK","reason":"T',
      '"dryRun":true',
    ];
    for (const wanted of [...FLEETS, ...RULES, ...STEPS, ...OTHERS])
      expect([wanted, texts.some((text) => text.includes(wanted))]).toEqual([wanted, true]);
  });
});

const [FIRST = '', SECOND = ''] = HOSTS;
const [OUT, END] = ['elasticloadbalancing:DeregisterTargets', 'autoscaling:TerminateInstanceInAutoScalingGroup'];

function outOf(...ids: readonly string[]): Decision {
  return doing([calling(OUT, { TargetGroupArn: GROUP, Targets: ids.map((Id) => ({ Id, Port: 22 })) })]);
}

function die(seconds: number, ...ids: readonly string[]): readonly Happening[] {
  return [{ seconds, set: Object.fromEntries(ids.map((id) => [`ec2/Instances/${id}/Serves`, false])) }];
}

function dies(...ids: readonly string[]): readonly Happening[] {
  return die(60, ...ids);
}

/** Its group lets checks in from these networks only. */
function wall(...cidrs: readonly string[]): readonly Happening[] {
  const IpRanges = cidrs.map((CidrIp) => ({ CidrIp }));
  const IpPermissions = cidrs.length === 0 ? [] : [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges }];
  return [{ seconds: 60, set: { 'ec2/SecurityGroups/sg-0h/IpPermissions': IpPermissions } }];
}

/** Takes out whoever serves, one at each look. */
function outOfTheHealthy({ hosts }: FleetFacts): Decision {
  const [host] = hosts.filter(({ targets }) => targets.some(({ state }) => state === 'healthy'));
  return host === undefined ? idle() : outOf(host.id);
}

function hasNetwork(facts: FleetFacts): FleetFacts {
  return { ...facts, network: null };
}

function withoutDenials(memory: { readonly [key: string]: string }): { readonly [key: string]: string } {
  return Object.fromEntries(Object.entries(memory).filter(([key]) => !key.startsWith('cannot-end:')));
}

const client = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });

async function takeOutUnheard(): Promise<void> {
  await client.send(new DeregisterTargetsCommand({ TargetGroupArn: GROUP, Targets: [{ Id: FIRST }] }));
}

const ENDED = doing([calling(END, { InstanceId: FIRST, ShouldDecrementDesiredCapacity: false })]);

/** Waits for 100 s where it should wait for longer, and ends the host at the next look. */
function hurried(decision: Decision): Decision {
  if (decision.kind !== 'wait' || decision.code !== 'draining') return decision;
  return decision.seconds > 100 ? { ...decision, seconds: 100 } : ENDED;
}

function askedFor(host: string): Shape {
  const params = { action: 'replace', host };
  return { runbook: RUNBOOK, target: 'ops', reason: 'its image is old', requestedBy: 'mara', params };
}

const ASKED = askedFor(FIRST);

type Broken = Omit<Mutant<FleetFacts>, 'interest'> & { readonly interest: string } & Setting;

const BROKEN: readonly Broken[] = [
  {
    interest: 'what-shuts-checks-out-is-named',
    fault: 'does not look at the network',
    facts: hasNetwork,
    script: wall(),
  },
  {
    interest: 'nothing-else-is-blamed',
    fault: 'takes all ACLs for shut',
    facts: ({ network, ...facts }) => ({
      ...facts,
      network:
        network === null
          ? null
          : {
              ...network,
              nodes: network.nodes.map((node) => ({ ...node, subnet: 'subnet-0a' })),
              subnets: network.subnets.map(({ id, acl }) => ({ id, acl: { ...acl, entries: [] } })),
            },
    }),
    script: dies(SECOND),
  },
  {
    interest: 'nobody-goes-who-is-shut-out',
    fault: 'does not look at the network',
    facts: hasNetwork,
    script: wall('10.0.0.0/24', '10.0.2.0/24'),
  },
  {
    interest: 'nobody-goes-where-all-fail',
    fault: 'replaces one all the same',
    decision: (decision) => (decision.code === 'all-unhealthy' ? outOf(FIRST) : decision),
    script: die(130, ...HOSTS.slice(0, 3)),
  },
  {
    interest: 'never-the-last-healthy-bastion',
    fault: 'takes out who serves alone',
    decision: (_none, facts) => outOfTheHealthy(facts),
    script: dies(...HOSTS.slice(1, 3)),
  },
  {
    interest: 'never-the-last-healthy-bastion',
    fault: 'takes for nobody whom it is not told of',
    facts: ({ hosts, ...facts }) => ({ ...facts, hosts: hosts.map((host) => ({ ...host, untoldIn: [] })) }),
    arrivals: [{ seconds: 60, event: ASKED }],
    elsewhere: 'untold',
  },
  {
    interest: 'somebody-comes-after-who-goes',
    fault: 'does not mind which target groups are gone',
    facts: ({ groups, ...facts }) => ({
      ...facts,
      groups: groups.map((group) => ({ ...group, goneTargetGroups: [] })),
    }),
    script: dies(FIRST),
    elsewhere: 'gone',
  },
  {
    interest: 'one-replacement-at-a-time',
    fault: 'takes out one after the other',
    decision: (_none, facts) => outOfTheHealthy(facts),
  },
  { interest: 'three-an-hour', fault: 'counts nothing', decision: (_none, facts) => outOfTheHealthy(facts), size: 6 },
  {
    interest: 'nobody-goes-without-a-ground',
    fault: 'takes out whom nothing is wrong with',
    decision: (_none, facts) => outOfTheHealthy(facts),
  },
  {
    interest: 'only-tagged-bastions-end',
    fault: 'minds no tag',
    decision: () => doing([calling('ec2:TerminateInstances', { InstanceIds: [FIRST] })]),
    isUntagged: true,
  },
  {
    interest: 'drained-before-it-ends',
    fault: 'ends what serves',
    decision: () => doing([calling(END, { InstanceId: FIRST, ShouldDecrementDesiredCapacity: false })]),
  },
  {
    interest: 'drained-before-it-ends',
    fault: 'ends who is out for 100 s',
    decision: hurried,
    script: dies(FIRST),
  },
  {
    interest: 'people-are-waited-for',
    fault: 'takes them for gone',
    facts: ({ targetGroup, ...facts }) => ({
      ...facts,
      targetGroup: targetGroup === null ? null : { ...targetGroup, resetsDrainedAfterSeconds: 0 },
    }),
    sessions: 2,
    arrivals: [{ seconds: 60, event: ASKED }],
  },
  { interest: 'a-host-that-fails-is-replaced', fault: 'does nothing', decision: idle, script: dies(FIRST) },
  {
    interest: 'who-is-out-ends-or-comes-back',
    fault: 'never ends anybody',
    decision: (decision) => (decision.code === 'ending' ? idle() : decision),
    script: dies(FIRST),
    minutes: 95,
  },
  {
    interest: 'what-cannot-end-is-left-alone',
    fault: 'forgets what AWS said',
    facts: ({ history, ...facts }) => ({
      ...facts,
      history: typeof history === 'object' ? { ...history, memory: withoutDenials(history.memory) } : history,
    }),
    script: dies(FIRST),
    isProtected: true,
  },
  { interest: 'a-standby-steps-in', fault: 'does nothing', decision: idle, script: dies(FIRST), isPlain: true },
  { interest: 'what-is-done-is-told', fault: 'takes out a host behind its own back', rogue: takeOutUnheard },
  {
    interest: 'nothing-escapes',
    fault: 'breaks off',
    decision: () => {
      throw new Error('planted');
    },
  },
  {
    interest: 'nothing-while-switched-off',
    fault: 'takes out a host all the same',
    rogue: takeOutUnheard,
    isSwitchedOff: true,
  },
  {
    interest: 'dry-runs-change-nothing',
    fault: 'takes out a host all the same',
    rogue: takeOutUnheard,
    arrivals: [{ seconds: 60, event: { ...ASKED, dryRun: true } }],
  },
];

describe('what people have at stake in their bastions', () => {
  it('is kept by the runbook as it is', async () => {
    const worlds: readonly Setting[] = [
      { script: dies(FIRST) },
      { script: wall() },
      { script: dies(...HOSTS.slice(0, 3)) },
      { script: dies(FIRST), isPlain: true },
      // One cannot be ended, and the next fails later.
      { script: [...dies(FIRST), ...die(600, SECOND)], isProtected: true, minutes: 45 },
      { sessions: 2, arrivals: [{ seconds: 60, event: ASKED }] },
      { sessions: 2, hasNoAgents: true, arrivals: [{ seconds: 60, event: ASKED }] },
      // Its group ends whatever is shut out, so that all are new.
      { script: wall(), checksByElb: true, minutes: 15 },
      // One more than is replaced within an hour.
      {
        sessions: 0,
        size: 6,
        minutes: 45,
        arrivals: HOSTS.slice(0, 4).map((host, index) => ({ seconds: 60 + 600 * index, event: askedFor(host) })),
      },
      { arrivals: [{ seconds: 60, event: { ...ASKED, dryRun: true } }] },
    ];
    const elsewhere: readonly Setting[] = [
      { arrivals: [{ seconds: 60, event: ASKED }], elsewhere: 'untold' },
      { script: dies(FIRST), elsewhere: 'gone' },
      { script: [{ seconds: 60, set: { [`ec2/Instances/${FIRST}/State/Name`]: 'terminated' } }], elsewhere: 'gone' },
    ];
    for (const setting of [...worlds, ...elsewhere])
      expect([setting, await found(functions, setting)]).toEqual([setting, []]);
  }, 60_000);

  it.each(BROKEN)(
    '$interest is broken by one that $fault',
    async ({ interest, fault, facts, decision, rogue, ...setting }) => {
      planted.mutant = {
        interest,
        fault,
        ...(facts === undefined ? {} : { facts }),
        ...(decision === undefined ? {} : { decision }),
      };
      const own = functions.map((fn) => accompanied(fn, rogue));
      expect(await found(own, setting)).toContain(interest);
    },
    30_000,
  );
});
