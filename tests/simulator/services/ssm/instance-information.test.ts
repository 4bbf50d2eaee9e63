import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { ssmWorld } from './ssm-world.ts';

type Parts = Parameters<typeof ssmWorld>[0];

function information(parts: Parts = {}) {
  const simulation = ssmWorld(parts);
  const describeThem = (input: Shape = {}): Shape => simulation.call('ssm:DescribeInstanceInformation', input);
  const told = (input: Shape = {}): unknown => describeThem(input)['InstanceInformationList'];
  return { ...simulation, describeThem, told };
}

function filter(Key: string, ...Values: readonly string[]): Shape {
  return { Filters: [{ Key, Values }] };
}

describe('DescribeInstanceInformation', () => {
  it('tells of what is managed: whether its agent answers, and its platform', () => {
    expect(information().told()).toEqual([
      { InstanceId: 'i-1', PingStatus: 'Online', PlatformType: 'Linux' },
      { InstanceId: 'i-2', PingStatus: 'Online', PlatformType: 'Linux' },
    ]);
  });

  it.each([
    ['of instances, those that are managed', filter('InstanceIds', 'i-1', 'i-9'), ['i-1']],
    ['by what the agent does', filter('PingStatus', 'ConnectionLost'), ['i-1']],
    ['by platform', filter('PlatformTypes', 'Windows'), []],
  ])('filters %s', (_what, input, expected) => {
    const { told } = information({ status: 'ConnectionLost' });
    expect(told(input)).toEqual(expected.map((InstanceId): unknown => expect.objectContaining({ InstanceId })));
  });

  it('does not tell of one that is not managed, or is gone', () => {
    expect(information({ status: null }).told(filter('InstanceIds', 'i-1'))).toEqual([]);
    expect(information({ state: 'terminated' }).told(filter('InstanceIds', 'i-1'))).toEqual([]);
  });

  it('calls the connection of one that has stopped lost', () => {
    const { told, world } = information({ state: 'stopped' });
    expect(told(filter('InstanceIds', 'i-1'))).toMatchObject([{ PingStatus: 'ConnectionLost' }]);
    expect([...world.assumed]).toContain('ssm: an instance that does not run is told of as ConnectionLost at once');
  });

  it('tells of hybrid nodes, of which EC2 does not know', () => {
    const nodes = Array.from({ length: 6 }, (_none, index) => ({ InstanceId: `mi-${index}` }));
    const { describeThem } = information({ ssm: { InstanceInformation: nodes } });
    const first = describeThem({ MaxResults: 5 });
    expect(first['InstanceInformationList']).toHaveLength(5);
    expect(describeThem({ MaxResults: 5, NextToken: first['NextToken'] })).toEqual({
      InstanceInformationList: [{ InstanceId: 'mi-5', PingStatus: 'Online', PlatformType: 'Linux' }],
    });
  });

  it.each([
    [{ MaxResults: 4 }, 'ValidationException: MaxResults must be from 5 to 50.'],
    [{ MaxResults: 51 }, 'ValidationException: MaxResults must be from 5 to 50.'],
    [{ NextToken: 'more' }, 'InvalidNextToken: The specified token is not valid.'],
    [
      filter('InstanceIds', ...Array.from({ length: 101 }, (_none, index) => `i-${index}`)),
      'ValidationException: A filter takes 100 values, not 101.',
    ],
    [filter('tag-key', 'x'), 'not simulated: ssm:DescribeInstanceInformation filter tag-key'],
    [filter('InstanceIds'), 'not simulated: ssm:DescribeInstanceInformation filter InstanceIds'],
    [
      { InstanceInformationFilterList: [] },
      'not simulated: ssm:DescribeInstanceInformation InstanceInformationFilterList',
    ],
  ])('is refused with %j', (input: Shape, expected) => {
    const { told } = information();
    expect(refusal(() => told(input))).toBe(expected);
  });
});
