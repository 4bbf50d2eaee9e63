/** What every runbook has, around what is particular to one: the expanded form of its `function.yml`. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';
import { runbookAlarms, stackAlarms, type Kept, type Ticking } from './alarms.ts';
import type { Outputs, Resources } from './cloudformation.ts';
import { lambdaFunction } from './lambda.ts';
import { namesOf } from './names.ts';
import { readParticulars, type Particulars } from './particulars.ts';
import { doorPlate } from './plate.ts';
import { runbookQueues, stackQueues } from './queues.ts';
import { requestsOutputs, requestsResources } from './requests.ts';
import { roleResources } from './role.ts';
import { alarmPermission, scheduleResources } from './schedule.ts';
import { streamResources } from './stream.ts';

/** What serverless.yml takes of a runbook: one of its `functions:`, and one of its `resources:`. */
export interface Expanded {
  readonly function: Readonly<Record<string, object>>;
  readonly resources: { readonly Resources: Resources; readonly Outputs?: Outputs };
}

/** The names of all runbooks: the folders of functions/. */
export function runbookNames(): string[] {
  return readdirSync(join(ROOT, 'functions')).toSorted();
}

/** Puts the standard around what is particular. Pure. */
export function expand(runbook: string, particulars: Particulars): Expanded {
  const names = namesOf(runbook, particulars);
  return {
    function: lambdaFunction(names, particulars),
    resources: {
      Resources: {
        ...scheduleResources(names, particulars),
        ...streamResources(names, particulars),
        ...alarmPermission(names, particulars),
        ...roleResources(names, particulars),
        ...runbookQueues(names, particulars),
        ...requestsResources(names, particulars),
        ...runbookAlarms(names, particulars),
      },
      Outputs: requestsOutputs(names, particulars),
    },
  };
}

/** What the runbooks of a stack have in common: queues, alarms over all of them, and the plate that names them. */
export function shared(ticks: readonly Ticking[], kept: readonly Kept[]): Expanded['resources'] {
  return { Resources: { ...stackQueues(), ...stackAlarms(ticks, kept), ...doorPlate(kept) } };
}

/** The runbooks with how Lambda keeps their failed runs: all have it do so. */
export function keeping(runbooks: readonly string[]): Kept[] {
  return runbooks.map((runbook) => ({ runbook, isDurable: readParticulars(runbook).durable !== undefined }));
}

/** Those of the runbooks whose ticks are watched. */
export function ticking(runbooks: readonly string[]): Ticking[] {
  return runbooks.flatMap((runbook) => {
    const { beatMinutes } = readParticulars(runbook).schedule;
    return beatMinutes === undefined ? [] : [{ runbook, everyMinutes: beatMinutes }];
  });
}

/** The same for the runbooks that are here. */
export function standardShared(): Expanded['resources'] {
  return shared(ticking(runbookNames()), keeping(runbookNames()));
}

/** The expanded form of the `function.yml` of a runbook. Throws an Error in one line when something in that is wrong. */
export function standardOf(runbook: string): Expanded {
  return expand(runbook, readParticulars(runbook));
}
