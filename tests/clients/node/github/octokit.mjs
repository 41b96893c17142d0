// Octokit, unmodified, against a gateway: node octokit.mjs <scenario>. Ends with 1 on a difference.
import assert from "node:assert/strict";
import { Octokit as Core } from "@octokit/core";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";

const Octokit = Core.plugin(restEndpointMethods, retry, throttling);
const met = [];
const noting = (kind) => (after) => {
  met.push([kind, after]);
  return false;
};
const silent = { debug() {}, info() {}, warn: (text) => met.push(["warning", text]), error() {} };

function client(auth) {
  return new Octokit({
    auth,
    baseUrl: process.env.GATEWAY,
    log: silent,
    retry: { enabled: false },
    throttle: { onRateLimit: noting("primary"), onSecondaryRateLimit: noting("secondary") },
  });
}

const digest = (letter) => `sha256:${letter.repeat(64)}`;
const octokit = client(process.env.TOKEN);
const place = { org: "acme", logical_environment: "octokit" };
const item = { name: "ghcr.io/acme/shop", digest: digest("c"), deployment_name: "a" };

// The newest Octokit for Node 20 has methods for storage records alone; its request does the rest.
const RECORD = "POST /orgs/{org}/artifacts/metadata/deployment-record";
const LIST = "GET /orgs/{org}/artifacts/{subject_digest}/metadata/deployment-records";

async function records() {
  const body = { ...place, ...item, status: "deployed" };
  const { data } = await octokit.request(RECORD, body);
  assert.equal(data.total_count, 1);
  const set = await octokit.request(`${RECORD}/cluster/{cluster}`, {
    ...place,
    cluster: "moda-1",
    deployments: [item, { ...item, deployment_name: "b" }],
  });
  assert.deepEqual([set.status, set.data.total_count], [200, 2]);
  const listed = await octokit.request(LIST, { org: "acme", subject_digest: digest("c") });
  const ids = listed.data.deployment_records.map((record) => record.id);
  assert.ok(ids.includes(data.deployment_records[0].id));
  assert.equal(listed.headers["x-github-media-type"], "github.v3; format=json");
}

async function jobs() {
  const path = "/orgs/{org}/artifacts/metadata/deployment-record/cluster/{cluster}/jobs";
  const job = await octokit.request(`POST ${path}`, {
    ...place,
    cluster: "moda-2",
    deployments: [item],
  });
  assert.equal(job.status, 202);
  for (;;) {
    const { data } = await octokit.request(`GET ${path}/{job_id}`, {
      org: "acme",
      cluster: "moda-2",
      job_id: job.data.job_id,
    });
    if (data.status === "completed") return assert.equal(data.total_count, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function storage() {
  const { orgs } = octokit.rest;
  const kept = { org: "acme", name: "libfoo", digest: digest("d") };
  const made = await orgs.createArtifactStorageRecord({
    ...kept,
    registry_url: "https://reg.example.com/",
  });
  const listed = await orgs.listArtifactStorageRecords({
    org: "acme",
    subject_digest: digest("d"),
  });
  assert.deepEqual(listed.data, made.data);
}

async function refusals() {
  const bad = octokit.request(RECORD, { ...place, name: "x" });
  await assert.rejects(bad, (error) => {
    assert.equal(error.status, 422);
    assert.match(error.message, /^Invalid request\.\n\n.* weren't supplied\./);
    assert.match(error.message, /https:\/\/docs\.github\.com\//);
    return true;
  });
  const nobody = client("dgw_nobody").rest.orgs.get({ org: "acme" });
  await assert.rejects(nobody, { status: 401 });
}

async function neighbours() {
  const { data } = await octokit.rest.rateLimit.get();
  assert.equal(data.resources.core.limit, data.rate.limit);
  assert.equal((await octokit.rest.orgs.get({ org: "acme" })).data.login, "acme");
  assert.equal(typeof (await octokit.rest.meta.getZen()).data, "string");
}

async function limits() {
  const asked = { org: "acme", subject_digest: digest("e") };
  const ask = () => octokit.request(LIST, asked);
  for (let count = 0; count < 40; count++) {
    try {
      await ask();
    } catch (error) {
      assert.ok([403, 429].includes(error.status));
      const [kind, after] = met.at(-1);
      assert.ok(["primary", "secondary"].includes(kind));
      assert.ok(after > 0 && after <= 62);
      return;
    }
  }
  assert.fail("no limit was met");
}

const scenarios = { records, jobs, storage, refusals, neighbours, limits };
await scenarios[process.argv[2]]();
assert.deepEqual(met.filter(([kind]) => kind === "warning" && !process.argv[2].startsWith("l")), []);
