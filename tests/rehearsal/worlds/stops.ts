/** An instance that serves and carries volumes is stopped: what generated worlds say of that, by whoever asked for the stop. */

import { Given, type Interest } from '../../../rehearsal/worlds/interest.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { stopInstance } from '../../../simulator/services/ec2/instances.ts';
import { record, staged } from '../watching.ts';

/** Longer than what a run saw may be old when its call takes effect. */
const WELL_SECONDS = 31;
const TAGS = [
  { Key: 'runbook:volumes', Value: 'db' },
  { Key: 'runbook:vip', Value: 'web' },
];

/** The instance is the one member of a group with volumes, in service and healthy, and holds an address. */
const WORLD = {
  ec2: {
    Instances: [
      {
        InstanceId: 'i-0a1',
        State: { Name: 'running' },
        Placement: { AvailabilityZone: 'eu-west-1a' },
        Tags: TAGS,
      },
    ],
    Addresses: [
      {
        AllocationId: 'eipalloc-01',
        PublicIp: '203.0.113.10',
        InstanceId: 'i-0a1',
        Tags: [...TAGS, { Key: 'runbook:fence', Value: 'required' }],
      },
    ],
  },
  'auto-scaling': {
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'db',
        DesiredCapacity: 1,
        MinSize: 1,
        MaxSize: 1,
        Instances: [{ InstanceId: 'i-0a1', LifecycleState: 'InService', HealthStatus: 'Healthy' }],
        Tags: [...TAGS, { Key: 'runbook:fence-asg', Value: 'replace' }],
      },
    ],
  },
};

/** What there is besides the stop. */
interface Besides {
  /** What a person asked for as soon as the world began. Absent: nobody did. */
  readonly asked?: { readonly [member: string]: string };
  /** What is different in the request that stopped it. */
  readonly request?: Partial<LoggedRequest>;
  /** A volume of it is taken off at the same moment. */
  readonly isStripped?: true;
}

/** What the interest says when `i-0a1` is stopped by this runbook after 31 steady seconds; `undefined`: nothing. */
export function whenStoppedBy(runbook: string, { watch }: Interest, besides: Besides = {}): string | undefined {
  const surroundings = { seed: 1, shared: true, ledgerLost: false, switched: [], faults: [] };
  const arrivals = besides.asked === undefined ? [] : [{ seconds: 0, event: besides.asked }];
  const look = watch?.(new Given({ world: {}, arrivals, minutes: 30, seed: 1, surroundings }, []));
  const on = staged(WORLD);
  const volume = {
    VolumeId: 'vol-01',
    Attachments: [{ InstanceId: 'i-0a1', Device: '/dev/sdf', State: 'attached' }],
    Tags: TAGS,
  };
  on.world.records('ec2', 'Volumes').push(volume);
  look?.(on.world, [], []);
  on.pass(WELL_SECONDS);
  look?.(on.world, [], []);
  stopInstance(on.world, record(on.world, 'ec2', 'Instances', 'InstanceId', 'i-0a1'), {
    force: true,
    skipOsShutdown: true,
  });
  if (besides.isStripped === true)
    volume.Attachments = [{ InstanceId: 'i-0a1', Device: '/dev/sdf', State: 'detaching' }];
  const sent: LoggedRequest = {
    index: 0,
    invocation: 0,
    runbook,
    call: 'ec2:StopInstances',
    kind: 'write',
    input: { InstanceIds: ['i-0a1'] },
    at: on.world.clock.iso(),
    answeredAt: on.world.clock.iso(),
    depth: 1,
    ...besides.request,
  };
  return look?.(on.world, [], [sent]);
}
