/** The tag by which people opt in: it makes a resource an enforcement point of the blocklist that is its value. */

/** Its key. */
export const TAG = 'runbook:block';
