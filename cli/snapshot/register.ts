/** Registers `runbook snapshot`. What it is made of is loaded when it is asked for. */

import { InvalidArgumentError, Option } from 'commander';
import { accountId, examples, type Registrar } from '../operate/in-place.ts';
import type { SnapshotFlags } from './snapshot.ts';

function region(name: string, before: readonly string[] = []): readonly string[] {
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d$/u.test(name)) throw new InvalidArgumentError('expected a Region such as eu-west-1.');
  return [...before, name];
}

/** Registers it. */
export const registerSnapshot: Registrar = (program, io, end) => {
  program
    .command('snapshot')
    .description('read your account into a world file, to rehearse on: reads alone, no secrets')
    .option('--out <world.json>', 'write it there, for your eyes only (0600); without it to a pipe or file')
    .option('--force', 'replace the file that is there')
    .option('--for <target>', 'only what belongs to this: an id, a name or an ARN')
    .option('--redact', 'other ids, names, addresses and account: to be given to others')
    .addOption(
      new Option('--region <name>', 'home; again: others beside it (default: AWS_REGION, or the profile)').argParser(
        region,
      ),
    )
    .option('--stack <prefix>', 'with the ledger of this stack, where there are several')
    .addOption(new Option('--account <id>', 'refuse credentials of any other account').argParser(accountId))
    .option('--list-calls', 'print every request that it may send, and why; send none')
    .option('--json', 'with --out print { out, records, unread }; with --list-calls a list')
    .addHelpText(
      'after',
      `${examples(
        'runbook snapshot --list-calls',
        'runbook snapshot --out world.json --account 111122223333',
        'runbook snapshot --for eipalloc-04c8e2a6f1b3d9570 --redact --out issue.json',
        'runbook handle event.json --world world.json --dry-run',
      )}\n\nEnds with 0 when all was read, with 5 when something was not (a warning names\nthe missing permission), with 1 when nothing was. deploy/snapshot.yml has a policy\nthat permits exactly these reads.`,
    )
    .action(async (flags: SnapshotFlags & { readonly listCalls?: true }) => {
      if (flags.listCalls === true) {
        const { listCalls } = await import('./list-calls.ts');
        end(listCalls(io, flags.json === true));
        return;
      }
      const { snapshot } = await import('./snapshot.ts');
      end(await snapshot(io, flags));
    });
};
