/** What an operator did, in few words: with what is particular to it, or nobody knows what was changed. Pure. */

import type { Json } from '../../shared/kernel/decision.ts';
import { isJsonObject } from '../../shared/kernel/json.ts';
import { idOf } from '../results.ts';
import type { Operation } from './place.ts';
import { wholeMoment } from './times.ts';

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Parameters as one types them. */
export function paramWords(params: Json | undefined): readonly string[] {
  return isJsonObject(params)
    ? Object.entries(params).map(
        ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
    : [];
}

/** Whether it is a question, which changes nothing. */
export function isDryRun({ what, more }: Operation): boolean {
  return what === 'run' && more['dryRun'] === true;
}

/** Behind `mode`, `switch-off`, `run`: `all plan`, `all`, `reassign-elastic-ip eipalloc-1`. */
export function operationAbout({ what, scope, more }: Operation): string {
  const about: { readonly [what: string]: string } = {
    mode: textIn(more['mode']),
    run: idOf(textIn(more['target'])),
    stop: textIn(more['run']),
    clear: idOf(textIn(more['target'])),
    approve: idOf(textIn(more['target'])),
    reject: idOf(textIn(more['target'])),
  };
  const to = about[what] ?? '';
  return to === '' ? scope : `${scope} ${to}`;
}

/** Until when, whether it was a dry run, by whom and why; what was typed stands last, for it may be long. */
export function operationTold(operation: Operation): string {
  const { what, by, reason, more } = operation;
  const ofRun = what === 'run';
  const times = ofRun
    ? []
    : ['from', 'until'].flatMap((word) => {
        const at = textIn(more[word]);
        return at === '' ? [] : [`${word} ${wholeMoment(at)}`];
      });
  const who = `by ${by === '' ? 'nobody knows whom' : by}${reason === '' ? '' : `: ${reason}`}`;
  const params = ofRun ? paramWords(more['params']).join(' ') : '';
  return [
    ...(isDryRun(operation) ? ['dry run'] : []),
    ...(times.length === 0 ? [] : [times.join(' ')]),
    params === '' ? who : `${who}; ${params}`,
  ].join(', ');
}
