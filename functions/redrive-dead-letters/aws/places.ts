/** What a piece learns of the queues that letters go to, and of their consumers. */

import { placeIn, type Destination, type FailedEvent, type Place, type Progress } from '../decide.ts';

/** When a consumer is taken for broken, and how it is tried first. */
export interface Caution {
  /** Letters that go to a queue before it is known whether its consumer works. */
  readonly canary: number;
  /** It is called broken where at least so many come back, and half of all that went; */
  readonly leastJudged: number;
  /** or so many, whatever their share. */
  readonly maxBack: number;
}

export class Places {
  readonly #places: Map<string, Place>;
  readonly #caution: Caution;
  readonly #round: number;
  /** Letters that were let in, and of which is not known yet whether they arrive. */
  readonly #onTheWay = new Map<string, number>();
  readonly #broken = new Set<string>();

  /** Begins with what was decided of each; and in a new round, or where it is tried once more, with nothing that went before. */
  constructor(before: Progress, to: readonly Destination[], round: number, caution: Caution) {
    this.#caution = caution;
    this.#round = round;
    this.#places = new Map(
      to.map(({ arn, trust, isAnew }) => {
        const known = placeIn(before, arn);
        return [arn, isAnew || round > before.round ? { trust, sent: 0, back: 0 } : { ...known, trust }];
      }),
    );
  }

  /** What is known of a queue's consumer; of one that is none of those that may be sent to it is none. */
  trustOf(queue: string | undefined): Place['trust'] | undefined {
    return queue === undefined ? undefined : this.#places.get(queue)?.trust;
  }

  /** One more letter may go there: while a consumer is tried only so many. */
  admits({ arn }: Destination): boolean {
    if (!this.#hasRoom(arn)) return false;
    this.#onTheWay.set(arn, this.#waitingFor(arn) + 1);
    return true;
  }

  /** Some queue may be sent to. */
  isOpen(): boolean {
    return [...this.#places.keys()].some((queue) => this.#hasRoom(queue));
  }

  #hasRoom(queue: string): boolean {
    const place = this.#places.get(queue);
    if (place === undefined || place.trust === 'works') return place !== undefined;
    return place.trust === 'untried' && place.sent + this.#waitingFor(queue) < this.#caution.canary;
  }

  #waitingFor(queue: string): number {
    return this.#onTheWay.get(queue) ?? 0;
  }

  /** What was let in has come to its end, one way or the other. */
  settle({ arn }: Destination, hasArrived: boolean): void {
    this.#onTheWay.set(arn, Math.max(0, this.#waitingFor(arn) - 1));
    const place = this.#places.get(arn);
    if (place !== undefined && hasArrived) this.#places.set(arn, { ...place, sent: place.sent + 1 });
  }

  /** A letter of that queue is there again. */
  cameBack(queue: string): void {
    const place = this.#places.get(queue);
    if (place !== undefined) this.#judge(queue, { ...place, back: place.back + 1 });
  }

  /**
   * A letter is there again that went to all of these, and does not say which of them it comes from: it is of one that is on trial, or
   * known to fail. Where several may be it counts for each as perhaps its own, until each has been tried alone. It counts for none whose
   * failures are recorded: the record counts.
   */
  cameBackFromOneOf(functions: readonly Pick<FailedEvent, 'function' | 'isRecorded'>[]): void {
    const trustOf = (one: Pick<FailedEvent, 'function'>): Place['trust'] | undefined => this.trustOf(one.function);
    const onTrial = functions.filter((one) => trustOf(one) === 'on-trial');
    const isOfAnother = onTrial.length === 0 && functions.some((one) => trustOf(one) !== 'works');
    const possible = onTrial.length > 0 ? onTrial : functions;
    if (isOfAnother) return;
    for (const one of possible.filter(({ isRecorded }) => !isRecorded))
      if (possible.length === 1) this.cameBack(one.function);
      else this.#perhapsCameBack(one.function);
  }

  #perhapsCameBack(queue: string): void {
    const place = this.#places.get(queue);
    if (place !== undefined) this.#judge(queue, { ...place, perhapsBack: (place.perhapsBack ?? 0) + 1 });
  }

  #judge(queue: string, after: Place): void {
    const isBroken = after.trust === 'works' && this.#isTooMuch(after);
    this.#places.set(queue, isBroken ? { ...after, trust: 'fails' } : after);
    if (isBroken) this.#broken.add(queue);
  }

  /** Later rounds send only what came back before: of these most may come back once more, but no such number. */
  #isTooMuch({ sent, back: itsOwn, perhapsBack = 0 }: Place): boolean {
    const { leastJudged, maxBack } = this.#caution;
    const back = itsOwn + perhapsBack;
    return back >= maxBack || (this.#round === 1 && back >= leastJudged && back * 2 >= sent);
  }

  /** Queues whose consumer was found to be broken in this piece. */
  broken(): readonly string[] {
    return [...this.#broken];
  }

  /** That they are broken could not be kept: the next letter that comes back tells it again. */
  forgetBroken(): void {
    for (const queue of this.#broken) {
      const place = this.#places.get(queue);
      if (place !== undefined) this.#places.set(queue, { ...place, trust: 'works' });
    }
    this.#broken.clear();
  }

  /** Some consumer is known to work. */
  isFree(): boolean {
    return [...this.#places.values()].some(({ trust }) => trust === 'works');
  }

  /** What is told of them: one that was tried is on trial, until it is decided. */
  told(): Progress['places'] {
    const told = [...this.#places].map(([queue, place]): readonly [string, Place] => [
      queue,
      place.trust === 'untried' && place.sent > 0 ? { ...place, trust: 'on-trial' } : place,
    ]);
    return Object.fromEntries(told.filter(([, { trust }]) => trust !== 'untried'));
  }
}
