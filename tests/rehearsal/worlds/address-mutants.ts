/** Faults planted in `reassign-elastic-ip`: one for each interest, so that none of them is one that cannot fail. */

import { AssociateAddressCommand, CreateTagsCommand, DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Facts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import { client } from '../../../shared/aws/clients.ts';
import { calling, doing, idle, withPlan, type Mutant } from './mutant.ts';

const VIP = 'runbook:vip';

/** The move of the address to the first private address of somebody else of its name, taken or not, good or bad. */
function moveToTheFirst({ address, instances }: Facts, isWanted: (id: string) => boolean = () => true): PlannedCall[] {
  const holder = address.association?.instanceId;
  const [slot] = instances
    .filter(({ id, vip }) => vip === address.vip && id !== holder && isWanted(id))
    .flatMap(({ slots }) => slots);
  if (slot === undefined) return [];
  const { interfaceId: NetworkInterfaceId, privateIp: PrivateIpAddress } = slot;
  const input = { AllocationId: address.allocationId, NetworkInterfaceId, PrivateIpAddress, AllowReassociation: true };
  return [calling('ec2:AssociateAddress', input)];
}

function isBad({ instances }: Facts, id: string): boolean {
  const found = instances.find((one) => one.id === id);
  return found?.state !== 'running' || JSON.stringify(found.checks).includes('impaired');
}

async function tagAll(): Promise<void> {
  const { Addresses: all = [] } = await client(EC2Client).send(
    new DescribeAddressesCommand({ Filters: [{ Name: 'tag-key', Values: [VIP] }] }),
  );
  const Resources = all.flatMap(({ AllocationId: id }) => id ?? []);
  await client(EC2Client).send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'runbook:moves', Value: '1' }] }));
}

/** Moves an address that is on nobody to where the first one is: no plan, no record, no event. */
async function moveUnheard(): Promise<void> {
  const ec2 = client(EC2Client);
  const { Addresses: all = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const first = all.find(({ NetworkInterfaceId: id, InstanceId: holder }) => id !== undefined && holder !== undefined);
  const loose = all.find(({ AssociationId: id }) => id === undefined);
  if (first?.NetworkInterfaceId === undefined || loose?.AllocationId === undefined) return;
  await ec2.send(
    new AssociateAddressCommand({
      AllocationId: loose.AllocationId,
      NetworkInterfaceId: first.NetworkInterfaceId,
      AllowReassociation: true,
    }),
  );
}

function stopHolder({ address }: Facts): PlannedCall[] {
  const id = address.association?.instanceId;
  return id === undefined || id === null ? [] : [calling('ec2:StopInstances', { InstanceIds: [id], Force: true })];
}

const isServed = ({ ask }: Facts): boolean => ask.kind === 'reconcile';

export const ADDRESS_MUTANTS: readonly Mutant<Facts>[] = [
  { interest: 'served-while-a-good-candidate-stands-idle', fault: 'never acts', decision: idle },
  { interest: 'no-plight-without-a-word', fault: 'never acts, and never says so', decision: idle },
  {
    interest: 'never-taken-from-a-good-holder',
    fault: 'moves an address whose holder is well',
    decision: (decision, facts) =>
      decision.kind === 'nothing' && isServed(facts) ? doing(moveToTheFirst(facts)) : decision,
  },
  {
    interest: 'only-to-a-good-instance',
    fault: 'takes the first bad instance',
    decision: (decision, facts) =>
      decision.kind === 'refuse' && isServed(facts) ? doing(moveToTheFirst(facts, (id) => isBad(facts, id))) : decision,
  },
  {
    interest: 'never-two-moves-within-the-cooldown',
    fault: 'moves at each tick, uncounted',
    decision: (decision, facts) => (isServed(facts) ? doing(moveToTheFirst(facts)) : decision),
  },
  {
    interest: 'nobody-is-displaced',
    fault: 'takes the first private address, whoever has it',
    decision: (decision, facts) => withPlan(decision, (plan) => firstInstead(plan, facts)),
  },
  {
    interest: 'never-taken-off',
    fault: 'takes the first private address, whoever has it',
    decision: (decision, facts) => withPlan(decision, (plan) => firstInstead(plan, facts)),
  },
  {
    interest: 'moved-only-after-the-fence',
    fault: 'does not see that a fence is required',
    facts: (facts) => ({ ...facts, address: { ...facts.address, fence: 'none' } }),
  },
  { interest: 'every-move-is-told', fault: 'moves an address behind its own back', rogue: moveUnheard },
  {
    interest: 'only-status-tags-are-written',
    fault: 'takes the name of the address away',
    decision: (decision, { address }) =>
      withPlan(decision, (plan) => [
        ...plan,
        calling('ec2:CreateTags', { Resources: [address.allocationId], Tags: [{ Key: VIP, Value: 'none' }] }),
      ]),
  },
  {
    interest: 'nobody-is-stopped-without-a-fence',
    fault: 'stops every holder that it leaves',
    decision: (decision, facts) => withPlan(decision, (plan) => [...stopHolder(facts), ...plan]),
  },
  {
    interest: 'nobody-who-is-well-is-stopped',
    fault: 'stops holders that are well',
    decision: (decision, facts) =>
      decision.kind === 'nothing' && isServed(facts) ? doing(stopHolder(facts)) : decision,
  },
  {
    interest: 'who-leaves-is-let-go',
    fault: 'sees no hooks',
    facts: (facts) => ({ ...facts, hooks: [] }),
  },
  { interest: 'nothing-while-switched-off', fault: 'tags all the same', rogue: tagAll },
  { interest: 'dry-runs-change-nothing', fault: 'tags all the same', rogue: tagAll },
];

/** The plan with the first private address of anybody as the place that the address goes to. */
function firstInstead(plan: readonly PlannedCall[], facts: Facts): readonly PlannedCall[] {
  const [first] = moveToTheFirst(facts);
  return plan.map((planned) => (planned.call === 'ec2:AssociateAddress' ? (first ?? planned) : planned));
}
