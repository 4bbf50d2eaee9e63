/**
 * What serverless.yml takes of each runbook: `${file(deploy/standard.js):runbooks.NAME.function}` and `….resources`, and of all together `….js):shared}`.
 * The framework loads variable files only by the names .js and .cjs; the work is done in deploy/standard/.
 */
export { runbooks, shared } from './standard/runbooks.ts';
