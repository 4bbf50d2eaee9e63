/** How fast WAF is asked. */

/** WAF answers five readings a second to all callers of an account and Region: between two of ours there is room for others. */
export const BETWEEN_READINGS_MS = 250;
