/** What windows are bounded by. */

/** Changes of so long are flushed together: a deployment takes about as long, and content may be old for as long. Assumed. */
export const WINDOW_SECONDS = 60;

/** Executions that are started for one window, each after the one before has failed: twice again, as Lambda tries an event. */
export const MOST_ATTEMPTS = 3;

/** So long after its end a window is taken up that nobody has sealed: whoever was started does it within seconds. */
export const LATE_MS = 120_000;

/** Windows that ended longer ago are not looked at: what they hold is old by then, and people were told when it failed. */
export const LOOK_BACK_MS = 6 * 3_600_000;

/** UTF-8 bytes of the changes in one item: a plan of several fits into what a result may keep. */
export const MOST_PORTION_BYTES = 50_000;
