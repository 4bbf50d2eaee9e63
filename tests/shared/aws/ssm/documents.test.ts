import { ListDocumentsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { taggedDocuments } from '../../../../shared/aws/ssm/documents.ts';

const ssm = mockClient(SSMClient);
const io = { signal: new AbortController().signal };
beforeEach(() => {
  ssm.reset();
});
afterAll(() => {
  ssm.restore();
});

it('are those of this account that have the tag, in the order of their names', async () => {
  ssm.on(ListDocumentsCommand).resolves({ DocumentIdentifiers: [{ Name: 'park' }, { Name: 'count' }] });
  expect(await taggedDocuments('runbook:bastion', 'ops', io)).toEqual(['count', 'park']);
  expect(ssm.commandCalls(ListDocumentsCommand).map(({ args }) => args[0].input)).toEqual([
    {
      Filters: [
        { Key: 'Owner', Values: ['Self'] },
        { Key: 'DocumentType', Values: ['Command'] },
        { Key: 'tag:runbook:bastion', Values: ['ops'] },
      ],
    },
  ]);
});

it('fail where one has no name: of what cannot be read nothing is known', async () => {
  ssm.on(ListDocumentsCommand).resolves({ DocumentIdentifiers: [{}] });
  await expect(taggedDocuments('runbook:bastion', 'ops', io)).rejects.toThrow('DocumentIdentifiers[].Name');
});
