/** Registers `runbook doctor`. What it is made of is loaded when it is asked for. */

import { examples, withPlaceOptions, type Registrar } from '../operate/in-place.ts';
import type { DoctorFlags } from './doctor.ts';

/** Registers it. */
export const registerDoctor: Registrar = (program, io, end) => {
  withPlaceOptions(program.command('doctor'))
    .description('before you need it: what would not work here, and the line that mends it; reads alone')
    .option('--list-calls', 'print every request that it may send, and why; send none')
    .option('--json', 'print { place, findings: [{ level, check, runbook, about, text, fix }] }')
    .addHelpText(
      'after',
      `${examples(
        'runbook doctor',
        'runbook doctor --stack runbook-prod --account 111122223333',
        'runbook doctor --world examples/company.json',
      )}\n\nEnds with 0 when all is ready, with 5 when something should be known or could\nnot be read, with 1 when something would not work.`,
    )
    .action(async (flags: DoctorFlags & { readonly listCalls?: true }) => {
      if (flags.listCalls === true) {
        const [{ listCalls }, { CALLS, DOCTOR_CALLS }] = await Promise.all([
          import('../snapshot/list-calls.ts'),
          import('../snapshot/calls.ts'),
        ]);
        end(listCalls(io, flags.json === true, [...CALLS, ...DOCTOR_CALLS]));
        return;
      }
      const { doctor } = await import('./doctor.ts');
      end(await doctor(io, flags));
    });
};
