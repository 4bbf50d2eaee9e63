/** The quarantine of an instance in the account: its tag, read and taken away. */

import { DeleteTagsCommand, DescribeTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { client } from '../../../shared/aws/clients.ts';
import { QUARANTINED } from '../quarantine.ts';

function ec2(region: string): EC2Client {
  return client(EC2Client, { region, purpose: 'quarantine' });
}

/** The value of the tag; `undefined`: it has none. */
export async function quarantineOf(region: string, instanceId: string): Promise<string | undefined> {
  const Filters = [
    { Name: 'resource-id', Values: [instanceId] },
    { Name: 'key', Values: [QUARANTINED] },
  ];
  const { Tags: [tag] = [] } = await ec2(region).send(new DescribeTagsCommand({ Filters }));
  return tag?.Value;
}

/** With its value: EC2 leaves a tag whose value is another. Source: EC2 API reference, DeleteTags. */
export async function pardon(region: string, instanceId: string, value: string): Promise<void> {
  const Tags = [{ Key: QUARANTINED, Value: value }];
  await ec2(region).send(new DeleteTagsCommand({ Resources: [instanceId], Tags }));
}
