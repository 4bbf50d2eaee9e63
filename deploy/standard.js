/**
 * What serverless.yml takes of each runbook: `${file(deploy/standard.js):runbooks.NAME.function}` and `….resources`.
 * The framework loads variable files only by the names .js and .cjs; the work is done in deploy/standard/.
 */
export { runbooks } from './standard/runbooks.ts';
