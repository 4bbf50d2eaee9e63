/** One dead letter: where it goes back to, or why it stays. Pure. */

/** What SQS says of a message besides its body. */
export interface Letter {
  /** `DeadLetterQueueSourceArn`; absent: it was sent to this queue by somebody, and is nobody's dead letter. */
  readonly sourceArn: string | undefined;
  /** It was sent after the run had begun: it has come back from there, or is new. */
  readonly isNew: boolean;
  /** Body, and names, types and values of its attributes, in bytes. */
  readonly bytes: number;
}

/** A queue that may be sent to. JSON. */
export type Destination = {
  readonly queue: string;
  readonly url: string;
  readonly maximumMessageBytes: number;
};

/** Why a letter stays where it is. */
export type Stays = 'come-back-or-new' | 'no-source' | 'source-is-gone' | 'larger-than-its-queue-takes';

/** Where the letter goes: to the queue that it failed in, and to no other. */
export function placeOf(letter: Letter, destinations: readonly Destination[]): Destination | Stays {
  const { sourceArn, bytes, isNew } = letter;
  // What comes back has failed anew: sent again and again it would only keep a broken consumer busy.
  if (isNew) return 'come-back-or-new';
  if (sourceArn === undefined) return 'no-source';
  const destination = destinations.find(({ queue }) => queue === sourceArn);
  if (destination === undefined) return 'source-is-gone';
  return bytes > destination.maximumMessageBytes ? 'larger-than-its-queue-takes' : destination;
}

const LINEAGE = /;?\s*Lineage=[^;]*/giu;

/**
 * The trace header to send. `Lineage` counts the functions that a chain has gone through, and Lambda ends one at 16: a letter that goes
 * back is no link more of it. The rest stays, so that a trace leads from the first try to the last.
 */
export function traceOf(header: string): string {
  return header.replaceAll(LINEAGE, '').replace(/^;\s*/u, '');
}
