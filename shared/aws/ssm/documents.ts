/** Documents of Systems Manager. */

import { paginateListDocuments, SSMClient } from '@aws-sdk/client-ssm';
import type { Io } from '../../kernel/definition.ts';
import { client } from '../clients.ts';
import { need } from '../ec2/reading.ts';
import { collect } from '../pages.ts';

/** Names of the command documents that carry a tag with this value. Only of this account: others may be shared with it, or be Amazon's. */
export async function taggedDocuments(tag: string, value: string, { signal }: Pick<Io, 'signal'>): Promise<string[]> {
  const Filters = [
    { Key: 'Owner', Values: ['Self'] },
    { Key: 'DocumentType', Values: ['Command'] },
    { Key: `tag:${tag}`, Values: [value] },
  ];
  const pages = paginateListDocuments({ client: client(SSMClient) }, { Filters }, { abortSignal: signal });
  const found = await collect(pages, ({ DocumentIdentifiers }) => DocumentIdentifiers);
  return found.map(({ Name }) => need(Name, 'DocumentIdentifiers[].Name')).toSorted();
}
