import { describe, expect, it } from 'vitest';
import { homeward, outward, type Stage } from '../../../conformance/recording/exchange.ts';
import { beginJournal, unfinished } from '../../../conformance/recording/journal.ts';
import { TAG_KEY } from '../../../conformance/recording/kinds.ts';
import { recorderFor } from '../../../conformance/recording/recorder.ts';
import { awsError } from '../../../simulator/engine/model.ts';
import { aFolder } from './a-folder.ts';

const RUN = 'rbc-0123456789ab';
const STAGE: Stage = {
  account: '111122223333',
  region: 'us-west-1',
  partition: 'aws',
  zones: ['us-west-1b', 'us-west-1c'],
  image: 'ami-0aaaaaaaaaaaaaaaa',
};

describe('what the scenarios call by names of their own', () => {
  it('is the account’s on its way out, and theirs again on its way back', () => {
    const out = outward({ AvailabilityZone: 'eu-west-1a', Other: 'eu-west-1b', ClientToken: 'one' }, STAGE, RUN);
    expect(out).toEqual({ AvailabilityZone: 'us-west-1b', Other: 'us-west-1c', ClientToken: `${RUN}-one` });
    expect(outward(out, STAGE, RUN)).toEqual(out);
    expect(homeward(JSON.stringify(out), STAGE, RUN)).toBe(
      '{"AvailabilityZone":"eu-west-1a","Other":"eu-west-1b","ClientToken":"one"}',
    );
  });

  it('is the run’s own where it is one in a Region', () => {
    const arn = 'arn:aws:sqs:eu-west-1:123456789012:dead';
    const there = `arn:aws:sqs:us-west-1:111122223333:${RUN}-dead`;
    const policy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 });
    expect(outward({ QueueName: 'orders', SourceArn: arn, Attributes: { RedrivePolicy: policy } }, STAGE, RUN)).toEqual(
      {
        QueueName: `${RUN}-orders`,
        SourceArn: there,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: there, maxReceiveCount: 2 }) },
      },
    );
    const Filters = [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web'] }];
    expect(outward({ Filters }, STAGE, RUN)).toEqual({
      Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: [`${RUN}-web`] }],
    });
  });
});

function recording(mayGoOn: () => void = () => undefined) {
  const folder = aFolder();
  const journal = beginJournal(folder, { run: RUN, account: STAGE.account, region: STAGE.region, scenario: 'one' });
  return { folder, recorder: recorderFor({ stage: STAGE, journal, mayGoOn, pauseMs: 0 }) };
}

const never = (): Promise<object> => Promise.reject(new Error('it was sent'));

describe('the recorder', () => {
  it('writes down and marks what it creates before it is sent', async () => {
    const { recorder, folder } = recording();
    let open: readonly string[] = [];
    const seen = await recorder.through('ec2:CreateVolume', { Size: 1 }, async (input) => {
      open = [...(unfinished(folder)[0]?.open ?? [])];
      return { ...input, VolumeId: 'vol-0aaaaaaaaaaaaaaaa' };
    });
    expect(open).toEqual(['volume']);
    expect(unfinished(folder)[0]?.made).toEqual([{ kind: 'volume', id: 'vol-0aaaaaaaaaaaaaaaa' }]);
    expect(seen).toMatchObject({ TagSpecifications: [{ ResourceType: 'volume', Tags: [] }] });
  });

  it('keeps the creation open that got no answer, and closes the one that was refused', async () => {
    const { recorder, folder } = recording();
    const refused = recorder.through('ec2:CreateVpc', {}, () => Promise.reject(awsError('VpcLimitExceeded', 'no')));
    await expect(refused).rejects.toThrow('no');
    expect(recorder.fault()).toBeUndefined();
    const lost = recorder.through('ec2:CreateVolume', {}, () => Promise.reject(new Error('socket hang up')));
    await expect(lost).rejects.toThrow('got no answer');
    expect([...(unfinished(folder)[0]?.open ?? [])]).toEqual(['volume']);
    expect(recorder.fault()).toContain('ec2:CreateVolume got no answer');
  });

  it.each([
    ['ec2:DeleteVolume', { VolumeId: 'vol-0bbbbbbbbbbbbbbbb' }, 'which this run has not made'],
    ['ec2:DeleteVpc', { VpcId: 'vpc-0bbbbbbbbbbbbbbbb' }, 'neither a read nor'],
    ['sqs:SendMessage', { QueueUrl: 'https://sqs/1/orders', MessageBody: '' }, 'which this run has not made'],
    ['ec2:DeleteTags', { Resources: ['vol-0ffffffffffffffff'] }, 'names no tags'],
  ])('does not send %s of %j', async (operation, input, message) => {
    const { recorder } = recording();
    await expect(recorder.through(operation, input, never)).rejects.toThrow(message);
    expect(recorder.fault()).toContain(message);
    // A scenario takes every error for an answer, and goes on.
    await expect(recorder.through('ec2:DescribeVolumes', {}, never)).rejects.toThrow(message);
  });

  it('sends what asks for something that nobody has', async () => {
    const { recorder } = recording();
    const gone = awsError('InvalidVolume.NotFound', 'The volume does not exist.');
    const asked = recorder.through('ec2:DeleteVolume', { VolumeId: 'vol-0ffffffffffffffff' }, () =>
      Promise.reject(gone),
    );
    await expect(asked).rejects.toBe(gone);
    expect(recorder.fault()).toBeUndefined();
  });

  it('passes on of a listing what is its own, without its mark and the tags of others', async () => {
    const { recorder } = recording();
    const VolumeId = 'vol-0aaaaaaaaaaaaaaaa';
    const Tags = [{ Key: 'Name', Value: 'web' }];
    const TagSpecifications = [{ ResourceType: 'volume', Tags }];
    await recorder.through('ec2:CreateVolume', { TagSpecifications }, async () => ({ VolumeId }));
    const more = [...Tags, { Key: TAG_KEY, Value: RUN }, { Key: 'CreatedBy', Value: 'kim' }];
    const Volumes = [{ VolumeId, Tags: more }, { VolumeId: 'vol-0bbbbbbbbbbbbbbbb' }];
    expect(await recorder.through('ec2:DescribeVolumes', {}, async () => ({ Volumes }))).toEqual({
      Volumes: [{ VolumeId, Tags }],
    });
  });

  it('asks again for what is its own and not known yet, and does not record what the credentials may not', async () => {
    const { recorder } = recording();
    const VolumeId = 'vol-0aaaaaaaaaaaaaaaa';
    await recorder.through('ec2:CreateVolume', {}, async () => ({ VolumeId }));
    let tries = 0;
    const answer = await recorder.through('ec2:DescribeVolumes', { VolumeIds: [VolumeId] }, async () => {
      tries += 1;
      if (tries < 3) throw awsError('InvalidVolume.NotFound', `The volume '${VolumeId}' does not exist.`);
      return { tries };
    });
    expect(answer).toEqual({ tries: 3 });
    const denied = awsError('UnauthorizedOperation', 'User: arn:aws:iam::111122223333:user/kim is not authorized', 403);
    const asked = recorder.through('ec2:DescribeVolumes', {}, () => Promise.reject(denied));
    await expect(asked).rejects.toThrow('the credentials may not do ec2:DescribeVolumes');
  });

  it('sends nothing more when it was stopped', async () => {
    const { recorder } = recording(() => {
      throw new Error('it was stopped');
    });
    await expect(recorder.through('ec2:DescribeVolumes', {}, never)).rejects.toThrow('it was stopped');
  });
});
