/** What starting another function by name asks IAM for, and how narrow a statement can be that allows it. */

import { describe, expect, it } from 'vitest';
import { concerned, loadDrills, runDrill } from '../../../rehearsal/drill.ts';
import { HOMES } from '../../../rehearsal/explorer/together.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { NO_FAULTS } from '../../../simulator/engine/run-types.ts';
import { commandsIn } from '../tidy-commands.ts';
import { evaluate, type PolicyStatement } from './policy.ts';
import { authorizationsOf } from './requests.ts';
import { resourceTypesOf } from './resource-types.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const TURNS = 'arn:aws:lambda:eu-west-1:111122223333:function:runbook-recycle-in-turn:durable';
const [home] = HOMES;

/** What the drill's one start of an execution asks for. */
async function askedByTheDrill(changes: object = {}): ReturnType<typeof authorizationsOf> {
  const functions = await discoverFunctions(home?.functions ?? '');
  const [drill] = loadDrills(home?.drills ?? '', ['in-turn']);
  if (drill === undefined) throw new Error('the drill is there');
  const { result } = await runDrill(drill, concerned(drill, functions), { seed: 1, faults: NO_FAULTS });
  const [request] = result.requests.filter(({ call }) => call === 'lambda:Invoke');
  return authorizationsOf({
    call: request?.call ?? '',
    input: { ...request?.input, ...changes },
    place: PLACE,
    resources: new Map(),
    functionName: 'runbook-recycle-in-turn-plain',
    environment: {},
  });
}

function statement(resource: string): PolicyStatement[] {
  return [
    { Sid: 'StartTurnByArn', Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [resource], Condition: {} },
  ];
}

describe('starting an execution by name', () => {
  it('is the action lambda:InvokeFunction, on the function with its alias', async () => {
    expect(await askedByTheDrill()).toEqual([{ action: 'lambda:InvokeFunction', resource: TURNS, context: {} }]);
    expect(await askedByTheDrill({ FunctionName: TURNS })).toMatchObject([{ resource: TURNS }]);
    expect(await askedByTheDrill({ FunctionName: 'runbook-a-b', Qualifier: 'durable' })).toMatchObject([
      { resource: 'arn:aws:lambda:eu-west-1:111122223333:function:runbook-a-b:durable' },
    ]);
  });

  it('is allowed by a statement about that ARN, and not by one about another function, version or the whole', async () => {
    const [asked] = await askedByTheDrill();
    if (asked === undefined) throw new Error('something is asked');
    const allowed = (resource: string): boolean => evaluate(statement(resource), asked).allowed;
    expect(allowed(TURNS)).toBe(true);
    expect([
      allowed(TURNS.replace('in-turn', 'instances')),
      allowed(TURNS.replace(':durable', ':1')),
      allowed(TURNS.replace(':durable', '')),
    ]).toEqual([false, false, false]);
  });

  it('is known to the house as what the module needs that sends it', async () => {
    expect([...commandsIn('shared/aws/lambda/start-execution.ts')]).toEqual(['lambda:InvokeFunction']);
    expect(await resourceTypesOf('lambda:InvokeFunction')).toEqual(['function']);
  });
});
