import { ec2Arn } from '../../shared/aws/arn.ts';
import {
  durableFunction,
  executionName,
  startExecution,
  type StartInput,
} from '../../shared/aws/lambda/start-execution.ts';
import type { Change, Io, Located, Send } from '../../shared/kernel/definition.ts';
import {
  apply as applyOne,
  locate as locateAll,
  observe as observeOne,
  type Seen as SeenOfOne,
} from '../recycle-instances/aws.ts';

export { verify } from '../recycle-instances/aws.ts';

export type Request = {
  readonly ticket: string;
  /** ARN of the instance whose turn it is. */
  readonly target: string;
  /** Ids of those that come after it, in order. */
  readonly later: readonly string[];
};

export interface Seen extends SeenOfOne {
  /** How the next turn is started; absent: this is the last. */
  readonly next?: StartInput;
}

const RUNBOOK = 'recycle-in-turn';

/** Who is next, and after whom, is all that the start is made of: whatever run asks for it, and however often, asks for the same. */
function startOf({ ticket, later: [instanceId, ...rest] }: Request, io: Io): StartInput | undefined {
  if (instanceId === undefined) return undefined;
  return {
    FunctionName: durableFunction(RUNBOOK),
    DurableExecutionName: executionName(RUNBOOK, ticket, instanceId),
    Payload: {
      runbook: RUNBOOK,
      target: ec2Arn('instance', instanceId, io),
      params: { ticket, later: rest },
      reason: `the turn of ${instanceId} for ${ticket}`,
      requestedBy: RUNBOOK,
    },
  };
}

export async function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const optedIn = await locateAll(request, io);
  return optedIn.filter(({ target }) => target === request.target).map(({ target }) => ({ target }));
}

export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const next = startOf(request, io);
  return { ...(await observeOne(target, request, io)), ...(next === undefined ? {} : { next }) };
}

export const apply: { readonly [call: string]: Send | Change } = { ...applyOne, 'lambda:Invoke': startExecution };
