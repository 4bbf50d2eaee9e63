/** What people have at stake besides data and groups: their tags, and to be told what was done. */

import { isDeepStrictEqual } from 'node:util';
import type { Shape } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list } from '../../../simulator/services/ec2/state.ts';
import { tookEffect } from '../../explorer/effects.ts';
import type { Interest } from '../../worlds/interest.ts';
import {
  changesBy,
  finishedChangesBy,
  dryRunsChangeNothing,
  idsIn,
  nothingWhileSwitchedOff,
  tellings,
} from '../../worlds/looks.ts';

const RUNBOOK = 'carry-volumes';
const STATUS_TAGS: ReadonlySet<string> = new Set(['runbook:run', 'runbook:superseded-at', 'runbook:was-at']);
/** What nobody may find out by himself in the morning. */
const GRAVE: ReadonlySet<string> = new Set(['ec2:StopInstances', 'ec2:DeleteVolume', 'autoscaling:SuspendProcesses']);

const onlyStatusTags: Interest = {
  name: 'only-status-tags-are-written',
  quotes: 'on volumes and snapshots of the set',
  end: (end) =>
    changesBy(end, RUNBOOK)
      .filter(({ call }) => call === 'ec2:CreateTags' || call === 'ec2:DeleteTags')
      .flatMap((request) =>
        list(request.input, 'Tags')
          .map((tag) => String(tag['Key']))
          .filter((key) => !STATUS_TAGS.has(key))
          .map((key) => `${request.call} of ${key} on ${idsIn(request.input, 'Resources').join(', ')}`),
      ),
};

function tellsOf(detail: Shape, { call, input }: LoggedRequest): boolean {
  return list(detail, 'plan').some((planned) => planned['call'] === call && isDeepStrictEqual(planned['input'], input));
}

const graveDeedsAreTold: Interest = {
  name: 'grave-deeds-are-told',
  quotes: 'read the outcome',
  end: (end, given) => {
    const details = tellings(end);
    return finishedChangesBy(end, given, RUNBOOK)
      .filter((request) => GRAVE.has(request.call) && tookEffect(request) && request.error === undefined)
      .filter((request) => !details.some((detail) => tellsOf(detail, request)))
      .map(({ call, input, at }) => `nothing tells of ${call} ${JSON.stringify(input)} at ${at}`);
  },
};

/** What is at stake besides. */
export const OF_THE_REST: readonly Interest[] = [
  onlyStatusTags,
  graveDeedsAreTold,
  nothingWhileSwitchedOff(RUNBOOK, 'switched off', 'refuses'),
  dryRunsChangeNothing(RUNBOOK, 'A `dryRun` prints the plan'),
];
