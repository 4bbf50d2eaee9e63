/**
 * The door plate: an SSM parameter by which whoever operates finds this stack among all of an account and Region, and what it was
 * deployed as. `cli/operate/live/plates.ts` reads it, and of the functions `check-readiness`, which looks whether all of it is there.
 */

import { PREFIX, sub, type Resources } from './cloudformation.ts';

/** Below it each stack has its plate. */
export const PLATES = '/runbook/stacks';

/** Number of what a plate says. A reader skips those that are newer than itself. */
export const PLATE_LAYOUT = 1;

/** UTF-8 bytes of a value. Source: Systems Manager, PutParameter, `Value`: 4 KB for a standard parameter. */
export const PLATE_MAX_BYTES = 4_096;

/** A runbook as the plate has it. */
export interface Plated {
  readonly runbook: string;
  readonly isDurable: boolean;
}

/** Parts that the framework and CloudFormation put in where they stand. */
function textOf(runbooks: readonly Plated[]): string {
  const plate = {
    layout: PLATE_LAYOUT,
    prefix: PREFIX,
    version: '${deploy:version}',
    runbooks: Object.fromEntries(runbooks.map(({ runbook, isDurable }) => [runbook, isDurable ? 'durable' : 'plain'])),
    parameters: { dryRun: '${param:dryRun}', approval: '${param:approval}', mode: '${param:mode}' },
    controlTable: '${ControlTable}',
    dataTable: '${DataTable}',
    outcomeBus: '${OutcomeBus}',
  };
  // A parameter of the deployment is text; this one takes `true` and `false` alone, which JSON has words for.
  return JSON.stringify(plate).replace('"${param:dryRun}"', '${param:dryRun}');
}

/** The door plate of a stack with these runbooks. */
export function doorPlate(runbooks: readonly Plated[]): Resources {
  return {
    DoorPlate: {
      Type: 'AWS::SSM::Parameter',
      Properties: {
        Name: `${PLATES}/${PREFIX}`,
        Type: 'String',
        Description: 'What is deployed here, for the command `runbook`',
        Value: sub(textOf(runbooks)),
      },
    },
  };
}
