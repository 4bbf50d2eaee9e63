/** What people have at stake in being told: what was done, and that nothing is a defect that only looks odd. */

import type { Shape } from '../../../simulator/engine/model.ts';
import type { SimulationEnd } from '../../../simulator/engine/simulation.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Interest } from '../../worlds/interest.ts';
import { finishedChangesBy, tellings } from '../../worlds/looks.ts';
import { list, show, text } from '../../../simulator/services/ec2/state.ts';
import { RUNBOOK } from './scene.ts';

/** The hosts that a request is about. */
function hostsOf(input: Shape): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(input['InstanceIds']) ? input['InstanceIds'] : [];
  return [...list(input, 'Targets').map(({ Id: id }) => id), ...ids, input['InstanceId']].flatMap((id) =>
    typeof id === 'string' ? [id] : [],
  );
}

/** What a run tells when it ends, or dies. */
function endedAt(detail: Shape): string {
  return list(detail, 'phases')
    .map((phase) => show(phase['endedAt']))
    .reduce((one, other) => (one > other ? one : other), '');
}

/** A run that waits tells of it when it is over: three hours at most, which end after most worlds. */
const whatIsDoneIsTold: Interest = {
  name: 'what-is-done-is-told',
  quotes: 'Every run that changes something tells what has become of it.',
  end: (end, given) => {
    const details = tellings(end)
      .filter((detail) => detail['runbook'] === RUNBOOK)
      .map((detail) => ({ words: `${show(detail['reason'])} ${JSON.stringify(detail['plan'])}`, at: endedAt(detail) }));
    return finishedChangesBy(end, given, RUNBOOK)
      .filter((request) => tookEffect(request) && request.call !== 'ssm:SendCommand')
      .flatMap(({ input, at, call }) =>
        hostsOf(input)
          .filter((id) => !details.some((detail) => detail.words.includes(id) && detail.at >= at))
          .map((id) => `nobody was told of ${call} of ${id} at ${at}`),
      );
  },
};

/** What only says that somebody has asked for something that is not there, or not well. */
const ASKED_WRONGLY = /^(?:bad-input|no-target)\b/u;

function isUndisturbed({ requests }: SimulationEnd): boolean {
  return requests.every(({ fault }) => fault === undefined);
}

const nothingEscapes: Interest = {
  name: 'nothing-escapes',
  quotes: 'No state of a fleet is a defect: what cannot be judged is refused.',
  end: (end, given) => {
    if (given.case.surroundings.ledgerLost || !isUndisturbed(end)) return [];
    return end.results
      .map(({ result }) => result)
      .filter(
        ({ runbook, outcome, reason }) => runbook === RUNBOOK && outcome === 'failed' && !ASKED_WRONGLY.test(reason),
      )
      .map(({ target, reason }) => `${text({ target }, 'target') ?? 'no target'} has failed: ${reason}`);
  },
};

/** What people have at stake in being told. */
export const OF_TELLING: readonly Interest[] = [whatIsDoneIsTold, nothingEscapes];
