/** A runbook's `function.yml` in its expanded form, with what every runbook has around it; and the IAM statements in it. */

import { z } from 'zod';
import { readTemplate } from './cloudformation.ts';
import { standardOf } from '../deploy/standard/standard.ts';

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const resource = z.union([z.string(), z.record(z.string(), z.unknown())]);

const statementSchema = z.strictObject({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Action: list,
  Resource: z.union([z.array(resource), resource.transform((one) => [one])]),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/** A statement of a role, `Action` and `Resource` always as lists. */
export type Statement = z.infer<typeof statementSchema>;

const roleSchema = z.object({
  Type: z.literal('AWS::IAM::Role'),
  Properties: z.object({
    AssumeRolePolicyDocument: z.object({
      Statement: z.array(z.object({ Principal: z.object({ Service: z.string() }) })),
    }),
    Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })),
  }),
});

const functionSchema = z.looseObject({
  name: z.string(),
  handler: z.string(),
  role: z.string(),
  timeout: z.number(),
  description: z.string(),
  reservedConcurrency: z.string(),
  onError: z.unknown().optional(),
  destinations: z.object({ onFailure: z.unknown() }).optional(),
  events: z
    .array(
      z.looseObject({
        eventBridge: z
          .looseObject({ pattern: z.record(z.string(), z.unknown()), deadLetterQueueArn: z.unknown().optional() })
          .optional(),
      }),
    )
    .default([]),
});

const resourceSchema = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });

const fileSchema = z.strictObject({
  function: z.record(z.string(), functionSchema),
  resources: z.strictObject({
    Resources: z.record(z.string(), resourceSchema),
    Outputs: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** A `function.yml`, expanded and checked. */
export type FunctionFile = z.infer<typeof fileSchema>;

/** Reads the `function.yml` of a runbook. Throws an Error that names the path when something in it is wrong. */
export function readFunctionFile(name: string): FunctionFile {
  return fileSchema.parse(standardOf(name));
}

/** A role of a `function.yml`. */
export interface Role {
  readonly id: string;
  readonly principals: readonly string[];
  readonly statements: readonly Statement[];
}

/** The roles of a `function.yml`. */
export function rolesOf(file: FunctionFile): Role[] {
  return Object.entries(file.resources.Resources).flatMap(([id, found]) => {
    if (found.Type !== 'AWS::IAM::Role') return [];
    const { Properties } = roleSchema.parse(found);
    return {
      id,
      principals: Properties.AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal.Service),
      statements: Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    };
  });
}

const operatorSchema = z.object({
  Resources: z.object({
    OperatorPolicy: z.object({
      Properties: z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) }),
    }),
  }),
});

/** The statements of the policy of people on call. Throws an Error that names the path when something in it is wrong. */
export function operatorStatements(): readonly Statement[] {
  return operatorSchema.parse(readTemplate('deploy/operator.yml')).Resources.OperatorPolicy.Properties.PolicyDocument
    .Statement;
}

/** How the opt-in behind a statement is enforced, by the suffix of its Sid. */
export function enforcement(sid: string): 'tag' | 'arn' | 'code' | undefined {
  if (sid.endsWith('ByTag')) return 'tag';
  if (sid.endsWith('ByArn')) return 'arn';
  return sid.endsWith('ByCode') ? 'code' : undefined;
}

/** Condition keys of a statement with their values. */
export function conditionKeys(statement: Statement): Map<string, unknown> {
  return new Map(
    Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      operator === 'Null' ? [] : Object.entries(keys),
    ),
  );
}
