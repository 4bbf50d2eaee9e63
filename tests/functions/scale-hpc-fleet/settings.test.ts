/** What people set with the tags of a launch template. */

import { describe, expect, it } from 'vitest';
import { isNamed, settingsOf } from '../../../functions/scale-hpc-fleet/aws/templates.ts';

const IO = { account: '111122223333', region: 'eu-west-1' };

const ALL = { 'hpc-queue': 'cfd-4', 'nodes-per-job': '4', ladder: '/hpc/cfd' };

function settings(tags: { readonly [key: string]: string }): ReturnType<typeof settingsOf> {
  const Tags = Object.entries(tags).map(([key, Value]) => ({ Key: `runbook:${key}`, Value }));
  return settingsOf({ LaunchTemplateId: 'lt-0a1', LaunchTemplateName: 'cfd', Tags });
}

describe('the settings of a fleet', () => {
  it('are those that are said, and as usual where nothing is', () => {
    expect(settings(ALL)).toEqual({
      queue: 'cfd-4',
      nodesPerJob: 4,
      idleSeconds: 'auto',
      ladder: '/hpc/cfd',
      maxNodes: 256,
      attestSeconds: null,
      stageIn: null,
      problems: [],
    });
    const more = settings({ ...ALL, 'idle-seconds': ' 600 ', 'max-nodes': '0' });
    expect([more.idleSeconds, more.maxNodes]).toEqual([600, 0]);
  });

  it.each([
    ['hpc-queue', 'a queue', 'the name of a queue'],
    ['hpc-queue', '', 'the name of a queue'],
    ['nodes-per-job', '0', 'a number of nodes from 1 to 1000'],
    ['nodes-per-job', '1001', 'a number of nodes from 1 to 1000'],
    ['nodes-per-job', '-4', 'a number of nodes from 1 to 1000'],
    ['nodes-per-job', 'four', 'a number of nodes from 1 to 1000'],
    ['idle-seconds', '10m', 'auto or a number of seconds'],
    ['max-nodes', '1001', 'a number of nodes up to 1000'],
    ['stage-in', 's3://bucket', 's3://BUCKET/KEY, fsx:fs-…, fsx:fs-…/BUCKET/PREFIX or datasync:task-…'],
    ['ladder', ' ', 'the name of an SSM parameter'],
  ])('name runbook:%s = %o as what it is not', (key, value, form) => {
    expect(settings({ ...ALL, [key]: value }).problems).toEqual([
      `lt-0a1: tag runbook:${key}: '${value}' is not ${form}`,
    ]);
  });

  it('name what is missing', () => {
    expect(settings({ 'hpc-queue': 'cfd-4' }).problems).toEqual([
      'lt-0a1: tag runbook:nodes-per-job is missing',
      'lt-0a1: tag runbook:ladder is missing',
    ]);
  });
});

describe('a fleet', () => {
  it('is named by the id, the name or the ARN of its template, and an id is an id', () => {
    const template = { LaunchTemplateId: 'lt-0a1', LaunchTemplateName: 'cfd' };
    const arn = 'arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-0a1';
    const is = (target: string): boolean => isNamed(template, target, IO);
    expect(['lt-0a1', 'cfd', arn].map(is)).toEqual([true, true, true]);
    const others = ['lt-0a2', 'CFD', arn.replace('eu-west-1', 'us-east-1'), arn.replace('1111', '9999')];
    const foreign = [arn.replace('launch-template', 'instance'), 'arn:aws:iam::1:role/cfd'];
    expect([...others, ...foreign].map(is)).toEqual([false, false, false, false, false, false]);
    expect(isNamed({ LaunchTemplateId: 'lt-0b2', LaunchTemplateName: 'lt-0a1' }, 'lt-0a1', IO)).toBe(false);
  });
});
