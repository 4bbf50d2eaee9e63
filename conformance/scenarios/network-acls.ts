/** Network ACLs, and what may stand in one. */

import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  ReplaceNetworkAclEntryCommand,
} from '@aws-sdk/client-ec2';
import type { Scenario } from '../scenario.ts';

const SEED = { vpcs: { own: '10.78.0.0/16' }, networkAcls: { edge: 'own' } } as const;

/** A denial at a number, of what comes in. */
function denial(NetworkAclId: string, RuleNumber: number) {
  return { NetworkAclId, RuleNumber, Protocol: '-1', RuleAction: 'deny', Egress: false } as const;
}

export const networkAclScenarios: readonly Scenario[] = [
  {
    name: 'entries of a network ACL are made, replaced and deleted',
    seed: SEED,
    play: async ({ ec2, id, fact }) => {
      const acl = id('edge');
      const look = async (when: string): Promise<void> => {
        const found = await ec2(new DescribeNetworkAclsCommand({ NetworkAclIds: [acl] }));
        const entries = (found?.NetworkAcls?.[0]?.Entries ?? []).filter(({ Egress }) => Egress === false);
        const ours = entries.filter(({ RuleNumber = 0 }) => RuleNumber < 32_767);
        const shown = ours.map((each) => `${each.RuleNumber} ${each.CidrBlock ?? each.Ipv6CidrBlock}`);
        fact(`entries ${when}`, shown.toSorted().join(', '));
      };
      await ec2(new CreateNetworkAclEntryCommand({ ...denial(acl, 90), CidrBlock: '198.51.100.0/24' }));
      await look('made');
      await ec2(new ReplaceNetworkAclEntryCommand({ ...denial(acl, 90), CidrBlock: '203.0.113.7/32' }));
      await look('replaced');
      await ec2(new DeleteNetworkAclEntryCommand({ NetworkAclId: acl, RuleNumber: 90, Egress: false }));
      await look('deleted');
    },
  },
  {
    name: 'a network ACL is found by its VPC',
    seed: SEED,
    play: async ({ ec2, id, fact, unnoted }) => {
      const Filters = [
        { Name: 'vpc-id', Values: [id('own')] },
        { Name: 'default', Values: ['false'] },
      ];
      const found = await unnoted(() => ec2(new DescribeNetworkAclsCommand({ Filters })));
      fact('found', found?.NetworkAcls?.map(({ NetworkAclId }) => NetworkAclId === id('edge')).join());
    },
  },
  {
    name: 'a number of a network ACL is there once in its direction, whatever the family',
    seed: SEED,
    play: async ({ ec2, id }) => {
      const entry = denial(id('edge'), 90);
      await ec2(new CreateNetworkAclEntryCommand({ ...entry, CidrBlock: '192.0.2.1/32' }));
      await ec2(new CreateNetworkAclEntryCommand({ ...entry, CidrBlock: '192.0.2.2/32' }));
      await ec2(new CreateNetworkAclEntryCommand({ ...entry, Ipv6CidrBlock: '2001:db8::1/128' }));
      await ec2(new CreateNetworkAclEntryCommand({ ...entry, Egress: true, CidrBlock: '192.0.2.1/32' }));
    },
  },
  {
    name: 'a network ACL and an entry that are not there are not found',
    seed: SEED,
    play: async ({ ec2, id }) => {
      await ec2(new DescribeNetworkAclsCommand({ NetworkAclIds: ['acl-0ffffffffffffffff'] }));
      await ec2(new DeleteNetworkAclEntryCommand({ NetworkAclId: id('edge'), RuleNumber: 90, Egress: false }));
      await ec2(new ReplaceNetworkAclEntryCommand({ ...denial(id('edge'), 90), CidrBlock: '192.0.2.1/32' }));
    },
  },
  {
    name: 'a network ACL holds 20 rules of a direction and family, its last denial counted',
    seed: SEED,
    play: async ({ ec2, id, unnoted }) => {
      const make = (index: number) =>
        ec2(new CreateNetworkAclEntryCommand({ ...denial(id('edge'), index), CidrBlock: `192.0.2.${index}/32` }));
      for (let index = 1; index < 20; index += 1) await unnoted(() => make(index));
      await make(20);
    },
  },
  {
    name: 'an entry of a network ACL keeps no host bits, and no number of AWS’s own',
    seed: SEED,
    play: async ({ ec2, id, fact, unnoted }) => {
      const acl = id('edge');
      await ec2(new CreateNetworkAclEntryCommand({ ...denial(acl, 90), CidrBlock: '198.51.100.9/24' }));
      const found = await unnoted(() => ec2(new DescribeNetworkAclsCommand({ NetworkAclIds: [acl] })));
      fact('kept as', found?.NetworkAcls?.[0]?.Entries?.find(({ RuleNumber }) => RuleNumber === 90)?.CidrBlock);
      await ec2(new CreateNetworkAclEntryCommand({ ...denial(acl, 32_767), CidrBlock: '192.0.2.1/32' }));
    },
  },
];
