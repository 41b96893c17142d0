// Every endpoint of the gateway's GitLab dialect, through gitbeaker.
//
// GATEWAY_URL names the gateway, MAINTAINER and DEVELOPER are tokens of two users, PROJECT is a
// path, BLOCKED the number of a blocked deployment of that project to "guarded". Each step that
// went well prints its name; the first that did not ends the program with 1.
import { Gitlab } from '@gitbeaker/rest';
import assert from 'node:assert/strict';

const { GATEWAY_URL: host, MAINTAINER, DEVELOPER, PROJECT: project, BLOCKED } = process.env;
const sha = 'a91957a858320c0e17f3a0eca7cfacbff50ea29a';
const maintainer = new Gitlab({ host, token: MAINTAINER });
const developer = new Gitlab({ host, oauthToken: DEVELOPER });

async function step(name, work) {
  try {
    const outcome = await work();
    console.log(name);
    return outcome;
  } catch (error) {
    console.log('failed:', name, error?.cause?.description ?? error);
    process.exit(1);
  }
}

async function refused(status, work) {
  await assert.rejects(work, (error) => error.cause.response.status === status);
}

const create = (status, ref, environment = 'production') =>
  developer.Deployments.create(project, environment, sha, ref, false, { status });

await step('version', async () => assert.equal((await developer.Metadata.show()).version, '18.9.0'));
const me = await step('user', async () => {
  const me = await developer.Users.showCurrentUser();
  assert.equal(me.username, 'developer');
  return me;
});
await step('users', async () => {
  const found = await developer.Users.all({ username: 'developer' });
  assert.deepEqual(found.map((user) => user.id), [me.id]);
  assert.deepEqual(await developer.Users.all({ search: 'evelop' }), found);
});
await step('a host with a slash at its end', async () => {
  const slashed = new Gitlab({ host: `${host}/`, token: MAINTAINER });
  assert.equal((await slashed.Metadata.show()).version, '18.9.0');
});
const number = await step('project', async () => {
  const one = await developer.Projects.show(project);
  const listed = await developer.Projects.all({ search: one.path });
  assert.deepEqual(listed.map((each) => each.id), [one.id]);
  return one.id;
});

const first = await step('create', async () => {
  const made = await create('running', 'main');
  assert.equal(made.user.username, 'developer');
  return made;
});
await step('update', async () => {
  const updated = await developer.Deployments.edit(project, first.id, 'success');
  assert.equal(updated.status, 'success');
});
await step('get', async () => {
  const got = await developer.Deployments.show(project, first.id);
  assert.equal(got.environment.name, 'production');
  assert.equal(got.pending_approval_count, 0);
});
await step('list', async () => {
  for (const ref of ['a', 'b', 'c']) await create('failed', ref);
  const found = await developer.Deployments.all(project, {
    perPage: 2,
    orderBy: 'id',
    sort: 'desc',
    environment: 'production',
  });
  assert.equal(found.length, 4);
  const failed = await developer.Deployments.all(project, { status: 'failed' });
  assert.deepEqual(failed.map((each) => each.ref), ['a', 'b', 'c']);
});
await step('merge requests', async () => {
  const found = await developer.Deployments.allMergeRequests(project, first.id);
  assert.deepEqual(found.map((each) => [each.iid, each.state]), [[42, 'merged']]);
});
await step('delete', async () => {
  const gone = await create('failed', 'gone');
  await refused(403, () => developer.Deployments.remove(project, gone.id));
  await maintainer.Deployments.remove(project, gone.id);
  await refused(404, () => developer.Deployments.show(project, gone.id));
});

await step('environments', async () => {
  const made = await maintainer.Environments.create(project, 'review/fix-foo', {
    externalUrl: 'https://example.com',
  });
  assert.equal(made.slug, 'review-fix-foo-v25cyx');
  const edited = await maintainer.Environments.edit(project, made.id, { tier: 'other' });
  assert.equal(edited.tier, 'other');
  const found = await maintainer.Environments.all(project, { search: 'review' });
  assert.deepEqual(found.map((each) => each.id), [made.id]);
  assert.equal((await maintainer.Environments.stop(project, made.id)).state, 'stopped');
  await maintainer.Environments.remove(project, made.id);
  const [production] = await maintainer.Environments.all(project, { name: 'production' });
  const one = await maintainer.Environments.show(project, production.id);
  assert.equal(one.last_deployment.id, first.id);
});

// gitbeaker sets this resource's path together without encoding it, so only a number will do.
await step('protected environments', async () => {
  const guarded = maintainer.ProjectProtectedEnvironments;
  const made = await guarded.create(number, 'guarded', [{ access_level: 40 }], {
    approvalRules: [{ access_level: 30, required_approvals: 2 }],
  });
  const [rule] = made.approval_rules;
  assert.equal(rule.required_approvals, 2);
  const changed = await guarded.edit(number, 'guarded', {
    approvalRules: [{ id: rule.id, required_approvals: 1 }],
  });
  assert.deepEqual(await guarded.all(number), [changed]);
  assert.deepEqual(await guarded.show(number, 'guarded'), changed);
  await refused(403, () => create('success', 'main', 'guarded'));
});
await step('approval', async () => {
  const approval = await developer.Deployments.setApproval(project, Number(BLOCKED), 'approved', {
    comment: 'fine',
  });
  assert.equal(approval.status, 'approved');
  await maintainer.ProjectProtectedEnvironments.remove(number, 'guarded');
});
await step('groups', async () => {
  const group = await maintainer.Groups.show('acme');
  assert.equal(group.full_path, 'acme');
  const tiers = maintainer.GroupProtectedEnvironments;
  await tiers.create(group.id, 'testing', [{ access_level: 30 }]);
  const [one] = await tiers.all(group.id);
  assert.equal(one.name, 'testing');
  await tiers.remove(group.id, 'testing');
});
