/** The ledger in a world file, as people read and write it. */

import type { OperatorBook } from '../../../shared/kernel/ledger/operations.ts';
import { memoryLedger } from '../../../simulator/engine/ledger.ts';
import { awsError } from '../../../simulator/engine/model.ts';
import { memoryOperatorBook } from '../../../simulator/engine/operator-book.ts';
import type { WorldLedger } from '../../../simulator/world/ledger.ts';

/** A world's ledger while a command works on it. */
export interface WorldBook {
  /** What it holds now. */
  readonly ledger: () => WorldLedger;
  /** Has it hold what a run has left. */
  readonly become: (ledger: WorldLedger) => void;
  readonly book: OperatorBook;
}

/** In DynamoDB's manner: what the simulator's functions are told, too. */
function demandAnswer({ lost }: WorldLedger): void {
  if (lost) throw awsError('ServiceUnavailable', 'the ledger does not answer', 503);
}

/** Opens it. `changing` is waited for before anything is written. */
export function worldBook(given: WorldLedger, changing: () => Promise<void>): WorldBook {
  const open = (from: WorldLedger) => {
    const { switches, modes, resources, runs: records, approvals } = from;
    const control = memoryLedger({ switches, modes, resources, records, approvals });
    return { from, control, own: memoryOperatorBook(control, from) };
  };
  let now = open(given);
  const own = (): OperatorBook => {
    demandAnswer(now.from);
    return now.own;
  };
  const forChange = async (): Promise<OperatorBook> => {
    const book = own();
    await changing();
    return book;
  };
  return {
    ledger: () => {
      const { switches, resources } = now.control.dump();
      return { ...now.from, ...now.own.dump(), approvals: now.control.words(), switches, resources };
    },
    become: (ledger) => {
      now = open(ledger);
    },
    book: {
      switches: async () => own().switches(),
      modes: async () => own().modes(),
      resources: async () => own().resources(),
      on: async (day) => own().on(day),
      about: async (target) => own().about(target),
      beginning: async (runbook, run) => own().beginning(runbook, run),
      read: async (key) => own().read(key),
      operations: async (day) => own().operations(day),
      turnOff: async (row) => (await forChange()).turnOff(row),
      turnOn: async (scope) => (await forChange()).turnOn(scope),
      setMode: async (row) => (await forChange()).setMode(row),
      approve: async (key, row) => (await forChange()).approve(key, row),
      clear: async (state, intent) => (await forChange()).clear(state, intent),
      note: async (operation) => (await forChange()).note(operation),
    },
  };
}
