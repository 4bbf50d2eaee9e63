/** Faults planted in `carry-volumes`: one for each interest, so that none of them is one that cannot fail. */

import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  StopInstancesCommand,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import { client } from '../../../shared/aws/clients.ts';
import { completion } from '../../../shared/judgement/hooks.ts';
import { calling, doing, idle, withPlan, type Mutant } from './mutant.ts';

const SET = 'runbook:volumes';
const OWN = 'planted';

function tagOf({ Tags: tags = [] }: Volume | Snapshot, key: string): string | undefined {
  return tags.find((tag) => tag.Key === key)?.Value;
}

async function volumes(): Promise<readonly Volume[]> {
  return (await client(EC2Client).send(new DescribeVolumesCommand({}))).Volumes ?? [];
}

async function snapshots(): Promise<readonly Snapshot[]> {
  return (await client(EC2Client).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots ?? [];
}

/** Step by step, a call at each invocation: a snapshot of a volume in use, a volume of it, both in use at once. */
async function fork(): Promise<void> {
  const ec2 = client(EC2Client);
  const all = await volumes();
  const origin = all.find((each) => tagOf(each, SET) !== undefined && each.Attachments?.[0]?.State === 'attached');
  const copy = all.find((each) => tagOf(each, OWN) !== undefined);
  const taken = (await snapshots()).find((each) => tagOf(each, OWN) !== undefined);
  const InstanceId = origin?.Attachments?.[0]?.InstanceId;
  if (copy?.State === 'available' && InstanceId !== undefined)
    await ec2.send(new AttachVolumeCommand({ VolumeId: copy.VolumeId, InstanceId, Device: '/dev/sdp' }));
  else if (copy === undefined && taken?.State === 'completed' && origin !== undefined)
    await ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: origin.AvailabilityZone,
        SnapshotId: taken.SnapshotId,
        ClientToken: OWN,
        TagSpecifications: [{ ResourceType: 'volume', Tags: [mark, { Key: SET, Value: tagOf(origin, SET) }] }],
      }),
    );
  else if (taken === undefined && origin !== undefined)
    await ec2.send(
      new CreateSnapshotCommand({
        VolumeId: origin.VolumeId,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: [mark] }],
      }),
    );
}

const mark = { Key: OWN, Value: 'yes' };

async function makeEmpty(): Promise<void> {
  const [first] = await volumes();
  await client(EC2Client).send(
    new CreateVolumeCommand({
      ClientToken: OWN,
      AvailabilityZone: first?.AvailabilityZone ?? 'eu-west-1a',
      Size: 8,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: SET, Value: 'db' }] }],
    }),
  );
}

async function deleteLoose(): Promise<void> {
  const loose = (await volumes()).filter((each) => each.State === 'available' && tagOf(each, SET) !== undefined);
  for (const { VolumeId } of loose) await client(EC2Client).send(new DeleteVolumeCommand({ VolumeId }));
}

async function deleteSnapshots(): Promise<void> {
  for (const { SnapshotId } of await snapshots())
    await client(EC2Client).send(new DeleteSnapshotCommand({ SnapshotId }));
}

async function endWithInstances(): Promise<void> {
  const ec2 = client(EC2Client);
  for (const { Attachments: [attachment] = [] } of await volumes()) {
    if (attachment?.State !== 'attached' || attachment.DeleteOnTermination === true) continue;
    const BlockDeviceMappings = [{ DeviceName: attachment.Device, Ebs: { DeleteOnTermination: true } }];
    const { InstanceId } = attachment;
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, BlockDeviceMappings }));
  }
}

async function keepRoots(): Promise<void> {
  for (const { VolumeId, Attachments: [attachment] = [] } of await volumes()) {
    if (attachment?.Device !== '/dev/xvda' || attachment.DeleteOnTermination !== true) continue;
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { VolumeId, DeleteOnTermination: false } }];
    const { InstanceId } = attachment;
    await client(EC2Client).send(new ModifyInstanceAttributeCommand({ InstanceId, BlockDeviceMappings }));
  }
}

async function detachForeign(): Promise<void> {
  const foreign = (await volumes()).find(
    (each) => tagOf(each, SET) === undefined && each.Attachments?.[0]?.Device?.startsWith('/dev/sd') === true,
  );
  if (foreign !== undefined) await client(EC2Client).send(new DetachVolumeCommand({ VolumeId: foreign.VolumeId }));
}

/** A loose volume goes to an instance of another set. */
async function mixSets(): Promise<void> {
  const all = await volumes();
  for (const { VolumeId, AvailabilityZone, Tags } of all.filter((each) => each.State === 'available')) {
    const own = tagOf({ Tags }, SET);
    const other = all.find(
      (each) => each.AvailabilityZone === AvailabilityZone && ![undefined, own].includes(tagOf(each, SET)),
    );
    const InstanceId = other?.Attachments?.[0]?.InstanceId;
    if (own === undefined || InstanceId === undefined) continue;
    await client(EC2Client).send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdp' }));
  }
}

async function stopHolders(): Promise<void> {
  const all = (await volumes()).filter((each) => tagOf(each, SET) !== undefined);
  const InstanceIds = all.flatMap((each) => each.Attachments?.[0]?.InstanceId ?? []);
  if (InstanceIds.length > 0) await client(EC2Client).send(new StopInstancesCommand({ InstanceIds }));
}

async function tagAll(): Promise<void> {
  const Resources = (await volumes()).flatMap(({ VolumeId: id }) => id ?? []);
  await client(EC2Client).send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'runbook:run', Value: OWN }] }));
}

export const VOLUME_MUTANTS: readonly Mutant<Facts>[] = [
  {
    interest: 'no-acknowledged-write-lost',
    fault: 'takes any copy at once, and says that nothing is missing',
    facts: (facts) => ({
      ...facts,
      settings: { ...facts.settings, maxWaitSeconds: 1, oldestAcceptableSeconds: 1_000_000 },
    }),
    decision: (decision) => ({ ...decision, evidence: { ...decision.evidence, rpoSeconds: 0 } }),
  },
  { interest: 'never-two-attachments', fault: 'puts a copy beside its original', rogue: fork },
  { interest: 'no-empty-volume', fault: 'makes a volume of nothing', rogue: makeEmpty },
  {
    interest: 'data-volume-never-deleted-on-termination',
    fault: 'has volumes end with their instances',
    rogue: endWithInstances,
  },
  { interest: 'only-what-lives-on-is-deleted', fault: 'deletes what lies idle', rogue: deleteLoose },
  { interest: 'snapshots-of-people-stay', fault: 'deletes every snapshot', rogue: deleteSnapshots },
  { interest: 'volumes-of-others-stay', fault: 'takes off what is of no set', rogue: detachForeign },
  { interest: 'sets-stay-apart', fault: 'attaches what is loose to anybody', rogue: mixSets },
  { interest: 'who-serves-is-left-alone', fault: 'stops who has a volume', rogue: stopHolders },
  { interest: 'no-hook-runs-out', fault: 'never acts', decision: idle },
  { interest: 'no-launch-waits-without-a-word', fault: 'never acts, and never says so', decision: idle },
  { interest: 'who-lacks-volumes-gets-them-or-a-word', fault: 'never acts, and never says so', decision: idle },
  {
    interest: 'in-service-only-with-its-volumes',
    fault: 'lets every instance in at once',
    decision: (decision, { hook }) =>
      hook?.transition === 'launching' ? doing([completion(hook, 'planted')]) : decision,
  },
  {
    interest: 'no-place-is-forgotten',
    fault: 'knows of no snapshots',
    facts: (facts) => ({ ...facts, snapshots: [] }),
  },
  { interest: 'roots-end-with-their-instance', fault: 'keeps the roots, too', rogue: keepRoots },
  {
    interest: 'only-status-tags-are-written',
    fault: 'takes volumes out of their set',
    decision: (decision, { volumes: [first] }) =>
      first === undefined
        ? decision
        : withPlan(decision, (plan) => [
            ...plan,
            calling('ec2:CreateTags', { Resources: [first.id], Tags: [{ Key: SET, Value: 'none' }] }),
          ]),
  },
  { interest: 'grave-deeds-are-told', fault: 'stops instances behind its own back', rogue: stopHolders },
  { interest: 'nothing-while-switched-off', fault: 'tags all the same', rogue: tagAll },
  { interest: 'dry-runs-change-nothing', fault: 'tags all the same', rogue: tagAll },
];
