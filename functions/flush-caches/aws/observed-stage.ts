/** A stage as `decide` sees it: what it is, what is asked of it, and what of that we have written down. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { openData, type DataItem } from '../../../shared/kernel/ledger/data.ts';
import {
  FLUSH_STAGE,
  stageRows,
  wordsOf,
  type StageAsk,
  type StageCache,
  type StageFacts,
  type WrittenFlush,
} from '../decide.ts';
import type { Request } from './requests.ts';
import { stageIn } from './stage-arn.ts';
import { readStage } from './stages.ts';

/** In the order in which they are flushed: what the authorizers let through finds an empty cache. */
const CACHES: readonly StageCache[] = ['stage', 'authorizers'];

function askIn({ asked, delivery }: Request, { begunAt }: Io): StageAsk | null {
  if (asked === null) return null;
  const { by, why, whole } = asked;
  return { by, why, words: wordsOf(delivery), begunAt, caches: CACHES.filter((cache) => whole.includes(cache)) };
}

/** A row tells what need not be sent again: one that cannot be read is no row that is not there. */
function writtenIn({ key, value, version, fault = 'it lacks at' }: DataItem): readonly WrittenFlush[] {
  const cache = CACHES.find((each) => key.endsWith(`/${each}`));
  if (cache === undefined) return [];
  const { at } = value;
  if (typeof at !== 'string') throw new TerminalError(`data ledger: ${FLUSH_STAGE}/${key} cannot be read: ${fault}`);
  return [{ cache, at, version }];
}

/**
 * Reads a stage, and what we have written down of requests in these words.
 * @throws TerminalError for a target that is no stage
 */
export async function observeStage(target: string, request: Request, io: Io): Promise<Observed<StageFacts>> {
  const name = stageIn(target);
  if (name === undefined) throw new TerminalError(`${target} is no stage`);
  const ask = askIn(request, io);
  const about = { kind: 'stage', target, name, ask } as const;
  const stage = ask === null || !name.isRest ? null : await readStage(name, io);
  // What may not be flushed is not looked at any further.
  if (ask === null || stage?.isTagged !== true) return { ...about, stage, written: [] };
  const rows = await openData().list(FLUSH_STAGE, stageRows(name, ask.words));
  return { ...about, stage, written: rows.flatMap(writtenIn) };
}
