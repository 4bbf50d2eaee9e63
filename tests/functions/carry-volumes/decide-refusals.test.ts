/** What AWS would not do for a run: it is told, looked around, and asked again after a while; never at once and for ever. */

import { describe, expect, it } from 'vitest';
import { apply } from '../../../functions/carry-volumes/aws.ts';
import { wish } from '../../../functions/carry-volumes/aws/wish.ts';
import type { Facts } from '../../../functions/carry-volumes/decide.ts';
import type { JsonObject, Meaning, Refusal } from '../../../shared/kernel/decision.ts';
import { judge, words } from './plan-words.ts';
import {
  ago,
  arrivingFacts,
  ELSEWHERE,
  exact,
  leavingFacts,
  loose,
  machine,
  settings,
  volume,
  waiting,
} from './volume-facts.ts';

function refused(call: string, input: JsonObject, change: Partial<Refusal> = {}): Pick<Facts, 'refusals'> {
  return {
    refusals: [
      { call, input, meaning: 'refused', name: 'OperationNotPermitted', message: 'no', at: ago(10), ...change },
    ],
  };
}

describe('an attachment that EC2 refuses', () => {
  const attach = { InstanceId: 'i-new', VolumeId: 'vol-1', Device: '/dev/sdf' };
  const inUse = {
    name: 'InvalidParameterValue',
    message: 'Attachment point /dev/sdf is already in use',
    at: ago(9_000),
  };

  it('for its name is tried under the next one, however long ago that was', () => {
    expect(words(judge({ ...arrivingFacts(), ...refused('ec2:AttachVolume', attach, inUse) }))).toEqual([
      'CreateTags vol-1',
      'AttachVolume vol-1 /dev/sdg',
    ]);
    const strange = loose({ device: '/dev/nvme1n1' });
    const facts = { ...arrivingFacts({ volumes: [strange] }) };
    const again = refused('ec2:AttachVolume', { ...attach, Device: '/dev/nvme1n1' }, inUse);
    expect(words(judge({ ...facts, ...again }))).toContain('AttachVolume vol-1 /dev/sdf');
  });

  it('for another reason is not tried for three minutes, and the reason is told', () => {
    const full = { name: 'AttachmentLimitExceeded', message: 'The maximum of 28 attachments has been reached' };
    expect(judge({ ...arrivingFacts(), ...refused('ec2:AttachVolume', attach, full) })).toMatchObject({
      code: 'cannot-attach',
      because: 'i-new cannot have the volumes: AttachmentLimitExceeded: The maximum of 28 attachments has been reached',
    });
    const old = refused('ec2:AttachVolume', attach, { ...full, at: ago(180) });
    expect(words(judge({ ...arrivingFacts(), ...old }))).toContain('AttachVolume vol-1 /dev/sdf');
  });
});

describe('a copy that EBS does not make', () => {
  const away = (): Facts => arrivingFacts({ ...ELSEWHERE, snapshots: [exact()] });
  const ofCopy = { SnapshotId: 'snap-exact' };

  it.each<[Meaning & Refusal['meaning'], string, string]>([
    ['capacity', 'VolumeLimitExceeded', 'no-capacity'],
    ['refused', 'VolumeTypeNotAvailableInZone', 'cannot-create'],
  ])('for want of what is %s is waited for', (meaning, name, code) => {
    const facts = { ...away(), ...refused('ec2:CreateVolume', ofCopy, { meaning, name }) };
    expect(judge(facts)).toMatchObject({ code, because: `EBS makes no volume in eu-west-1b: ${name}: no` });
    const old = refused('ec2:CreateVolume', ofCopy, { meaning, name, at: ago(180) });
    expect(words(judge({ ...away(), ...old }))).toEqual(['CreateVolume snap-exact']);
  });

  it('or take for the last snapshot is told: the leaving side lets go, the arriving side waits', () => {
    const limit = { name: 'SnapshotLimitExceeded', meaning: 'capacity' } as const;
    const leaving = leavingFacts({
      volumes: [loose()],
      ...refused('ec2:CreateSnapshot', { VolumeId: 'vol-1' }, limit),
    });
    expect(judge(leaving)).toMatchObject({
      code: 'left-unconfirmed',
      because: 'EBS takes no snapshot: SnapshotLimitExceeded: no',
      attention: true,
    });
    const arriving = arrivingFacts({ ...ELSEWHERE, ...refused('ec2:CreateSnapshot', { VolumeId: 'vol-1' }, limit) });
    expect(judge(arriving)).toMatchObject({ code: 'no-capacity' });
  });
});

describe('a wish that AWS refuses', () => {
  it('is not wished again: an instance that cannot be stopped is let go', () => {
    const facts = leavingFacts(refused('ec2:StopInstances', { InstanceIds: ['i-old'] }));
    expect(words(judge(facts))).toEqual(['CreateTags vol-1', 'CreateSnapshots']);
    const warm = { ...exact(), id: 'snap-warm', run: 'carry-volumes/i-old', description: 'written' as const };
    const labelled = { ...facts, volumes: [volume({ run: 'carry-volumes/i-old' })], snapshots: [warm] };
    expect(judge(labelled)).toMatchObject({ code: 'let-go' });
  });

  it('is not wished again: a set of snapshots, or a freeze', () => {
    const set = refused('ec2:CreateSnapshots', {
      InstanceSpecification: { InstanceId: 'i-old', ExcludeBootVolume: true },
    });
    expect(words(judge(leavingFacts(set)))).toEqual(['CreateTags vol-1', 'StopInstances i-old']);
    const freeze = { document: 'freeze', commands: [] };
    const wishing = leavingFacts({ freeze, settings: settings({ freezeDocument: 'freeze' }) });
    expect(words(judge(wishing))).toEqual(['CreateTags vol-1', 'SendCommand i-old']);
    const no = refused('ssm:SendCommand', { Comment: 'carry-volumes/i-old/pre-script' });
    expect(words(judge({ ...wishing, ...no }))).toEqual(['CreateTags vol-1', 'CreateSnapshots', 'StopInstances i-old']);
  });
});

describe('a wish', () => {
  const io = { signal: AbortSignal.timeout(1_000) };
  const refusing = (name: string, httpStatusCode: number) =>
    wish(() => Promise.reject(Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } })), {
      IncorrectState: 'wait',
    });
  const sent = (name: string, status: number): Promise<unknown> =>
    Promise.resolve(Reflect.apply(refusing(name, status).send, undefined, [{}, io])).catch((error: unknown) =>
      String(error),
    );

  it('is refused by whatever AWS has against it, under one name', async () => {
    expect(await sent('InvalidDocument', 400)).toBe('NotDone: InvalidDocument: no');
    expect(await sent('AccessDeniedException', 403)).toBe('NotDone: AccessDeniedException: no');
    expect(refusing('x', 400).means).toEqual({ IncorrectState: 'wait', NotDone: 'refused' });
  });

  it('leaves alone what means something else, and what may have had an effect', async () => {
    expect(await sent('IncorrectState', 400)).toBe('IncorrectState: no');
    expect(await sent('RequestLimitExceeded', 503)).toBe('RequestLimitExceeded: no');
    expect(await sent('InternalError', 500)).toBe('InternalError: no');
  });
});

describe('errors of the calls', () => {
  it.each<[string, string, Meaning]>([
    ['ec2:AttachVolume', 'InvalidParameterValue', 'refused'],
    ['ec2:AttachVolume', 'AttachmentLimitExceeded', 'refused'],
    ['ec2:AttachVolume', 'VolumeInUse', 'wait'],
    ['ec2:AttachVolume', 'IncorrectState', 'wait'],
    ['ec2:CreateSnapshot', 'SnapshotCreationPerVolumeRateExceeded', 'wait'],
    ['ec2:CreateSnapshot', 'ConcurrentSnapshotLimitExceeded', 'wait'],
    ['ec2:CreateSnapshot', 'SnapshotLimitExceeded', 'capacity'],
    ['ec2:CreateTags', 'InvalidVolume.NotFound', 'wait'],
    ['ec2:CreateVolume', 'IdempotentParameterMismatch', 'refused'],
    ['ec2:CreateVolume', 'InsufficientVolumeCapacity', 'capacity'],
    ['ec2:CreateVolume', 'InvalidSnapshot.NotFound', 'wait'],
    ['ec2:CreateVolume', 'MaxIOPSLimitExceeded', 'capacity'],
    ['ec2:CreateVolume', 'VolumeLimitExceeded', 'capacity'],
    ['ec2:DeleteSnapshot', 'InvalidSnapshot.InUse', 'refused'],
    ['ec2:DeleteSnapshot', 'InvalidSnapshot.NotFound', 'gone'],
    ['ec2:DeleteVolume', 'InvalidVolume.NotFound', 'gone'],
    ['ec2:DeleteVolume', 'VolumeInUse', 'refused'],
    ['ec2:DetachVolume', 'IncorrectState', 'gone'],
    ['ec2:DetachVolume', 'InvalidAttachment.NotFound', 'gone'],
    ['ec2:DetachVolume', 'InvalidVolume.NotFound', 'gone'],
    ['ec2:ModifyInstanceAttribute', 'InvalidInstanceAttributeValue', 'wait'],
    ['ec2:StopInstances', 'IncorrectInstanceState', 'wait'],
    ['autoscaling:CompleteLifecycleAction', 'ResourceContentionFault', 'wait'],
    ['autoscaling:SuspendProcesses', 'ScalingActivityInProgressFault', 'wait'],
  ])('%s: %s means %s', (call, name, meaning) => {
    expect(apply[call]?.means[name]).toBe(meaning);
  });
});

describe('a machine', () => {
  it('that has no name left for a volume says so', () => {
    const devices = Array.from('fghijklmnop', (letter, index) => ({
      name: index % 2 === 0 ? `/dev/sd${letter}` : `xvd${letter}`,
      volumeId: `vol-${letter}`,
      root: false,
    }));
    const machines = [machine('i-new', 'Pending:Wait', { devices })];
    expect(judge(waiting(10, { machines }))).toMatchObject({
      code: 'cannot-attach',
      because: expect.stringContaining('i-new has no device name left for vol-1: /dev/sdf, xvdg,'),
    });
  });
});
