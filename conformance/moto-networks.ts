/** The networks of a beginning, made in moto. */

import {
  AcceptVpcPeeringConnectionCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { need, type Ids } from './moto-answers.ts';
import { idIn } from './on-simulator.ts';
import { PREFIX_LIST_SIZE, type Seed } from './scenario.ts';

async function makeNetworkAcls(ec2: EC2Client, { networkAcls = {} }: Seed, ids: Ids): Promise<void> {
  for (const [name, vpc] of Object.entries(networkAcls)) {
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: idIn(ids)(vpc) }));
    ids.set(name, need(NetworkAcl?.NetworkAclId, 'network ACL'));
  }
}

async function makeSecurityGroups(ec2: EC2Client, { securityGroups = {} }: Seed, ids: Ids): Promise<void> {
  for (const [GroupName, vpc] of Object.entries(securityGroups)) {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName, Description: `group ${GroupName}`, VpcId: idIn(ids)(vpc) }),
    );
    ids.set(GroupName, need(GroupId, 'security group'));
  }
}

async function makePeerings(ec2: EC2Client, { peerings = {} }: Seed, ids: Ids): Promise<void> {
  const id = idIn(ids);
  for (const [name, [requester, accepter]] of Object.entries(peerings)) {
    const made = await ec2.send(
      new CreateVpcPeeringConnectionCommand({ VpcId: id(requester), PeerVpcId: id(accepter) }),
    );
    const VpcPeeringConnectionId = need(made.VpcPeeringConnection?.VpcPeeringConnectionId, 'peering');
    ids.set(name, VpcPeeringConnectionId);
    await ec2.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  }
}

/** Makes the VPCs of a beginning and what is in them: peerings, prefix lists, network ACLs, security groups. */
export async function makeNetworks(ec2: EC2Client, seed: Seed, ids: Ids): Promise<void> {
  const { prefixLists = {}, vpcs = {} } = seed;
  for (const [name, CidrBlock] of Object.entries(vpcs)) {
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock }));
    ids.set(name, need(Vpc?.VpcId, 'VPC'));
    ids.set(`${name}.range`, need(Vpc?.CidrBlockAssociationSet?.[0]?.AssociationId, `association of ${name}`));
  }
  for (const [PrefixListName, entries] of Object.entries(prefixLists)) {
    const Entries = entries.map((Cidr) => ({ Cidr }));
    const made = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName,
        Entries,
        MaxEntries: PREFIX_LIST_SIZE,
        AddressFamily: 'IPv4',
      }),
    );
    ids.set(PrefixListName, need(made.PrefixList?.PrefixListId, 'prefix list'));
  }
  await makeNetworkAcls(ec2, seed, ids);
  await makeSecurityGroups(ec2, seed, ids);
  await makePeerings(ec2, seed, ids);
}
