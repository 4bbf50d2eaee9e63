/** What is read of security groups and prefix lists, and written to groups, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, ofPerson, type Request } from '../../../functions/restrict-access/aws.ts';
import { readAllowList } from '../../../functions/restrict-access/aws/allow-lists.ts';
import {
  authorizeIngress,
  groupIn,
  idsNamed,
  readGroups,
  revokeIngress,
  taggedGroups,
  verifyGroup,
} from '../../../functions/restrict-access/aws/security-groups.ts';
import { authorize, revoke } from '../../../functions/restrict-access/decide/group-calls.ts';
import { permissionsOf, ruleText, type Rule } from '../../../functions/restrict-access/decide/rules.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Change, Io } from '../../../shared/kernel/definition.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { rule, SG, PL } from './group-facts.ts';
import { inFunction } from '../in-a-function.ts';

const OTHER = 'sg-0a1b2c3d4e5f60719';
const TAGGED = [{ Key: 'runbook:lockdown', Value: 'admins' }];
const RULES = ['tcp 443 0.0.0.0/0 everybody', 'tcp 443 ::/0', `all - ${SG}`].map(rule);

function prefixList(more: object): object {
  return { AddressFamily: 'IPv4', MaxEntries: 5, Entries: ['203.0.113.0/28'], ...more };
}

const WORLD = {
  now: '2026-11-29T03:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  ec2: {
    SecurityGroups: [
      { GroupId: SG, GroupName: 'web', VpcId: 'vpc-1', IpPermissions: permissionsOf(RULES), Tags: TAGGED },
      { GroupId: OTHER, GroupName: 'db', VpcId: 'vpc-1', IpPermissions: [], Tags: [{ Key: 'Name', Value: 'web' }] },
    ],
    ManagedPrefixLists: [
      prefixList({ PrefixListId: PL, PrefixListName: 'admins' }),
      prefixList({ PrefixListId: 'pl-0aaaaaaaaaaaaaaa1', PrefixListName: 'twins' }),
      prefixList({ PrefixListId: 'pl-0aaaaaaaaaaaaaaa2', PrefixListName: 'twins' }),
      prefixList({ PrefixListId: 'pl-0aaaaaaaaaaaaaaa3', PrefixListName: 'going', State: 'delete-in-progress' }),
      prefixList({ PrefixListId: 'pl-0aaaaaaaaaaaaaaa4', PrefixListName: 'nobody', Entries: [] }),
      prefixList({ PrefixListId: 'pl-0aaaaaaaaaaaaaaa5', PrefixListName: 'com.amazonaws.x', OwnerId: 'AWS' }),
    ],
  },
};

async function inWorld<T>(work: (io: Io) => Promise<T>): Promise<T | undefined> {
  const { value, thrown } = await inFunction(WORLD, work);
  expect(thrown).toBeUndefined();
  return value;
}

async function standing(io: Io): Promise<readonly string[]> {
  return groupIn(await readGroups([SG], io), SG)?.rules.map(ruleText) ?? [];
}

async function sendAll(calls: readonly PlannedCall[], change: Change, io: Io): Promise<void> {
  for (const { input } of calls) await change.send(input, io);
}

/** What a call comes to: AWS's word, and what it means here. */
async function refusalOf(calls: readonly PlannedCall[], change: Change): Promise<string> {
  const { thrown } = await inFunction(WORLD, (io) => sendAll(calls, change, io));
  return `${errorName(thrown)} ${change.means[errorName(thrown)] ?? ''}`;
}

describe('security groups', () => {
  it('are read with every way in, and the name of their allow-list', async () => {
    const group = await inWorld(async (io) => groupIn(await readGroups([SG], io), SG));
    expect(group).toEqual({ id: SG, name: 'web', vpcId: 'vpc-1', allowList: 'admins', rules: RULES });
  });

  it('that are gone are none, and those without the tag have no allow-list', async () => {
    const read = await inWorld((io) => readGroups([OTHER, 'sg-0ffffffffffffffff'], io));
    expect(read === undefined ? [] : [groupIn(read, OTHER)?.allowList, groupIn(read, 'sg-0ffffffffffffffff')]).toEqual([
      null,
      null,
    ]);
  });

  it('are found by their tag, and by either name', async () => {
    expect([...((await inWorld(taggedGroups))?.keys() ?? [])]).toEqual([SG]);
    expect(await inWorld((io) => idsNamed('web', io))).toEqual([SG, OTHER]);
    expect(await inWorld((io) => idsNamed('db', io))).toEqual([OTHER]);
    expect(await inWorld((io) => idsNamed('w*', io))).toEqual([]);
  });
});

describe('a request that names an ARN', () => {
  const asking = (target: string): Request =>
    ofPerson(
      { action: 'lockdown' },
      {
        kind: 'request',
        id: 'd-1',
        runbook: 'restrict-access',
        params: {},
        target,
        requestedBy: 'anna',
        dryRun: false,
      },
    );
  const targets = (target: string): Promise<unknown> =>
    inWorld(async (io) => (await locate(asking(target), io)).map((each) => each.target));

  it('is about that very thing: the same id in another account or Region is nobody’s here', async () => {
    const own = `arn:aws:ec2:eu-west-1:111122223333:security-group/${SG}`;
    expect(await targets(own)).toEqual([own]);
    expect(await targets(SG)).toEqual([own]);
    expect(await targets(own.replace('111122223333', '444455556666'))).toEqual([]);
    expect(await targets(own.replace('eu-west-1', 'eu-west-2'))).toEqual([]);
  });
});

describe('what comes in', () => {
  const added: readonly Rule[] = [rule(`tcp 443 ${PL} ours`)];

  it('is let in and taken away rule by rule', async () => {
    const after = await inWorld(async (io) => {
      await sendAll(authorize(SG, added, ''), authorizeIngress, io);
      await sendAll(revoke(SG, RULES.slice(0, 2), ''), revokeIngress, io);
      return standing(io);
    });
    expect(after?.toSorted()).toEqual([`all from ${SG}`, `tcp 443 from ${PL}`]);
  });

  it('is refused where it is there already, where it is not there any more, where there is no room', async () => {
    const many = Array.from({ length: 60 }, (_none, index) => rule(`tcp ${index + 1_000} 0.0.0.0/0`));
    expect(await refusalOf(authorize(SG, RULES.slice(0, 1), ''), authorizeIngress)).toBe(
      'InvalidPermission.Duplicate conflict',
    );
    expect(await refusalOf(revoke(SG, added, ''), revokeIngress)).toBe('InvalidPermission.NotFound conflict');
    expect(await refusalOf(authorize(SG, many, ''), authorizeIngress)).toBe(
      'RulesPerSecurityGroupLimitExceeded capacity',
    );
    expect(await refusalOf(authorize('sg-0ffffffffffffffff', added, ''), authorizeIngress)).toBe(
      'InvalidGroup.NotFound refused',
    );
  });

  it('is never changed without saying which rules', async () => {
    const { thrown } = await inFunction(WORLD, (io) => revokeIngress.send({ GroupId: SG, IpPermissions: [] }, io));
    expect(String(thrown)).toContain('no rule is named');
  });

  it('is looked at again where it is not what was written', async () => {
    const { thrown } = await inFunction(WORLD, (io) => verifyGroup(revoke(SG, RULES.slice(0, 1), ''), io));
    expect(errorName(thrown)).toBe('RetryableError');
    const optional = authorize(SG, added, '').map((call) => ({ ...call, optional: true }) as const);
    expect(await inWorld((io) => verifyGroup([...optional, ...authorize(SG, RULES, '')], io))).toBeUndefined();
  });
});

describe('an allow-list', () => {
  it('is found by its name and by its id, with what is on it', async () => {
    const admins = { id: PL, name: 'admins', cidrs: ['203.0.113.0/28'] };
    expect(await inWorld((io) => readAllowList('admins', io))).toEqual(admins);
    expect(await inWorld((io) => readAllowList(PL, io))).toEqual(admins);
  });

  it.each([
    ['', null],
    ['strangers', null],
    ['twins', { refused: 'prefix-list-ambiguous', because: '2 prefix lists are called twins: tag the id' }],
    ['nobody', { id: 'pl-0aaaaaaaaaaaaaaa4', name: 'nobody', cidrs: [] }],
    [
      'going',
      {
        refused: 'prefix-list-unreadable',
        because: 'no entry of going (pl-0aaaaaaaaaaaaaaa3) can be read: it is delete-in-progress',
      },
    ],
    [
      'com.amazonaws.x',
      {
        refused: 'prefix-list-of-aws',
        because: 'com.amazonaws.x is managed by AWS: it lets in whoever uses that service',
      },
    ],
  ])('named %s is %j', async (name, reading) => {
    expect(await inWorld((io) => readAllowList(name, io))).toEqual(reading);
  });
});
