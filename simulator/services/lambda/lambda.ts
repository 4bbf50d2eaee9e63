/**
 * The simulated Lambda, as far as it has functions of others: how they are set up, and what becomes of events that they are given. The
 * runbooks themselves are the simulation's; with them comes `Invoke` (`simulator/hosts/invoke.ts`).
 */

import { AliasConfiguration$, FunctionConfiguration$, FunctionEventInvokeConfig$ } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { isRecord } from '../../engine/json.ts';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../../engine/model.ts';
import { durationSchema, endOf, failsSchema, untilSchema } from '../../world/failing.ts';
import { outputOf, recordSchema } from '../ec2/shape.ts';
import { memberGiven, pageOf, recordsGiven, sizeOf } from '../listing.ts';
import { TRIMMINGS } from '../pasted.ts';
import { concurrencyOf, listEventSourceMappings, mappingSchema } from './consumers.ts';
import { resume } from './events.ts';
import { arnOf, configsOf, nameIn, SERVICE } from './state.ts';

/** Source: API_ListFunctions, API_ListFunctionEventInvokeConfigs, API_ListAliases: MaxItems. */
const MOST_PER_PAGE = 50;

const received = z.strictObject({
  RequestId: z.string(),
  Qualifier: z.string(),
  At: z.string(),
  Event: z.string().describe('As it was given: JSON in a text.'),
  Attempts: z.number().int().min(0),
  Outcome: z.enum(['pending', 'handled', 'failed']),
});

const config = recordSchema(FunctionEventInvokeConfig$, undefined, {});

const fn = recordSchema(
  FunctionConfiguration$,
  'FunctionName',
  {},
  {
    Tags: z.record(z.string(), z.string()).optional().describe('As list-tags prints them.'),
    Aliases: z
      .array(recordSchema(AliasConfiguration$, 'Name', {}))
      .optional()
      .describe('As list-aliases prints them.'),
    EventInvokeConfig: z
      .union([config, z.array(config)])
      .optional()
      .describe(
        'As get-function-event-invoke-config prints it: of $LATEST if its FunctionArn says nothing. Or several.',
      ),
    Concurrency: z
      .strictObject({ ReservedConcurrentExecutions: z.number().int().min(0).optional() })
      .optional()
      .describe('As get-function-concurrency prints it: {} where none is reserved.'),
    Handles: durationSchema.optional().describe("The simulator's own: how long it is at an event. PT1S if not said."),
    Fails: failsSchema
      .optional()
      .describe(
        "The simulator's own: all events, the first so many attempts, or those events (body) that are so. Absent: none.",
      ),
    Until: untilSchema
      .optional()
      .describe("The simulator's own: how long it fails, from the beginning of the world, or a time. Absent: always."),
    Attempted: z.number().int().min(0).optional().describe("The simulator's own: attempts at events so far."),
    Received: z.array(received).optional().describe("The simulator's own: what it was given, the oldest first."),
  },
);

const shownFunction = outputOf(FunctionConfiguration$);
const shownConfig = outputOf(FunctionEventInvokeConfig$);
const shownAlias = outputOf(AliasConfiguration$);

function functionsOf(world: World, call: string): readonly Shape[] {
  return recordsGiven(world, { call, service: SERVICE, collection: 'Functions' });
}

/** The function that a request names. The words: API_ListAliases, Errors; github.com/localstack/localstack, recorded of AWS. */
function demandFunction(world: World, input: Shape, call: string): Shape {
  const name = nameIn(input['FunctionName']);
  const found = functionsOf(world, call).find(({ FunctionName }) => FunctionName === name);
  if (found !== undefined) return found;
  throw awsError('ResourceNotFoundException', `Function not found: ${arnOf(world, name)}`, 404);
}

function listed(member: string, items: readonly Shape[], input: Shape, shown: (record: Shape) => Shape): object {
  const page = pageOf(items, input['Marker'], sizeOf(input['MaxItems'], MOST_PER_PAGE));
  return { [member]: page.items.map(shown), ...(page.next === undefined ? {} : { NextMarker: page.next }) };
}

function listFunctions(input: Shape, world: World): object {
  return listed('Functions', functionsOf(world, 'lambda:ListFunctions'), input, shownFunction);
}

/** Of whatever version: the world has one configuration of a function. */
function getConfiguration(input: Shape, world: World): object {
  return shownFunction(demandFunction(world, input, 'lambda:GetFunctionConfiguration'));
}

function listConfigs(input: Shape, world: World): object {
  const call = 'lambda:ListFunctionEventInvokeConfigs';
  const found = demandFunction(world, input, call);
  memberGiven(world, call, found, 'EventInvokeConfig');
  return listed('FunctionEventInvokeConfigs', configsOf(found), input, shownConfig);
}

function listAliases(input: Shape, world: World): object {
  const call = 'lambda:ListAliases';
  const found = demandFunction(world, input, call);
  const aliases = memberGiven(world, call, found, 'Aliases');
  return listed('Aliases', Array.isArray(aliases) ? aliases.filter(isRecord) : [], input, shownAlias);
}

function getFunctionConcurrency(input: Shape, world: World): object {
  return concurrencyOf(world, demandFunction(world, input, 'lambda:GetFunctionConcurrency'));
}

function start(world: World): void {
  for (const record of world.data[SERVICE]?.['Functions'] ?? []) {
    const arn = arnOf(world, String(record['FunctionName']));
    record['FunctionArn'] ??= arn;
    for (const one of configsOf(record)) one['FunctionArn'] ??= `${arn}:$LATEST`;
    for (const alias of Array.isArray(record['Aliases']) ? record['Aliases'].filter(isRecord) : [])
      alias['AliasArn'] ??= `${arn}:${String(alias['Name'])}`;
    if (typeof record['Until'] === 'string') record['Until'] = endOf(record['Until'], world.clock.now());
    resume(world, record);
  }
}

function read(operation: string, run: Operation['run']): Operation {
  const source = `https://docs.aws.amazon.com/lambda/latest/api/API_${operation}.html`;
  return { kind: 'read', grade: 'documented', source, run };
}

export const lambda: ServiceModel = {
  name: SERVICE,
  prefix: 'lambda',
  schema: z.strictObject({
    ...TRIMMINGS,
    Functions: z
      .array(fn)
      .optional()
      .describe(
        'Functions of others, as list-functions prints them. What they are given asynchronously they handle, or fail on.',
      ),
    EventSourceMappings: z.array(mappingSchema).optional().describe('As list-event-source-mappings prints them.'),
  }),
  collections: { Functions: 'FunctionName', EventSourceMappings: 'UUID' },
  operations: {
    GetFunctionConfiguration: read('GetFunctionConfiguration', getConfiguration),
    ListFunctions: read('ListFunctions', listFunctions),
    ListFunctionEventInvokeConfigs: read('ListFunctionEventInvokeConfigs', listConfigs),
    ListAliases: read('ListAliases', listAliases),
    ListEventSourceMappings: read('ListEventSourceMappings', listEventSourceMappings),
    GetFunctionConcurrency: read('GetFunctionConcurrency', getFunctionConcurrency),
  },
  start,
};
