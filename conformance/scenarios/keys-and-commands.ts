/** KMS keys, and commands that Systems Manager runs on instances. */

import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  ListDocumentsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { keyArn, type Scenario, type Seed } from '../scenario.ts';

const MANAGED: Seed = {
  instances: { db: { zone: 'a' }, web: { zone: 'b' } },
  managed: ['db', 'web'],
  documents: ['Freeze-Db'],
};
const FREEZE = { DocumentName: 'Freeze-Db', Parameters: { command: ['pre-script'] } };
const NOBODY = '00000000-0000-4000-8000-00000000ffff';

export const keyAndCommandScenarios: readonly Scenario[] = [
  {
    name: 'keys are described in whatever state they are',
    seed: { keys: { good: { state: 'Enabled' }, off: { state: 'Disabled' }, doomed: { state: 'PendingDeletion' } } },
    play: async ({ kms, id }) => {
      await kms(new DescribeKeyCommand({ KeyId: id('good') }));
      await kms(new DescribeKeyCommand({ KeyId: keyArn(id('good')) }));
      await kms(new DescribeKeyCommand({ KeyId: id('off') }));
      await kms(new DescribeKeyCommand({ KeyId: keyArn(id('doomed')) }));
    },
  },
  {
    name: 'a key that there is not is not described',
    seed: {},
    play: async ({ kms }) => {
      await kms(new DescribeKeyCommand({ KeyId: NOBODY }));
      await kms(new DescribeKeyCommand({ KeyId: keyArn(NOBODY) }));
    },
  },
  {
    name: 'a command is sent to one instance and to two',
    seed: MANAGED,
    play: async ({ ssm, id }) => {
      await ssm(new SendCommandCommand({ ...FREEZE, InstanceIds: [id('db')], TimeoutSeconds: 30, Comment: 'freeze' }));
      await ssm(new SendCommandCommand({ DocumentName: 'Freeze-Db', InstanceIds: [id('db'), id('web')] }));
    },
  },
  {
    name: 'what became of a command is listed by command, by instance and since a time',
    seed: MANAGED,
    play: async ({ ssm, id, unnoted, until }) => {
      const sent = await unnoted(() =>
        ssm(new SendCommandCommand({ ...FREEZE, InstanceIds: [id('db')], Comment: 'freeze' })),
      );
      const CommandId = sent?.Command?.CommandId ?? '';
      await until(
        'a command ends',
        async () =>
          (await ssm(new ListCommandInvocationsCommand({ CommandId })))?.CommandInvocations?.[0]?.Status === 'Success',
      );
      await ssm(new ListCommandInvocationsCommand({ CommandId }));
      await ssm(new ListCommandInvocationsCommand({ CommandId, Details: true }));
      await ssm(
        new ListCommandInvocationsCommand({
          InstanceId: id('db'),
          Filters: [{ key: 'InvokedAfter', value: '2020-01-01T00:00:00Z' }],
          MaxResults: 50,
        }),
      );
      await ssm(new ListCommandInvocationsCommand({ InstanceId: id('web') }));
      await ssm(new ListCommandInvocationsCommand({ CommandId: NOBODY }));
    },
  },
  {
    name: 'documents are listed by their owner and their type',
    seed: { documents: ['Freeze-Db', 'Park'] },
    play: async ({ ssm }) => {
      const own = { Key: 'Owner', Values: ['Self'] };
      await ssm(new ListDocumentsCommand({ Filters: [own] }));
      await ssm(new ListDocumentsCommand({ Filters: [own, { Key: 'DocumentType', Values: ['Command'] }] }));
      await ssm(new ListDocumentsCommand({ Filters: [own], MaxResults: 1 }));
      await ssm(new ListDocumentsCommand({ Filters: [own, { Key: 'tag:colour', Values: ['red'] }] }));
    },
  },
  {
    name: 'what is managed is told of, all of it and by instance',
    seed: { ...MANAGED, managed: ['db'] },
    play: async ({ ssm, id }) => {
      await ssm(new DescribeInstanceInformationCommand({}));
      await ssm(
        new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [id('db'), id('web')] }] }),
      );
      await ssm(new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [id('web')] }] }));
      await ssm(new DescribeInstanceInformationCommand({ MaxResults: 4 }));
    },
  },
  {
    name: 'requests about commands that cannot be',
    seed: { ...MANAGED, managed: ['db'] },
    play: async ({ ssm, id }) => {
      await ssm(new SendCommandCommand({ DocumentName: 'None', InstanceIds: [id('db')] }));
      await ssm(
        new SendCommandCommand({
          DocumentName: 'Freeze-Db',
          Parameters: { command: ['sleep'] },
          InstanceIds: [id('db')],
        }),
      );
      await ssm(
        new SendCommandCommand({ DocumentName: 'Freeze-Db', Parameters: { other: ['x'] }, InstanceIds: [id('db')] }),
      );
      await ssm(new SendCommandCommand({ ...FREEZE, InstanceIds: [id('web')] }));
      await ssm(new SendCommandCommand({ ...FREEZE, InstanceIds: [id('db'), id('db')] }));
      await ssm(new SendCommandCommand({ ...FREEZE, InstanceIds: [id('db')], TimeoutSeconds: 29 }));
      await ssm(new ListCommandInvocationsCommand({ CommandId: 'none' }));
    },
  },
];
