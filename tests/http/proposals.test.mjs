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

test('a proposal says field by field what was and what becomes, in the language of whoever reads it', async () => {
    const template = (await as.methodology.all('response_templates')).find((t) => t.state === 'active');
    const approvers = [{ level: 1, measure: 'gross', amount_from: { amount: '0.00', currency: 'MAD' }, role: 'unit_head' }];
    const number = ok(await as.methodology.patch('response_templates', template.number ?? template.code, template.version, { approvers }), 202).number;
    const words = { fr: ['Champ', 'Avant', 'Après', 'Matrice d’approbation'], ar: ['الحقل', 'قبل', 'بعد'], en: ['Field', 'Was', 'Becomes', 'Approval matrix'] };
    for (const [lang, expected] of Object.entries(words)) {
        as.methodology2.jar.set('lang', lang);
        const page = (await as.methodology2.get(`/change_requests/${number}`)).text;
        for (const word of expected) assert.ok(page.replaceAll('&#39;', '’').includes(word), `${lang}: ${word}`);
        assert.ok(!/\[\[|&quot;approvers/.test(page), 'no program text');
    }
    as.methodology2.jar.set('lang', 'ar');
    assert.match((await as.methodology2.get('/change_requests')).text, /تعديل/, 'the title too');
    as.methodology2.jar.set('lang', 'en');
    ok(await as.methodology2.move('change_requests', number, 'refuse', { reason: 'Not yet' }));
});

test('the history compares the rows of a table one by one', async () => {
    const made = ok(await as.analyst.create('incidents', { title: 'Lignes comparées', discovered_on: '2026-01-05', unit: 'TN1', causes: [{ cause: 'CE3', is_primary: true, weight: '60' }, { cause: 'CE7', weight: '40' }] }), 201);
    ok(await as.analyst.patch('incidents', made.number, made.version, { causes: [{ cause: 'CE3', is_primary: true, weight: '70' }, { cause: 'CE1', weight: '30' }] }));
    as.analyst.jar.set('lang', 'en');
    const page = (await as.analyst.get(`/incidents/${made.number}/history`)).text;
    const table = /<table class="change-rows">[^]*?<\/table>/.exec(page)?.[0] ?? '';
    assert.match(table, /<del>[^]*60\.00%[^]*<ins>[^]*70\.00%/);
    assert.match(table, /CE1[^]*added/);
    assert.match(table, /CE7[^]*taken away/);
});
