/** The data ledger of the model: what a plan writes is what the next look reads, through the runbook's own reader. Pure. */

import { gangKey, PARTITIONS, readRecords, type Facts } from '../../../functions/scale-hpc-fleet/decide.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { writeOf } from '../../../shared/kernel/ledger/planned-write.ts';

/** What a look reads of a fleet. */
export type Kept = ReturnType<typeof readRecords>;

interface Item {
  readonly partition: string;
  readonly key: string;
  readonly version: number;
  readonly value: JsonObject;
}

export class FleetLedger {
  readonly #partitions = new Map<string, Map<string, Item>>();

  /** `false`: somebody has written the item since it was read. */
  write(input: JsonObject): boolean {
    const { partition, key, ifVersion, value } = writeOf(input);
    const items = this.#itemsOf(partition);
    const version = items.get(key)?.version ?? 0;
    if (version !== ifVersion) return false;
    // A gang that is over is of no more interest: its nodes are gone at once here.
    if (partition === PARTITIONS.gangs && value['state'] === 'over') items.delete(key);
    else items.set(key, { partition, key, version: version + 1, value });
    return true;
  }

  /** All about the fleet of that template. */
  read(templateId: string): Kept {
    const prefix = gangKey(templateId, '');
    const gangs = this.#all(PARTITIONS.gangs).filter(({ key }) => key.startsWith(prefix));
    return readRecords(gangs, this.#all(PARTITIONS.capacity), this.#all(PARTITIONS.leases));
  }

  /** Of all rungs. */
  memory(): Facts['memory'] {
    return readRecords([], this.#all(PARTITIONS.capacity), []).memory;
  }

  #all(partition: string): readonly Item[] {
    return [...this.#itemsOf(partition).values()];
  }

  #itemsOf(partition: string): Map<string, Item> {
    const found = this.#partitions.get(partition) ?? new Map<string, Item>();
    this.#partitions.set(partition, found);
    return found;
  }
}
