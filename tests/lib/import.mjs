// import.mjs: what the import suites share: sending a file through the page, asking how far it is, pressing its buttons.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { Client, ok } from './client.mjs';
import { forms, visibleText } from './html.mjs';
import { must, testedBinary } from './server.mjs';
import { email, password } from './world.mjs';
import { multipart } from './xlsx.mjs';

export const wait = (ms) => new Promise((r) => setTimeout(r, ms));

export async function signedIn(server, name) {
    const c = new Client(server, { lang: 'fr', name });
    assert.equal((await c.login(email(name), password)).status, 303);
    return c;
}

export async function tokens(client, page = '/import') {
    const found = forms((await client.get(page)).text).find((f) => f.method === 'post' && f.fields._csrf);
    return { _csrf: found?.fields._csrf, _key: `k-${Math.random()}-${Date.now()}` };
}
export async function upload(client, type, file, bytes, fields = {}) {
    const { body, headers } = multipart({ ...(client.token ? {} : await tokens(client)), type, ...fields }, { field: 'file', name: file, bytes });
    const reply = await client.post('/import', { body, headers: { ...headers, ...(client.token ? { 'idempotency-key': `u-${Math.random()}` } : {}) } });
    assert.equal(reply.status, 303, visibleText(reply.text).slice(0, 600));
    return /run=(\d+)/.exec(reply.headers.location)[1];
}
export const state = async (client, run) => ok(await client.get(`/import.json?run=${run}`));
export async function until(client, run, wanted, seconds = 90) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await wait(100)) {
        const now = await state(client, run);
        if ([].concat(wanted).includes(now.state?.key ?? now.state)) return now;
        if (['refused', 'discarded'].includes(now.state) && ![].concat(wanted).includes(now.state)) throw new Error(`import ${run} is ${now.state}: ${now.why}`);
    }
    throw new Error(`import ${run} is still ${JSON.stringify(await state(client, run))}`);
}
export async function press(client, action, run, status = 303) {
    const reply = await client.post(`/import/${action}`, { form: { ...(client.token ? {} : await tokens(client, `/import?run=${run}`)), run },
        headers: client.token ? { 'idempotency-key': `p-${Math.random()}` } : {} });
    assert.equal(reply.status, status, `${action}: ${visibleText(reply.text).slice(0, 400)}`);
    return reply;
}
export const total = async (client, types, query = '') => (await client.all(types, query, 500)).length;
export const proven = async (db, binary = testedBinary) => {
    assert.equal((await must(db, ['audit', 'verify', '--json'], { binary })).ok, true, 'the history');
    assert.equal((await must(db, ['measures', 'check', '--json'], { binary })).ok, true, 'the figures');
};
