/** The IAM actions that the code of a runbook needs. */

import { reach } from './tidy-imports.ts';

/** IAM's service prefix by SDK package. A new client needs a line here: the two names follow no rule. */
const PREFIXES = new Map([
  ['@aws-sdk/client-api-gateway', 'apigateway'],
  ['@aws-sdk/client-auto-scaling', 'autoscaling'],
  ['@aws-sdk/client-batch', 'batch'],
  ['@aws-sdk/client-cloudfront', 'cloudfront'],
  ['@aws-sdk/client-cloudwatch', 'cloudwatch'],
  ['@aws-sdk/client-datasync', 'datasync'],
  ['@aws-sdk/client-dax', 'dax'],
  ['@aws-sdk/client-dynamodb', 'dynamodb'],
  ['@aws-sdk/client-ec2', 'ec2'],
  ['@aws-sdk/client-elastic-load-balancing-v2', 'elasticloadbalancing'],
  ['@aws-sdk/client-elasticache', 'elasticache'],
  ['@aws-sdk/client-eventbridge', 'events'],
  ['@aws-sdk/client-fsx', 'fsx'],
  ['@aws-sdk/client-kms', 'kms'],
  ['@aws-sdk/client-lambda', 'lambda'],
  ['@aws-sdk/client-resource-groups-tagging-api', 'tag'],
  ['@aws-sdk/client-s3', 's3'],
  ['@aws-sdk/client-scheduler', 'scheduler'],
  ['@aws-sdk/client-service-quotas', 'servicequotas'],
  ['@aws-sdk/client-sns', 'sns'],
  ['@aws-sdk/client-sqs', 'sqs'],
  ['@aws-sdk/client-ssm', 'ssm'],
  ['@aws-sdk/client-wafv2', 'wafv2'],
]);

/** Operations that IAM knows by another name. Source: service authorization reference. */
const OTHERWISE_NAMED = new Map([
  // API Gateway's actions are the methods of its requests.
  ['apigateway:FlushStageAuthorizersCache', 'apigateway:DELETE'],
  ['apigateway:FlushStageCache', 'apigateway:DELETE'],
  ['apigateway:GetStage', 'apigateway:GET'],
  ['lambda:Invoke', 'lambda:InvokeFunction'],
  // What is read is always a version.
  ['s3:GetObject', 's3:GetObjectVersion'],
  ['s3:HeadObject', 's3:GetObject'],
  ['sqs:ChangeMessageVisibilityBatch', 'sqs:ChangeMessageVisibility'],
  ['sqs:DeleteMessageBatch', 'sqs:DeleteMessage'],
  ['sqs:SendMessageBatch', 'sqs:SendMessage'],
]);

function actionOf(value: string): string | undefined {
  if (value.startsWith('paginate')) return value.slice('paginate'.length);
  return value.endsWith('Command') ? value.slice(0, -'Command'.length) : undefined;
}

/** IAM actions of every command that the code of a runbook can send: its own and those of the shared modules it loads. */
export function commandsOf(name: string): Set<string> {
  return commandsIn(`functions/${name}/handler.ts`);
}

/** IAM actions of every command that a module, by its path, and those it loads can send. */
export function commandsIn(path: string): Set<string> {
  const actions = new Set<string>();
  for (const imports of reach(path).values()) {
    for (const { from, values, typeOnly } of imports) {
      if (typeOnly || !from.startsWith('@aws-sdk/')) continue;
      const prefix = PREFIXES.get(from);
      if (prefix === undefined) throw new Error(`${from}: add its IAM prefix to tests/house/tidy-commands.ts`);
      for (const value of values) {
        const action = actionOf(value);
        const call = `${prefix}:${action}`;
        if (action !== undefined) actions.add(OTHERWISE_NAMED.get(call) ?? call);
      }
    }
  }
  return actions;
}
