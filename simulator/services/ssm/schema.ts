/** Systems Manager's part of a world file: managed nodes, documents with how they behave here, and what was sent. */

import {
  CommandInvocation$,
  DocumentDescription$,
  InstanceInformation$,
  Parameter$,
  ParameterType,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { awsTime as time, TRIMMINGS } from '../pasted.ts';
import { recordSchema } from '../ec2/shape.ts';

const PING_STATUSES = ['Online', 'ConnectionLost', 'Inactive'] as const;

const parameterValues = z.record(z.string(), z.array(z.string()));

const INFORMATION_OWN = {
  PlatformType: z.enum(['Linux', 'MacOS', 'Windows']).optional().describe('Default Linux.'),
  PingStatus: z
    .enum(PING_STATUSES)
    .optional()
    .describe(
      'Default Online. ConnectionLost: commands are accepted and wait for the agent. Inactive, or no record at all: commands are refused.',
    ),
};

const parameter = z.strictObject({
  Name: z.string().min(1),
  Type: z.string().optional(),
  Description: z.string().optional(),
  DefaultValue: z.string().optional().describe('Without one a command must give the parameter.'),
  AllowedValues: z
    .array(z.string())
    .optional()
    .describe('allowedValues of the document, which describe-document does not print.'),
  AllowedPattern: z.string().optional().describe('allowedPattern of the document, likewise.'),
});

const misbehaviour = z
  .union([z.boolean(), z.enum(['pre-script', 'post-script', 'status', 'park', 'unpark'])])
  .optional();

const partition = z.strictObject({
  State: z.enum(['UP', 'DOWN', 'DRAIN', 'INACTIVE']).optional().describe('Default UP.'),
  Running: z.int().min(0).optional().describe('Jobs of Slurm that are at work there (default 0).'),
  Pending: z.int().min(0).optional().describe('Jobs of Slurm that wait there (default 0).'),
});

/** What the scripts of a document do on their host. `describe-document` output (`Document`) works, with these beside. */
const DOCUMENT_OWN = {
  Parameters: z
    .array(parameter)
    .optional()
    .describe(
      "Default: those of Data Lifecycle Manager's documents, command (pre-script, post-script, dry-run) and executionId (a UUID, or None).",
    ),
  Freezes: z
    .strictObject({
      TakesSeconds: z
        .number()
        .min(0)
        .optional()
        .describe('How long each of its scripts takes, whatever it does (default 1).'),
      ThawAfterSeconds: z
        .number()
        .min(1)
        .describe('How long after the freeze the timer on the host thaws, if nobody has until then.'),
      Repeatable: z
        .boolean()
        .optional()
        .describe(
          "A pre-script while frozen and a post-script while thawed succeed and change nothing, the timer neither. Without it they fail, as AWS's own samples do (error codes 204 and 205).",
        ),
    })
    .optional()
    .describe(
      'pre-script freezes the file systems of the data volumes, post-script thaws them. Without it the scripts do nothing.',
    ),
  Drops: z
    .strictObject({
      TakesSeconds: z.number().min(0).optional().describe('How long its script takes (default 1).'),
      WithoutNftables: z
        .array(z.string())
        .optional()
        .describe('Instances on which its script finds no nft, and fails.'),
    })
    .optional()
    .describe(
      "Its script drops the networks of its parameters v4 and v6, as deny-networks' own does, and prints what was given. No nftables is simulated.",
    ),
  Parks: z
    .strictObject({
      TakesSeconds: z.number().min(0).optional().describe('How long its script takes (default 1).'),
      Fleet: z
        .enum([
          'RUNNING',
          'PROTECTED',
          'STOPPED',
          'STOP_REQUESTED',
          'STOPPING',
          'START_REQUESTED',
          'STARTING',
          'UNKNOWN',
          'ENABLED',
          'DISABLED',
        ])
        .optional()
        .describe('Status of the compute fleet. Default RUNNING.'),
      Partitions: z.record(z.string(), partition).describe('The partitions of the cluster, by their names.'),
      Causes: z.array(z.string()).optional().describe('Why nodes did not come up.'),
      Prints: z.string().optional().describe('What its script prints in place of how the cluster stands.'),
    })
    .optional()
    .describe(
      'Its script parks and unparks the partitions of its parameter partitions, by its parameter command, as that of examples/cluster does, and prints how the cluster stands. That ParallelCluster ends the nodes of what is parked is not simulated.',
    ),
  Sessions: z
    .strictObject({
      TakesSeconds: z.number().min(0).optional().describe('How long its script takes (default 1).'),
      Hosts: z.record(z.string(), z.int().min(0)).optional().describe('How many there are, by instance (default 0).'),
    })
    .optional()
    .describe(
      'Its script prints how many sessions there are on its host, as that of examples/bastion does: {"sessions":2}.',
    ),
  Fails: misbehaviour.describe('Its scripts (true), or only this one, end in Failed and change nothing.'),
  Hangs: misbehaviour.describe(
    'Its scripts (true), or only this one, never end by themselves. Worst case: a pre-script hangs after the freeze, a post-script before the thaw.',
  ),
  ExecutionTimeoutSeconds: z
    .int()
    .min(1)
    .optional()
    .describe(
      'After this time the agent ends a script that hangs: ExecutionTimedOut. Default 3600, as Systems Manager has.',
    ),
};

/** What the simulator has to know of an invocation that is under way. */
const INVOCATION_OWN = {
  InvocationId: z.string().optional().describe('CommandId/InstanceId. Derived.'),
  CommandId: z.string().min(1),
  InstanceId: z.string().min(1),
  Status: z.enum(['Pending', 'InProgress', 'Delayed', 'Success', 'Cancelled', 'TimedOut', 'Failed', 'Cancelling']),
  Parameters: parameterValues.optional(),
  TimeoutSeconds: z.int().optional(),
  ExpiresAfter: time.optional(),
  Result: z
    .enum(['Success', 'Failed'])
    .optional()
    .describe('How its script ended, which the agent could not tell yet.'),
  Output: z.string().optional().describe('What its script has printed.'),
};

const storedParameter = recordSchema(Parameter$, 'Name', {
  Parameter: { Type: z.enum(Object.values(ParameterType)) },
});
const information = recordSchema(InstanceInformation$, 'InstanceId', {}, INFORMATION_OWN);
const document = recordSchema(DocumentDescription$, 'Name', {}, DOCUMENT_OWN);

export const ssmSchema = z.strictObject({
  ...TRIMMINGS,
  InstanceInformation: z.array(information).optional(),
  InstanceInformationList: z.array(information).optional().describe('describe-instance-information output as it is.'),
  Documents: z.array(document).optional(),
  Document: document.optional().describe('describe-document output as it is.'),
  Parameters: z.array(storedParameter).optional().describe('get-parameters output as it is. Left out: a String.'),
  Parameter: storedParameter.optional().describe('get-parameter output as it is.'),
  CommandInvocations: z.array(recordSchema(CommandInvocation$, undefined, {}, INVOCATION_OWN)).optional(),
});

export function isPingStatus(value: unknown): value is (typeof PING_STATUSES)[number] {
  return PING_STATUSES.some((status) => status === value);
}
