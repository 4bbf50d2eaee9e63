/** What the ledger keeps of a fleet. */

import type { LaunchTemplate } from '@aws-sdk/client-ec2';
import { need } from '../../../shared/aws/ec2/reading.ts';
import { openData } from '../../../shared/kernel/ledger/data.ts';
import { gangKey, PARTITIONS, readRecords } from '../decide.ts';

/** Throws what the ledger throws: what is not known is not nothing. */
export async function recordsOf({ LaunchTemplateId }: LaunchTemplate): Promise<ReturnType<typeof readRecords>> {
  const fleet = gangKey(need(LaunchTemplateId, 'LaunchTemplates[].LaunchTemplateId'), '');
  const data = openData();
  const [gangs, rungs, leases] = await Promise.all([
    data.list(PARTITIONS.gangs, fleet),
    data.list(PARTITIONS.capacity),
    data.list(PARTITIONS.leases),
  ]);
  return readRecords(gangs, rungs, leases);
}
