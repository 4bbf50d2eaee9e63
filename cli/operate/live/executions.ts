/**
 * Durable executions as people ask about them. The run of a durable function is the end of its execution's ARN, `NAME/ID`
 * (`shared/kernel/hosts/durable-host.ts`); which version of the function it keeps to, the run does not say, so it is looked up.
 *
 * Data of executions (input, results of steps) is asked for where a run is at bulk work, and of that only its counters are kept.
 */

import {
  GetDurableExecutionCommand,
  GetDurableExecutionHistoryCommand,
  LambdaClient,
  paginateGetDurableExecutionHistory,
  paginateListDurableExecutionsByFunction,
  type Event,
} from '@aws-sdk/client-lambda';
import { client } from '../../../shared/aws/clients.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { errorName } from '../../../shared/kernel/errors.ts';
import { isJsonObject } from '../../../shared/kernel/json.ts';
import type { Detail, Standing } from '../place.ts';
import { countersIn } from '../show/progress.ts';
import { ANSWER_MS } from './asking.ts';

/** Events of a page of history, the most. Source: Lambda API reference, GetDurableExecutionHistory, `MaxItems`. */
const PAGE_EVENTS = 1_000;
/** The last events of an execution: what it waits for is among them. */
const LAST_EVENTS = 20;

function lambda(region: string): LambdaClient {
  return client(LambdaClient, { region, purpose: 'executions', timeoutMs: ANSWER_MS });
}

/** The run of an execution. */
export function runOf(executionArn: string): string {
  return executionArn.split('/').slice(-2).join('/');
}

/** ARNs of a function's executions of that name, whatever version they keep to. */
export async function executionsNamed(region: string, functionName: string, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  const pages = paginateListDurableExecutionsByFunction(
    { client: lambda(region) },
    { FunctionName: functionName, DurableExecutionName: name },
  );
  for await (const { DurableExecutions = [] } of pages)
    found.push(...DurableExecutions.flatMap(({ DurableExecutionArn }) => DurableExecutionArn ?? []));
  return found;
}

/** The ARN of the execution of a run, or of its name alone; `undefined`: Lambda does not have it, or does not keep its history any more. */
export async function executionOf(region: string, functionName: string, run: string): Promise<string | undefined> {
  const [name = '', id] = run.split('/');
  const named = await executionsNamed(region, functionName, name);
  return id === undefined ? named[0] : named.find((arn) => runOf(arn) === run);
}

/** Until when it sleeps, where the last thing that it began is a wait. */
function wakesAt(newestFirst: readonly Event[]): { readonly wakesAt?: string } {
  const over = new Set(
    newestFirst.flatMap(({ EventType, Id }) =>
      (EventType === 'WaitSucceeded' || EventType === 'WaitCancelled') && Id !== undefined ? [Id] : [],
    ),
  );
  const ends = newestFirst.flatMap(({ EventType, Id = '', WaitStartedDetails }) =>
    EventType === 'WaitStarted' && !over.has(Id)
      ? (WaitStartedDetails?.ScheduledEndTimestamp?.toISOString() ?? [])
      : [],
  );
  // Of branches that wait side by side the first to wake.
  const [first] = ends.toSorted();
  return first === undefined ? {} : { wakesAt: first };
}

/** How an execution stands; `undefined`: Lambda does not keep it any more. */
export async function standingOf(region: string, DurableExecutionArn: string): Promise<Standing | undefined> {
  try {
    const [{ Status = '', Error: failure }, { Events = [] }] = await Promise.all([
      lambda(region).send(new GetDurableExecutionCommand({ DurableExecutionArn, IncludeExecutionData: false })),
      lambda(region).send(
        new GetDurableExecutionHistoryCommand({
          DurableExecutionArn,
          IncludeExecutionData: false,
          ReverseOrder: true,
          MaxItems: LAST_EVENTS,
        }),
      ),
    ]);
    if (Status === 'RUNNING') return { kind: 'running', ...wakesAt(Events) };
    if (Status === 'SUCCEEDED') return { kind: 'ended' };
    return { kind: 'ended', error: [Status, failure?.ErrorType ?? []].flat().join(': ') };
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const READS = /^(?:glance|locate|kill-switch|resources|observe|history|verify|round|watchdog)(?::|$)/u;

function kindOf(step: string): Detail['kind'] {
  if (step.startsWith('apply:')) return 'write';
  return READS.test(step) ? 'read' : 'checkpoint';
}

function errorOf({ StepFailedDetails, CallbackFailedDetails }: Event): { readonly error?: string } {
  const failed = StepFailedDetails ?? CallbackFailedDetails;
  return failed === undefined ? {} : { error: failed.Error?.Payload?.ErrorType ?? 'failed' };
}

/** What is told of: steps, waits and questions. What an execution wraps them in is its own affair. */
const TOLD = /^(?:Step|Wait|Callback)(Started|Succeeded|Failed|Cancelled|TimedOut)$/u;

/** The step of a piece of bulk work (`shared/kernel/run/apply-plan.ts`): what it tells has the counters. */
const BULK = /^apply:\d+:\d+:work:/u;
const OVER = /^Execution(?:Succeeded|Failed|TimedOut|Stopped)$/u;

function memberOf(holder: JsonObject, name: string): JsonObject {
  const { [name]: member } = holder;
  return isJsonObject(member) ? member : {};
}

/** What a piece of bulk work has told, as far as it counts; `undefined`: it failed, or Lambda has cut what it told. */
function countersOf({ StepSucceededDetails: succeeded }: Event): JsonObject | undefined {
  try {
    const kept: unknown = JSON.parse(succeeded?.Result?.Payload ?? '');
    if (!isJsonObject(kept)) return undefined;
    const counters = countersIn(memberOf(memberOf(kept, 'value'), 'told'));
    return Object.keys(counters).length === 0 ? undefined : counters;
  } catch {
    return undefined;
  }
}

/** How far bulk work has come, by the step that told it last. Without it everything else is told all the same. */
async function workIn(region: string, DurableExecutionArn: string): Promise<ReadonlyMap<string, JsonObject>> {
  try {
    const { Events = [] } = await lambda(region).send(
      new GetDurableExecutionHistoryCommand({
        DurableExecutionArn,
        IncludeExecutionData: true,
        ReverseOrder: true,
        MaxItems: LAST_EVENTS,
      }),
    );
    const pieces = Events.filter(({ EventType, Name = '' }) => EventType === 'StepSucceeded' && BULK.test(Name));
    return new Map(
      pieces.flatMap((event): [string, JsonObject][] => {
        const counters = countersOf(event);
        return counters === undefined ? [] : [[event.Id ?? '', counters]];
      }),
    );
  } catch {
    return new Map();
  }
}

function isAtBulkWork(events: readonly Event[]): boolean {
  return events.some(({ Name = '' }) => BULK.test(Name)) && !events.some(({ EventType = '' }) => OVER.test(EventType));
}

/** Events in their order as steps with beginning and end. */
function detailsIn(events: readonly Event[], outputs: ReadonlyMap<string, JsonObject>): readonly Detail[] {
  const steps = new Map<string, Detail>();
  for (const event of events) {
    const { EventType = '', Id = '', Name: name = '', EventTimestamp } = event;
    const phase = TOLD.exec(EventType)?.[1];
    if (phase === undefined || EventTimestamp === undefined) continue;
    const at = EventTimestamp.toISOString();
    const begun = steps.get(Id);
    // A step that is run again has begun when it began first.
    if (begun === undefined) steps.set(Id, { at, kind: kindOf(name), name });
    if (phase !== 'Started')
      steps.set(Id, { ...(begun ?? { at, kind: kindOf(name), name }), endedAt: at, ...errorOf(event) });
  }
  const told = [...steps].map(([id, step]): Detail => {
    const output = outputs.get(id);
    return output === undefined ? step : { ...step, output };
  });
  return told.toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

/** The steps of an execution, names and times, and of bulk work how far it has come; `null`: Lambda does not keep them any more. */
export async function detailsOf(region: string, DurableExecutionArn: string): Promise<readonly Detail[] | null> {
  const events: Event[] = [];
  try {
    const pages = paginateGetDurableExecutionHistory(
      { client: lambda(region) },
      { DurableExecutionArn, IncludeExecutionData: false, MaxItems: PAGE_EVENTS },
    );
    for await (const { Events = [] } of pages) events.push(...Events);
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
  return detailsIn(events, isAtBulkWork(events) ? await workIn(region, DurableExecutionArn) : new Map());
}
