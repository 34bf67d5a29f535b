// @ts-check
// Runs on GitHub before any install, so it is JavaScript.
// `gh api repos/OWNER/NAME/environments/ENV | node scripts/deploy/require-reviewers.mjs ENV`: fails unless GitHub asks
// a reviewer before a job of the environment runs.
import { readFileSync } from 'node:fs';

const [name] = process.argv.slice(2);
const faults = findFaults(parse(readFileSync(0, 'utf8')));
if (faults.length > 0) {
  process.stderr.write(`${name} is not deployed from here: ${faults.join('; ')}. See docs/deploy.md, From GitHub.\n`);
  process.exitCode = 1;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} environment GitHub's answer, or undefined if it is no JSON */
function findFaults(environment) {
  if (!Array.isArray(environment?.protection_rules))
    return [`GitHub has no environment '${name}' with protection rules that this job can read`];
  const reviewers = environment.protection_rules
    .filter((/** @type {any} */ { type }) => type === 'required_reviewers')
    .flatMap((/** @type {any} */ { reviewers }) => reviewers ?? []);
  return [
    ...(reviewers.length > 0
      ? []
      : [
          `environment '${name}' has no required reviewers, so nobody has approved this job: expected at least ` +
            'one. Add them (in a private repository this needs GitHub Enterprise), or set the repository variable ' +
            'PROD_BY_HAND to true and deploy by hand',
        ]),
    // Of "protected branches only" GitHub lets every branch deploy while none has a protection rule, which this job
    // cannot see.
    ...(environment.deployment_branch_policy?.custom_branch_policies === true
      ? []
      : [
          `environment '${name}' takes jobs of any branch, or of any that is protected: expected main alone. ` +
            'Choose selected branches for its deployments, and name main',
        ]),
  ];
}
