// proposals.test.mjs: changes that need two persons: proposed by one, read, discussed, refused or applied by another,
// and applied as they were meant, whatever language either of them reads.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { must, start } from '../lib/server.mjs';
import { everybody } from '../lib/world.mjs';

let s, as;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
});
after(() => s?.end());

const limitOf = async (role) => (await as.methodology.all('approval_limits')).find((l) => l.role === role && l.state === 'active');
const newest = async () => ok(await as.methodology.list('change_requests', 'sort=-id&limit=1')).items[0].number;

test('a proposal is read with its history, talked about, and changed by nobody', async () => {
    const limit = await limitOf('head_orm');
    const proposed = ok(await as.methodology.patch('approval_limits', limit.number, limit.version, { up_to: { amount: '2000000.00', currency: 'MAD' } }), 202);
    const read = ok(await as.methodology2.one('change_requests', proposed.number));
    assert.equal(read.state, 'proposed');
    assert.equal(read.on_number, limit.number);
    assert.equal(read.created_by, 'methodology@test.example');
    assert.equal(ok(await as.auditor.get(`/api/v1/change_requests/${proposed.number}/history`)).items.length, 1);
    refused(await as.analyst.one('change_requests', proposed.number), 404);
    refused(await as.methodology2.patch('change_requests', proposed.number, read.version, { changes: '[]' }), 403);
    ok(await as.methodology2.post(`/api/v1/change_requests/${proposed.number}/comments`, { json: { text: 'Pourquoi le double ?' }, headers: { 'idempotency-key': 'why-twice' } }), 201);
    assert.match(JSON.stringify(ok(await as.methodology.get(`/api/v1/change_requests/${proposed.number}/comments`))), /Pourquoi le double/);
    assert.equal((await limitOf('head_orm')).up_to.amount, limit.up_to.amount, 'nothing changed yet');
    refused(await as.methodology2.move('change_requests', proposed.number, 'refuse'), 422, 'reason');
    assert.equal(ok(await as.methodology2.move('change_requests', proposed.number, 'refuse', { reason: 'Pas sans comité' })).state, 'refused');
    refused(await as.methodology2.move('change_requests', proposed.number, 'apply'), 409);
    assert.equal((await limitOf('head_orm')).up_to.amount, limit.up_to.amount);
});

test('an amount typed in French is applied as the same amount by a reader of English', async () => {
    const limit = await limitOf('unit_head');
    as.methodology.jar.set('lang', 'fr');
    const page = await as.methodology.get(`/approval_limits/${limit.number}/edit`);
    const form = forms(page.text).find((f) => f.action === `/approval_limits/${limit.number}`);
    const sent = await as.methodology.post(form.action, { form: { ...form.fields, 'up_to.amount': '75 000,50' } });
    assert.equal(sent.status, 303, sent.text.slice(0, 500));
    as.methodology.jar.set('lang', 'en');
    ok(await as.methodology2.move('change_requests', await newest(), 'apply'));
    assert.deepEqual((await limitOf('unit_head')).up_to, { amount: '75000.50', currency: 'MAD' });
});

test('a proposal made on a version that is no longer the last one is a conflict when it is applied', async () => {
    const limit = await limitOf('unit_head');
    const change = (amount) => as.methodology.patch('approval_limits', limit.number, limit.version, { up_to: { amount, currency: 'MAD' } });
    const [first, second] = [ok(await change('60000.00'), 202).number, ok(await change('61000.00'), 202).number];
    ok(await as.methodology2.move('change_requests', first, 'apply'));
    refused(await as.methodology2.move('change_requests', second, 'apply'), 409, 'up_to');
    assert.equal(ok(await as.methodology.one('change_requests', second)).state, 'proposed', 'and stays a proposal');
    assert.equal((await limitOf('unit_head')).up_to.amount, '60000.00');
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
});
