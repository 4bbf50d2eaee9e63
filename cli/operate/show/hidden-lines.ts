/** Lines to paste, of a run whose messages and user data are not shown. Pure. */

import { linesWithoutData } from './hidden.ts';
import type { Story } from './story.ts';

/** Lines that take a run back may need what is hidden. */
export function withoutHiddenLines(story: Story): Story {
  const about = story.records.flatMap(({ plan, undoRequest }) => [
    ...plan.flatMap(({ input, undo }) => [input, ...(undo === undefined ? [] : [undo.input])]),
    ...(undoRequest === undefined ? [] : [undoRequest]),
  ]);
  const without = (line: string | null): string | null =>
    line === null ? null : (linesWithoutData([line], about)[0] ?? null);
  return {
    ...story,
    records: story.records.map((record) => ({ ...record, undo: linesWithoutData(record.undo, about) })),
    undo: story.undo.map((one) => {
      const request = without(one.request);
      const isWhole = request === one.request;
      return { ...one, request, ask: isWhole ? one.ask : null, lines: linesWithoutData(one.lines, about) };
    }),
  };
}
