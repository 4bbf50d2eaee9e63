/**
 * What the deployment does for tables that outlive their stack, beyond what a template can say.
 *
 * A table that is kept under its name stands in the way of whoever creates it again. Three things keep that from happening:
 * `RetainExceptOnCreate` in the template, so that the rollback of a first deployment deletes the tables it made, which are empty;
 * protection from deletion only once a deployment has succeeded, because no rollback could delete a protected table; and
 * adopting by the next deployment, so that tables left by `serverless remove` come back with their records and kill switch.
 */

import {
  DescribeTableCommand,
  ResourceNotFoundException,
  UpdateTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';

/** The framework's deploying plugin, as far as this knows it. */
interface Deployer {
  getCreateChangeSetParams: (given: object) => object;
}

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.looseObject({ TableName: z.unknown().optional() }).optional() }),
  ),
});

/** Names of the tables of a compiled template. */
export function tableNames(template: unknown): string[] {
  return Object.values(templateSchema.parse(template).Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::DynamoDB::Table' ? [z.string().parse(Properties?.TableName)] : [],
  );
}

function isDeployer(plugin: object): plugin is Deployer {
  return typeof Reflect.get(plugin, 'getCreateChangeSetParams') === 'function' && 'updateStack' in plugin;
}

/**
 * Has the update of the stack take in what stands there already under a name of the template and is to be kept: CloudFormation
 * does that for change sets, and only for resources that belong to no other stack.
 * @param plugins the framework's own
 * @throws Error when the framework has no such plugin any more
 */
export function adoptWhatIsKept(plugins: readonly object[]): void {
  const deployer = plugins.find(isDeployer);
  if (deployer === undefined) throw new Error('the framework deploys in another way than build/deploy-tables.ts knows');
  const parameters = deployer.getCreateChangeSetParams.bind(deployer);
  deployer.getCreateChangeSetParams = (given) => ({ ...parameters(given), ImportExistingResources: true });
}

/** `null`: there is no such table. */
async function isProtected(client: DynamoDBClient, TableName: string): Promise<boolean | null> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.DeletionProtectionEnabled === true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

/**
 * Protects tables from deletion; those that are not there are left out.
 * @returns the names of those that were not protected before
 */
export async function protectTables(client: DynamoDBClient, names: readonly string[]): Promise<string[]> {
  const fresh: string[] = [];
  for (const TableName of names) {
    if ((await isProtected(client, TableName)) !== false) continue;
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
    fresh.push(TableName);
  }
  return fresh;
}

/** The line that protects a table by hand. */
export function protectLine(table: string, region: string): string {
  return `aws dynamodb update-table --region ${region} --table-name ${table} --deletion-protection-enabled`;
}
