/** What a request of Lambda's asks IAM: an invocation, or what a durable execution says of itself. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { Authorization } from './policy.ts';
import type { Place } from './template.ts';

interface Asked {
  readonly input: Shape;
  readonly place: Place;
  /** The function that asks. */
  readonly functionName: string;
}

/** What is invoked is named with its alias: that is the resource, not the function. Source: Lambda developer guide, "Identity-based policies". */
function invocation({ input, place }: Asked): Authorization[] {
  const { FunctionName: name, Qualifier: qualifier } = input;
  if (typeof name !== 'string') throw new Error('lambda:Invoke: it names no function');
  const qualified = typeof qualifier === 'string' ? `${name}:${qualifier}` : name;
  const resource = qualified.startsWith('arn:')
    ? qualified
    : `arn:aws:lambda:${place.region}:${place.account}:function:${qualified}`;
  return [{ action: 'lambda:InvokeFunction', resource, context: {} }];
}

/** Executions are listed of the function as a whole, whatever its versions. */
function listing({ input, place }: Asked): Authorization[] {
  const resource = `arn:aws:lambda:${place.region}:${place.account}:function:${String(input['FunctionName'])}`;
  return [{ action: 'lambda:ListDurableExecutionsByFunction', resource, context: {} }];
}

export function lambda(operation: string, request: Asked): Authorization[] {
  if (operation === 'Invoke') return invocation(request);
  if (operation === 'ListDurableExecutionsByFunction') return listing(request);
  const { input, place, functionName } = request;
  const execution = /\/durable-execution\/.+$/u.exec(String(input['DurableExecutionArn']))?.[0];
  if (execution === undefined)
    throw new Error(`lambda:${operation}: say in tests/house/iam/lambda.ts what it is authorized on`);
  // A durable execution belongs to a published version of the function. Its state is read as soon as it no longer fits into the event.
  const resource = `arn:aws:lambda:${place.region}:${place.account}:function:${functionName}:1${execution}`;
  return [...new Set([operation, 'GetDurableExecutionState'])].map((one) => ({
    action: `lambda:${one}`,
    resource,
    context: {},
  }));
}
