/** What every runbook has, around what is particular to one: the expanded form of its `function.yml`. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readTemplate, ROOT } from '../../build/cloudformation.ts';
import { runbookAlarms, stackAlarms, type Kept, type Ticking } from './alarms.ts';
import type { Outputs, Resources } from './cloudformation.ts';
import { dashboard } from './dashboard.ts';
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

const resourcesSchema = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) })),
});

/** The names of all alarms of some resources. */
function alarmNames(resources: Resources): readonly string[] {
  return Object.values(resources).flatMap(({ Type, Properties: { AlarmName: name } }) =>
    Type === 'AWS::CloudWatch::Alarm' && typeof name === 'string' ? [name] : [],
  );
}

/** The dashboard of the runbooks that are here, for a stack whose parameter asks for one. */
export function standardDashboard(): Pick<Expanded['resources'], 'Resources'> {
  const runbooks = runbookNames();
  const particulars = runbooks.map(readParticulars);
  // What tells people has alarms of its own, beside its topics.
  const beside = resourcesSchema.parse(readTemplate('deploy/outcomes.yml'));
  const own = particulars.flatMap(({ alarms }) => Object.values(alarms).map(({ MetricName: name }) => name));
  const all = [standardShared(), ...runbooks.map((name) => standardOf(name).resources), beside];
  const alarms = all.flatMap(({ Resources: resources }) => alarmNames(resources));
  return { Resources: dashboard({ runbooks, alarms, own: [...new Set(own)] }) };
}

/** The same for the runbooks that are here. */
export function standardShared(): Expanded['resources'] {
  return shared(ticking(runbookNames()), keeping(runbookNames()));
}

/** The expanded form of the `function.yml` of a runbook. Throws an Error in one line when something in that is wrong. */
export function standardOf(runbook: string): Expanded {
  return expand(runbook, readParticulars(runbook));
}
