/** What people have at stake in their letters: that none is lost or goes astray, too often, or before its turn; and that no copy goes untold. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { countBy, fatesOf, isGraveyard, type Came, type Fates } from '../fates.ts';
import { nameIn } from '../letters.ts';
import { accountsIn, graveyardsIn, hasBrokenOff, numberIn, queuesIn, subscribersOf, sum } from './scene.ts';

function bodyOf({ body }: { readonly body: string }): string {
  return body;
}

/** A body as it is told: some are a million characters. */
function short(body: string): string {
  return body.slice(0, 70);
}

const noneIsLost: Interest = {
  name: 'none-is-lost',
  quotes: 'Every letter that was received is sent, parked, refused, kept or expired',
  watch: (given) => {
    const fates = fatesOf(given);
    let looked = 0;
    return (world) => {
      fates.look(world);
      // Only what somebody deletes can be lost.
      const taken = fates.left.slice(looked).filter(({ how }) => how === 'taken');
      looked = fates.left.length;
      if (taken.length === 0) return undefined;
      const wanted = countBy(
        fates.came.filter(({ how }) => how === 'first'),
        bodyOf,
      );
      const standing = countBy(fates.standing, bodyOf);
      const done = countBy(
        fates.left.filter(({ how }) => how !== 'taken'),
        bodyOf,
      );
      const lost = taken.find(
        ({ body }) => (standing.get(body) ?? 0) + (done.get(body) ?? 0) < (wanted.get(body) ?? 0),
      );
      return lost === undefined ? undefined : `${short(lost.body)} was deleted in ${lost.queue}, and is in no queue`;
    };
  },
};

/**
 * Queues and functions that a copy of a letter may come to: those where it failed, and what its queue's tag has for parking. What somebody has sent to
 * the dead letters without saying where it failed is like what a subscriber gets without an envelope.
 */
function placesOf(body: string, fates: Fates, given: Given): ReadonlySet<string | undefined> {
  const buried = fates.came.filter((one) => one.body === body && isGraveyard(one.queue));
  const parkings = buried.flatMap(({ queue }) => [...(fates.parkings.get(queue) ?? [])]);
  const nameless = buried.filter(({ source }) => source === undefined).map(({ queue }) => queue);
  const raw = graveyardsIn(given)
    .filter(({ name }) => nameless.includes(name))
    .flatMap((graveyard) => subscribersOf(graveyard, given, 'raw'));
  return new Set([...buried.map(({ source }) => source), ...parkings, ...raw]);
}

const noneGoesAstray: Interest = {
  name: 'none-goes-astray',
  quotes: 'which of them a letter came from it says itself',
  end: (_end, given) => {
    const fates = fatesOf(given);
    return fates.came
      .filter(({ how }) => how === 'copy')
      .filter(({ body, queue }) => !placesOf(body, fates, given).has(queue))
      .slice(0, 1)
      .map(({ body, queue }) => `${short(body)} came to stand in ${queue}`);
  },
};

/** Rounds of a queue that are written down as counting against none of its letters, or not against all. */
function freeRounds(sent: readonly LoggedRequest[], graveyard: string, source: string): number {
  const rounds = sent.flatMap(({ call, input, error }) => {
    const value = call === 'ledger:write' && error === undefined ? input['value'] : undefined;
    const [queue, round = ''] = String(input['key']).split('/');
    if (!isRecord(value) || queue !== graveyard) return [];
    const forgiven = Array.isArray(value['forgiven']) ? value['forgiven'] : [];
    const isFree = forgiven.some((one) => nameIn(String(one)) === source) || value['spared'] !== undefined;
    return isFree ? [round] : [];
  });
  return new Set(rounds).size;
}

const MAX_ATTEMPTS = 3;

/** Copies that came to stand in a queue, by `QUEUE BODY`. */
function copiesIn({ came }: Fates): ReadonlyMap<string, readonly Came[]> {
  return Map.groupBy(
    came.filter(({ how }) => how === 'copy'),
    ({ queue, body }) => `${queue} ${body}`,
  );
}

const noneGoesTooOften: Interest = {
  name: 'none-goes-too-often',
  quotes: 'A letter goes back three times at most, or as often as `runbook:redrive-max-attempts` says',
  end: ({ requests }, given) => {
    const fates = fatesOf(given);
    const struck = requests.filter(({ fault }) => fault !== undefined).length;
    const copies = copiesIn(fates);
    return graveyardsIn(given).flatMap(({ name, tags, isMovedByOthers }) => {
      if (isMovedByOthers) return [];
      // What cannot be read lets none go.
      const cap = Math.max(0, Number(tags['runbook:redrive-max-attempts'] ?? MAX_ATTEMPTS));
      const first = fates.came.filter(
        ({ queue, how, source }) => queue === name && how === 'first' && source !== undefined,
      );
      const alike = countBy(first, ({ source, body }) => `${source} ${body}`);
      return [...alike].flatMap(([key, count]) => {
        const [source = ''] = key.split(' ');
        const times = copies.get(key)?.length ?? 0;
        const most = (count + struck) * (cap + freeRounds(requests, name, source));
        return times > most ? [`${short(key)} was sent ${times} times, at most ${most} are allowed`] : [];
      });
    });
  },
};

/** Letters of a FIFO queue's group in the order in which they stood among the dead letters, those that no other is like. */
function groupsIn(fates: Fates): readonly (readonly Came[])[] {
  const first = fates.came.filter(({ queue, how }) => how === 'first' && isGraveyard(queue) && queue.endsWith('.fifo'));
  const alike = countBy(first, bodyOf);
  const single = first.filter(({ body, source }) => alike.get(body) === 1 && source !== undefined);
  return [...Map.groupBy(single, ({ queue, source, group }) => `${queue} ${source} ${group}`).values()];
}

/** Some were not meant the first time: of those and the others the order is not promised. */
function isPicked({ case: { arrivals } }: Given): boolean {
  return arrivals.some(({ event }) => /"(?:filter|maxAgeSeconds)"/u.test(JSON.stringify(event)));
}

const groupsKeepTheirOrder: Interest = {
  name: 'groups-keep-their-order',
  quotes: 'each letter goes under its own group, behind those that were before it',
  end: (_end, given) => {
    const fates = fatesOf(given);
    if (isPicked(given) || graveyardsIn(given).some(({ isMovedByOthers }) => isMovedByOthers)) return [];
    const handled = new Map<string, number>();
    for (const { body, how, nth } of fates.left) if (how === 'handled' && !handled.has(body)) handled.set(body, nth);
    const failed = new Map<string, number>();
    for (const { body, how, nth } of fates.came) if (how === 'buried' && !failed.has(body)) failed.set(body, nth);
    return groupsIn(fates).flatMap((group) =>
      group.flatMap((one, index) => {
        const at = handled.get(one.body);
        const behind = group.slice(index + 1).find(({ body }) => {
          const before = handled.get(body);
          // What has failed anew meanwhile was overtaken at its consumer.
          return at !== undefined && before !== undefined && before < at && !((failed.get(one.body) ?? at) < at);
        });
        return behind === undefined ? [] : [`${short(behind.body)} was handled before ${short(one.body)}`];
      }),
    );
  },
};

const noCopyUntold: Interest = {
  name: 'no-copy-untold',
  quotes: 'Where the reply to a batch is lost nobody can know: its letters are sent again when they are seen again',
  end: (end, given) => {
    const fates = fatesOf(given);
    if (hasBrokenOff(end.requests) || queuesIn(given).some(({ isMovedByOthers }) => isMovedByOthers)) return [];
    const sent = countBy(
      fates.came.filter(({ how }) => how === 'copy'),
      bodyOf,
    );
    const gone = countBy(
      fates.left.filter(({ queue }) => isGraveyard(queue)),
      bodyOf,
    );
    const surplus = sum([...sent].map(([body, count]) => Math.max(0, count - (gone.get(body) ?? 0))));
    const told = sum(
      accountsIn(end).map(
        ({ evidence }) => numberIn(evidence, 'perhapsTwice') + numberIn(evidence, 'sentButStillHere'),
      ),
    );
    return surplus > told ? [`${surplus} copies too many were sent, ${told} were told`] : [];
  },
};

export const OF_LETTERS: readonly Interest[] = [
  noneIsLost,
  noneGoesAstray,
  noneGoesTooOften,
  groupsKeepTheirOrder,
  noCopyUntold,
];
