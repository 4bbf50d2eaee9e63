import { describe, expect, it } from 'vitest';
import { cutTo } from '../../../cli/snapshot/cut.ts';

const vip = (Value: string) => [{ Key: 'runbook:vip', Value }];
const instance = (end: string, name: string, more: object = {}) => ({
  InstanceId: `i-0aaaaaaaaaaaaaa${end}`,
  SubnetId: 'subnet-0aaaaaaaaaaaaaaaa',
  Tags: vip(name),
  ...more,
});

const FILE = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    Addresses: [
      {
        AllocationId: 'eipalloc-0aaaaaaaaaaaaaa01',
        PublicIp: '192.0.2.10',
        InstanceId: 'i-0aaaaaaaaaaaaaa01',
        Tags: vip('shop'),
      },
      { AllocationId: 'eipalloc-0aaaaaaaaaaaaaa02', PublicIp: '192.0.2.20', Tags: vip('mail') },
    ],
    Instances: [instance('01', 'shop'), instance('02', 'shop'), instance('03', 'mail')],
    Volumes: [
      { VolumeId: 'vol-0aaaaaaaaaaaaaa01', Attachments: [{ InstanceId: 'i-0aaaaaaaaaaaaaa02' }] },
      { VolumeId: 'vol-0aaaaaaaaaaaaaa03', Attachments: [{ InstanceId: 'i-0aaaaaaaaaaaaaa03' }] },
    ],
    Subnets: [{ SubnetId: 'subnet-0aaaaaaaaaaaaaaaa' }, { SubnetId: 'subnet-0bbbbbbbbbbbbbbbb' }],
    AvailabilityZones: [{ ZoneName: 'eu-west-1a' }],
  },
  sqs: {
    Queues: [
      { QueueName: 'dead', Attributes: { QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:dead' } },
      {
        QueueName: 'orders',
        Attributes: {
          QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:orders',
          RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":3}',
        },
      },
      { QueueName: 'other', Attributes: { QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:other' } },
    ],
  },
  ledger: {
    switches: [{ scope: 'all', reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00Z' }],
    resources: [
      { resource: 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-0aaaaaaaaaaaaaa01' },
      { resource: 'arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-0aaaaaaaaaaaaaa02' },
    ],
  },
};

const OF_SHOP = {
  ...FILE,
  ec2: {
    Addresses: [FILE.ec2.Addresses[0]],
    Instances: [FILE.ec2.Instances[0], FILE.ec2.Instances[1]],
    Volumes: [FILE.ec2.Volumes[0]],
    Subnets: [FILE.ec2.Subnets[0]],
    AvailabilityZones: FILE.ec2.AvailabilityZones,
  },
  sqs: { Queues: [] },
  ledger: { switches: FILE.ledger.switches, resources: [FILE.ledger.resources[0]] },
};

describe('a world that is cut', () => {
  it.each([
    ['eipalloc-0aaaaaaaaaaaaaa01'],
    ['192.0.2.10'],
    ['shop'],
    ['i-0aaaaaaaaaaaaaa02'],
    ['arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-0aaaaaaaaaaaaaa01'],
  ])('has of %s its family, what its members are made of, and what the ledger knows of them', (target) => {
    expect(cutTo(FILE, target)).toEqual(OF_SHOP);
  });

  it('has of a queue of dead letters the queues that send to it', () => {
    const { sqs, ec2 } = cutTo(FILE, 'dead');
    expect(sqs).toEqual({ Queues: [FILE.sqs.Queues[0], FILE.sqs.Queues[1]] });
    expect(ec2).toMatchObject({ Instances: [], Subnets: [], AvailabilityZones: [{ ZoneName: 'eu-west-1a' }] });
  });

  it('is none where the target is not there: empty never means all', () => {
    expect(() => cutTo(FILE, 'shpo')).toThrow('--for: there is no shpo in what was read; nearest: ');
    expect(() => cutTo(FILE, '')).toThrow('--for: name what it is for');
  });
});
