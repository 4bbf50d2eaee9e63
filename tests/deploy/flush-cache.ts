/** A small runbook's particulars, and what deploy/standard puts around them. */

import { z } from 'zod';
import { parseTemplate } from '../../build/cloudformation.ts';
import { parseParticulars, type Particulars } from '../../deploy/standard/particulars.ts';
import { expand, type Expanded } from '../../deploy/standard/standard.ts';

export const LEAST = `
description: Flushes a cache
timeout: 60
memorySize: 512
delivery: { maximumEventAge: 300, maximumRetryAttempts: 10 }
schedule: { description: Looks, everyMinutes: 1 }
`;
export const DURABLE = 'durable: { executionTimeout: 3600, retentionPeriodInDays: 7 }\n';
export const ARN = 'arn:${AWS::Partition}';
export const HERE = '${AWS::Region}:${AWS::AccountId}';

export function particulars(text: string): Particulars {
  return parseParticulars(parseTemplate(text), 'functions/flush-cache/function.yml');
}

export function flushCache(more = ''): Expanded {
  return expand('flush-cache', particulars(LEAST + more));
}

export function propertiesOf(expanded: Expanded, id: string): Readonly<Record<string, unknown>> | undefined {
  return expanded.resources.Resources[id]?.Properties;
}

const policiesSchema = z.tuple([z.object({ PolicyDocument: z.object({ Statement: z.array(z.unknown()) }) })]);

export function statementsOf(expanded: Expanded): unknown[] {
  const [policy] = policiesSchema.parse(propertiesOf(expanded, 'FlushCacheRole')?.['Policies']);
  return policy.PolicyDocument.Statement;
}
