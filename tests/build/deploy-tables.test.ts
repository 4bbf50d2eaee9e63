/** Tables that outlive their stack: protected once it stands, adopted by the next one. */

import { createRequire } from 'node:module';
import {
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { adoptWhatIsKept, protectLine, protectTables, tableNames } from '../../build/deploy-tables.ts';

const NAMES = ['runbook-dev-control', 'runbook-dev-data'];

describe('the tables of a template', () => {
  it('are known by name', () => {
    expect(
      tableNames({
        Resources: {
          Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'a' } },
          Bus: { Type: 'AWS::Events::EventBus' },
          Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'runbook-dev-control' } },
        },
      }),
    ).toEqual(['runbook-dev-control']);
  });
});

describe('protection from deletion', () => {
  it('is given to the tables that lack it, and to none that is not there', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' });
    const aws = mockClient(client);
    aws.on(DescribeTableCommand, { TableName: 'a' }).resolves({ Table: { DeletionProtectionEnabled: true } });
    aws.on(DescribeTableCommand, { TableName: 'b' }).resolves({ Table: {} });
    aws
      .on(DescribeTableCommand, { TableName: 'c' })
      .rejects(new ResourceNotFoundException({ message: 'no such table', $metadata: {} }));
    aws.on(UpdateTableCommand).resolves({});
    expect(await protectTables(client, ['a', 'b', 'c'])).toEqual(['b']);
    expect(aws.commandCalls(UpdateTableCommand).map(({ args }) => args[0].input)).toEqual([
      { TableName: 'b', DeletionProtectionEnabled: true },
    ]);
  });

  it('fails where a table cannot be read: it may be the one with the records', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' });
    mockClient(client).on(DescribeTableCommand).rejects(new Error('not authorized'));
    await expect(protectTables(client, NAMES)).rejects.toThrow('not authorized');
  });

  it('can be given by hand', () => {
    expect(protectLine('runbook-dev-data', 'eu-west-1')).toBe(
      'aws dynamodb update-table --region eu-west-1 --table-name runbook-dev-data --deletion-protection-enabled',
    );
  });
});

describe('adoption', () => {
  /** The framework's own deploying plugin, with as much of a framework around it as it looks at here. */
  function deployer(): { getCreateChangeSetParams: (given: object) => Record<string, unknown> } {
    const AwsDeploy = z
      .custom<new (...given: object[]) => ReturnType<typeof deployer>>((found) => typeof found === 'function')
      .parse(createRequire(import.meta.url)('serverless/lib/plugins/aws/deploy'));
    const provider = {
      naming: { getStackName: () => 'runbook-dev', getStackChangeSetName: () => 'runbook-dev-change-set' },
      getStage: () => 'dev',
      getCustomDeploymentRole: () => undefined,
    };
    return new AwsDeploy({ getProvider: () => provider, service: { package: {}, provider: {} } }, {});
  }

  it('has the framework’s change sets take in what stands there', () => {
    const own = deployer();
    const before = own.getCreateChangeSetParams({ changeSetType: 'UPDATE', templateUrl: 'https://example.com/t' });
    adoptWhatIsKept([{}, own]);
    const after = own.getCreateChangeSetParams({ changeSetType: 'UPDATE', templateUrl: 'https://example.com/t' });
    expect(before).toMatchObject({ ChangeSetName: 'runbook-dev-change-set', ChangeSetType: 'UPDATE' });
    expect(after).toEqual({ ...before, ImportExistingResources: true });
  });

  it('says so when the framework deploys in another way', () => {
    expect(() => adoptWhatIsKept([{}, { updateStack: () => undefined }])).toThrow(
      'the framework deploys in another way than build/deploy-tables.ts knows',
    );
  });
});
