/** What the workers of a queue have done and are at: kept in their record, so that a copy of the world holds it. */

import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';
import { list, part, show, stateOf, text } from '../../services/ec2/state.ts';
import { parseDuration } from '../../world/duration.ts';
import { WORKERS } from '../../world/workers.ts';
import { isSpot, type Gang } from './gangs.ts';

/** A job that a gang is at. */
export interface Job {
  readonly gang: string;
  /** Id and receipt handle of its message. */
  readonly message: string;
  readonly handle: string;
  /** From its receive to its end, ISO 8601. */
  readonly since: string;
  readonly until: string;
}

type Figure = 'started' | 'finished' | 'failed' | 'killed' | 'lost' | 'twice';

/** Whoever terminates by a call. Source: API_StateReason. A script that has an instance end is told the same way. */
const BY_CALL = 'Client.UserInitiatedShutdown';

function jobIn(shape: Shape): Job {
  const [gang, message, handle] = [show(shape['gang']), show(shape['message']), show(shape['handle'])];
  return { gang, message, handle, since: show(shape['since']), until: show(shape['until']) };
}

export class Book {
  readonly #world: World;
  readonly #index: number;

  constructor(world: World, index: number) {
    this.#world = world;
    this.#index = index;
  }

  /** The records are others once the world was copied. */
  record(): Shape {
    return this.#world.records(WORKERS.service, WORKERS.collection)[this.#index] ?? {};
  }

  /** One of its durations in milliseconds. */
  ms(member: 'works' | 'starts' | 'polls' | 'visibility' | 'attests'): number {
    return parseDuration(show(this.record()[member])) ?? 0;
  }

  jobs(): readonly Job[] {
    return list(this.record(), 'jobs').map(jobIn);
  }

  jobOf(gang: string): Job | undefined {
    return this.jobs().find((job) => job.gang === gang);
  }

  begin({ id: gang }: Gang, message: Shape, isAgain: boolean): Job {
    const now = this.#world.clock.now();
    const [since, until] = [now, now + this.ms('works')].map((ms) => new Date(ms).toISOString());
    const job: Job = {
      gang,
      message: show(message['MessageId']),
      handle: show(message['ReceiptHandle']),
      since: since ?? '',
      until: until ?? '',
    };
    this.#count('started');
    if (isAgain) this.#count('twice');
    this.#set('jobs', [...this.jobs(), job]);
    return job;
  }

  end({ gang }: Job, figure: Figure | undefined): void {
    if (figure !== undefined) this.#count(figure);
    this.#set(
      'jobs',
      this.jobs().filter((job) => job.gang !== gang),
    );
  }

  /** A node is gone, and the job with it. */
  lose(job: Job, node: Shape, at: string): void {
    const isEnded = ['shutting-down', 'terminated'].includes(stateOf(node));
    const isByCall = isEnded && part(node, 'StateReason')['Code'] === BY_CALL;
    this.end(job, isByCall ? 'killed' : 'lost');
    const loss = { gang: job.gang, node: text(node, 'InstanceId') ?? '', at, byCall: isByCall };
    this.#set('losses', [...list(this.record(), 'losses'), loss]);
  }

  /** A gang is held; a lease only until then. */
  holds(gang: Gang, untilMs: number): void {
    const hold = { gang: gang.id, ...(isSpot(gang) ? { until: new Date(untilMs).toISOString() } : {}) };
    this.#set('holds', [...this.#holdsOfOthers(gang.id), hold]);
  }

  released(gang: string): void {
    this.#set('holds', this.#holdsOfOthers(gang));
  }

  /** Whoever held it is gone: a protection with it, a lease runs out. */
  abandoned(gang: string): void {
    const lasting = list(this.record(), 'holds').filter((hold) => hold['gang'] !== gang || hold['until'] !== undefined);
    this.#set('holds', lasting);
  }

  #holdsOfOthers(gang: string): readonly Shape[] {
    return list(this.record(), 'holds').filter((hold) => hold['gang'] !== gang);
  }

  #count(figure: Figure): void {
    const record = this.record();
    record[figure] = Number(record[figure]) + 1;
  }

  #set(member: 'jobs' | 'holds' | 'losses', value: readonly unknown[]): void {
    this.record()[member] = value.map((one) => (isRecord(one) ? { ...one } : one));
  }
}
