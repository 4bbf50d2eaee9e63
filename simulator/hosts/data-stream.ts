/**
 * The stream of the data table, and the event source mappings that hand its batches to functions: in order, one batch at a time,
 * each again until it succeeds or is given up.
 */

import type { DataItem } from '../../shared/kernel/ledger/data.ts';
import type { Clock } from '../engine/model.ts';
import type { DeployedFunction } from '../engine/run-types.ts';

/** `MaximumBatchingWindowInSeconds` and `BatchSize` of the mappings (`deploy/standard/stream.ts`). */
const WINDOW_MS = 1_000;
const BATCH_SIZE = 1_000;

export interface DataStreamOptions {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly functions: readonly DeployedFunction[];
  /** Settles when the function has taken the batch, or it has been given up. */
  readonly deliver: (fn: DeployedFunction, event: unknown) => Promise<void>;
}

/** What one function has still to be told of. */
interface Mapping {
  readonly fn: DeployedFunction;
  readonly partitions: ReadonlySet<string>;
  waiting: DataItem[];
  isBusy: boolean;
}

function partitionsOf({ summary }: DeployedFunction): ReadonlySet<string> {
  return new Set(summary.triggers.flatMap(({ stream = [] }) => stream));
}

/** Takes changes of the data ledger, and hands them to the functions that listen to their partitions. */
export class DataStream {
  readonly #options: DataStreamOptions;
  readonly #mappings: readonly Mapping[];
  #sequence = 0;

  constructor(options: DataStreamOptions) {
    this.#options = options;
    this.#mappings = options.functions
      .map((fn) => ({ fn, partitions: partitionsOf(fn), waiting: [], isBusy: false }))
      .filter(({ partitions }) => partitions.size > 0);
  }

  /** An item was written. */
  changed = (item: DataItem): void => {
    for (const mapping of this.#mappings) {
      if (!mapping.partitions.has(item.partition)) continue;
      mapping.waiting.push(item);
      // The first of a batch opens its window.
      if (mapping.waiting.length === 1 && !mapping.isBusy) this.#open(mapping);
    }
  };

  #open(mapping: Mapping): void {
    mapping.isBusy = true;
    this.#options.clock.after(WINDOW_MS, () => void this.#handOver(mapping));
  }

  async #handOver(mapping: Mapping): Promise<void> {
    const batch = mapping.waiting.splice(0, BATCH_SIZE);
    await this.#options.deliver(mapping.fn, { Records: batch.map((item) => this.#record(item)) });
    mapping.isBusy = false;
    if (mapping.waiting.length > 0) this.#open(mapping);
  }

  /** As far as the kernel reads it; the images are left out. Source: "Using AWS Lambda with Amazon DynamoDB", example event. */
  #record({ partition, key, version }: DataItem): object {
    this.#sequence += 1;
    const { clock, account, region } = this.#options;
    return {
      eventID: String(this.#sequence).padStart(32, '0'),
      eventName: version === 1 ? 'INSERT' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.now() / 1_000),
        Keys: { pk: { S: partition }, sk: { S: key } },
        SequenceNumber: String(this.#sequence),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: `arn:aws:dynamodb:${region}:${account}:table/runbook-data/stream/2026-01-01T00:00:00.000`,
    };
  }
}
