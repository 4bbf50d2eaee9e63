import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { bind } from '../../../simulator/engine/bind.ts';
import { settle } from '../../../simulator/engine/clock.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { keyFault } from '../../../simulator/services/kms.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { Requests } from '../../../simulator/engine/requests.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { serviceWorld } from './service-world.ts';
import { refusal } from './ec2/ec2-world.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/k-1';
const FOREIGN = 'arn:aws:kms:eu-west-1:999988887777:key/k-9';

function begin(keys: readonly Shape[] = [], ec2: Shape = {}) {
  const simulation = serviceWorld({ kms: { Keys: keys }, ec2 });
  const describeKey = (KeyId: string): unknown => simulation.call('kms:DescribeKey', { KeyId })['KeyMetadata'];
  return { ...simulation, describeKey };
}

/** The state that DescribeKey tells, or the name of its error. */
function stateOr(describeKey: () => unknown): unknown {
  try {
    const metadata = describeKey();
    return isRecord(metadata) ? metadata['KeyState'] : undefined;
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

describe('DescribeKey', () => {
  it('tells the state of a key, by its id or its ARN', () => {
    const expected = {
      AWSAccountId: '111122223333',
      KeyId: 'k-1',
      Arn: KEY,
      Enabled: true,
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
    };
    for (const KeyId of ['k-1', KEY]) {
      const { describeKey } = begin([{ KeyId }]);
      expect([describeKey('k-1'), describeKey(KEY)]).toEqual([expected, expected]);
    }
  });

  it.each(['Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable'])(
    'tells of one that is %s that it is not enabled',
    (KeyState) => {
      const { describeKey } = begin([{ KeyId: KEY, KeyState }]);
      expect(describeKey(KEY)).toMatchObject({ Enabled: false, KeyState });
    },
  );

  it.each(['Enabled', 'Updating'])('lets nobody fail who uses one that is %s', (KeyState) => {
    const { world } = begin([{ KeyId: KEY, KeyState }]);
    expect(keyFault(world, KEY)).toBeUndefined();
  });

  it('follows the script of the world', () => {
    const { describeKey, set } = begin([{ KeyId: KEY }]);
    set(`kms/Keys/${KEY}/KeyState`, 'Disabled');
    expect(describeKey(KEY)).toMatchObject({ Enabled: false, KeyState: 'Disabled' });
  });

  it('knows the key of EBS by its alias, and who manages it', () => {
    const { describeKey } = begin();
    const expected = {
      KeyId: 'aws-ebs',
      Arn: 'arn:aws:kms:eu-west-1:111122223333:key/aws-ebs',
      Enabled: true,
      KeyManager: 'AWS',
    };
    expect(describeKey('alias/aws/ebs')).toMatchObject(expected);
    expect(describeKey('arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs')).toMatchObject(expected);
  });

  it('tells the ARN as the world gives it: a key may be another account’s', () => {
    const { describeKey } = begin([{ KeyId: FOREIGN, KeyManager: 'CUSTOMER' }]);
    expect(describeKey(FOREIGN)).toMatchObject({ KeyId: 'k-9', Arn: FOREIGN });
    expect(begin([{ KeyId: 'k-9', Arn: FOREIGN }]).describeKey('k-9')).toMatchObject({ KeyId: 'k-9', Arn: FOREIGN });
  });

  it('takes a key that the world does not list for enabled where something is encrypted with it', () => {
    expect(begin([], { Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY }] }).describeKey('k-1')).toMatchObject({
      Arn: KEY,
      Enabled: true,
    });
    expect(begin([], { Snapshots: [{ SnapshotId: 'snap-1', KmsKeyId: KEY }] }).describeKey('k-1')).toMatchObject({
      Arn: KEY,
      Enabled: true,
    });
  });

  it.each([
    ['of none such', [], KEY, `NotFoundException: Key '${KEY}' does not exist`],
    ['of none such by id', [{ KeyId: 'k-2' }], 'k-1', `NotFoundException: Key '${KEY}' does not exist`],
    [
      'without permission',
      [{ KeyId: KEY, AccessDenied: true }],
      'k-1',
      `AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/runbook is not authorized to perform: kms:DescribeKey on resource: ${KEY} because no resource-based policy allows the kms:DescribeKey action`,
    ],
    ['of another alias', [], 'alias/data', 'not simulated: kms:DescribeKey KeyId alias/data'],
  ])('is refused %s', (_what, keys, id, expected) => {
    const { describeKey } = begin(keys);
    expect(refusal(() => describeKey(id))).toBe(expected);
  });

  it('is a request of the SDK', async () => {
    const { world, clock } = begin([{ KeyId: KEY, KeyState: 'Disabled' }]);
    const nothing = (): undefined => undefined;
    const fatal = (error: unknown): never => {
      throw error instanceof Error ? error : new Error(String(error));
    };
    const queue = new Requests({
      world,
      clock,
      seed: 1,
      faults: NO_FAULTS,
      note: nothing,
      fatal,
      sent: nothing,
      stray: nothing,
    });
    const unbind = bind({ world, services: SERVICES, queue, fatal });
    try {
      const sent = new KMSClient({
        region: 'eu-west-1',
        credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
        maxAttempts: 1,
      }).send(new DescribeKeyCommand({ KeyId: KEY }));
      await settle();
      clock.step();
      expect((await sent).KeyMetadata?.KeyState).toBe('Disabled');
      expect(queue.log.map(({ call, kind }) => [call, kind])).toEqual([['kms:DescribeKey', 'read']]);
    } finally {
      unbind();
    }
  });
});

describe('what EC2 finds of a key, and DescribeKey', () => {
  const encrypted = { Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY }] };

  it.each([
    ['listed', [{ KeyId: 'k-1' }], {}, 'usable', 'Enabled'],
    ['listed as disabled', [{ KeyId: 'k-1', KeyState: 'Disabled' }], encrypted, 'at fault', 'Disabled'],
    ['not listed, in use', [], encrypted, 'usable', 'Enabled'],
    [
      'not listed, in use by a snapshot',
      [],
      { Snapshots: [{ SnapshotId: 'snap-1', KmsKeyId: KEY }] },
      'usable',
      'Enabled',
    ],
    ['not listed, used by nothing', [], {}, 'at fault', 'NotFoundException'],
    // It proves no more than that somebody asked for it.
    [
      'not listed, used by what is only being made',
      [],
      { Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY, State: 'creating' }] },
      'at fault',
      'NotFoundException',
    ],
    ['denied', [{ KeyId: 'k-1', AccessDenied: true }], encrypted, 'at fault', 'AccessDeniedException'],
  ])('agree where it is %s', (_what, keys, ec2, found, told) => {
    const { world, describeKey } = begin(keys, ec2);
    expect(keyFault(world, KEY) === undefined ? 'usable' : 'at fault').toBe(found);
    expect(stateOr(() => describeKey(KEY))).toBe(told);
  });

  it('a volume whose key nobody lists can be attached: it is encrypted with it', () => {
    const { call, world, pass } = begin([], {
      Instances: [{ InstanceId: 'i-1', Placement: { AvailabilityZone: 'eu-west-1a' } }],
      Volumes: [{ VolumeId: 'vol-1', KmsKeyId: KEY, AvailabilityZone: 'eu-west-1a' }],
    });
    call('ec2:AttachVolume', { VolumeId: 'vol-1', InstanceId: 'i-1', Device: '/dev/sdf' });
    pass(6);
    expect(world.records('ec2', 'Volumes')[0]).toMatchObject({ State: 'in-use', Attachments: [{ State: 'attached' }] });
  });
});
