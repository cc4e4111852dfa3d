// together.test.mjs: a declaration with its entries in one request: all or nothing, each record under its own rights
// and rules; by the API and by the form. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { draft, email, everybody, isoDay, password } from '../../../../tests/lib/world.mjs';

let s, as;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world); });
after(() => s?.end());

const entry = (kind, amount, extra = {}) => ({ kind, amount: { amount, currency: 'MAD' }, booked_on: isoDay(1), ...extra });
const whole = (entries, extra = {}) => draft({ unit: 'TN1', do: 'submit', entries, ...extra });
const totals = async () => [ok(await as.inspection.list('incidents', 'limit=1')).total, ok(await as.inspection.list('financial_entries', 'limit=1')).total];
const entriesOf = (number) => as.finance.all('financial_entries', `incident=${number}`);
const names = (reply) => reply.json.issues.map((i) => i.field);

test('one request makes the incident, declares it and books both entries, once for its key', async () => {
    const key = randomUUID(), body = whole([entry('direct_loss', '600.00'), entry('external_cost', '60.00')]);
    const made = ok(await as.corr_north.create('incidents', body, { key }), 201);
    assert.equal(made.state, 'declared');
    assert.equal(ok(await as.corr_north.create('incidents', body, { key }), 201).number, made.number, 'sent again');
    assert.equal((await as.corr_north.create('incidents', whole([entry('direct_loss', '601.00')]), { key })).status, 422, 'another one under the same key');
    const entries = await entriesOf(made.number);
    assert.deepEqual(entries.map((e) => [e.kind, e.amount.amount, e.state, e.status]).sort(), [['direct_loss', '600.00', 'proposed', 'booked'], ['external_cost', '60.00', 'proposed', 'booked']]);
    const { items } = ok(await as.auditor.get(`/api/v1/incidents/${made.number}/history`));
    assert.equal(items.length, 1, 'one save, one entry');
    assert.ok(items[0].changes.some((c) => c.field === 'state' && c.after === 'declared'));
    for (const e of entries) assert.equal(ok(await as.auditor.get(`/api/v1/financial_entries/${e.number}/history`)).items.length, 1);
    // Four eyes as ever: neither the incident nor the entries are approved by who made them.
    refused(await as.corr_north.move('incidents', made.number, 'confirm'), 403);
    ok(await as.head_north.move('incidents', made.number, 'confirm'));
    for (const e of entries) ok(await as.finance.move('financial_entries', e.number, 'accept'));
    const after = ok(await as.finance.one('incidents', made.number));
    assert.deepEqual([after.gross.amount, after.gross_booked.amount], ['660.00', '660.00']);
    const own = ok(await as.analyst.create('incidents', whole([entry('direct_loss', '5.00')]), {}), 201);
    refused(await as.analyst.move('financial_entries', (await entriesOf(own.number))[0].number, 'accept'), 403);
});

test('what is wrong is named with its place, and nothing is saved', async () => {
    const before = await totals();
    const cases = [
        [whole([entry('direct_loss', '1.00'), entry('external_cost', 'x')]), ['entries[1].amount']],
        [whole([entry('direct_loss', '1.00'), { amount: { amount: '5.00', currency: 'MAD' } }]), ['entries[1].kind']],
        [whole([entry('direct_loss', '1.00', { booked_on: isoDay(-4) }), entry('nothing', '1.00')]), ['entries[0].booked_on', 'entries[1].kind']],
        [whole([entry('direct_loss', '1.00'), entry('provision_used', '5.00')]), ['entries[1].amount']],
        [whole([entry('direct_loss', 'x')], { discovered_on: 'never' }), ['discovered_on', 'entries[0].amount']],
        [whole([entry('direct_loss', '1.00', { incident: 'INC-2026-00001' })]), ['entries[0].incident']],
        [whole([entry('direct_loss', '1.00', { strange: '1' })]), ['entries[0].strange']],
        [whole([entry('direct_loss', '1.00', { external_key: 'same' }), entry('direct_loss', '2.00', { external_key: 'same' })]), ['entries[1].external_key']],
        [whole([entry('direct_loss', '1.00')], { do: undefined }), ['entries[0].incident']],
        [whole([entry('direct_loss', '1.00')], { do: 'confirm' }), ['do']],
        [whole([], { do: 'nothing' }), ['do']],
        [whole('x'), ['entries']],
        [whole(Array.from({ length: 101 }, () => entry('direct_loss', '1.00'))), ['entries']],
    ];
    for (const [body, fields] of cases) {
        const reply = await as.corr_north.create('incidents', body);
        assert.equal(reply.status, 422, `${fields}: ${reply.text.slice(0, 400)}`);
        for (const field of fields) assert.ok(names(reply).includes(field), `${field} in ${names(reply)}`);
    }
    assert.deepEqual(await totals(), before);
    // Nothing and null are no lines.
    for (const entries of [[], null]) assert.equal(ok(await as.corr_north.create('incidents', whole(entries)), 201).state, 'declared');
});

test('each record is made under its own rights', async () => {
    const before = await totals();
    const reply = await as.plain.create('incidents', whole([entry('direct_loss', '1.00')]));
    assert.equal(reply.status, 403, reply.text.slice(0, 300));
    assert.deepEqual(await totals(), before);
    const made = ok(await as.plain.create('incidents', whole(undefined)), 201);
    assert.equal(ok(await as.plain.one('incidents', made.number)).state, 'declared', 'a declaration in one request');
    refused(await as.corr_south.create('incidents', whole([entry('direct_loss', '1.00')])), 403);
    // A restricted case from its first moment, with its entry.
    refused(await as.corr_north.create('incidents', whole([entry('direct_loss', '7.00')], { manager_involved: true })), 403);
    ok(await as.corr_north.create('incidents', whole(undefined, { manager_involved: true })), 201);
    const restricted = ok(await as.inspection.create('incidents', whole([entry('direct_loss', '7.00')], { manager_involved: true })), 201);
    assert.equal((await as.head_north.one('incidents', restricted.number)).status, 404);
    assert.equal((await as.inspection.all('financial_entries', `incident=${restricted.number}`)).length, 1);
});

test('everybody is told of each record as if it had come alone', async () => {
    const made = ok(await as.corr_north.create('incidents', whole([entry('direct_loss', '3.00'), entry('external_cost', '4.00')])), 201);
    const entries = (await entriesOf(made.number)).map((e) => e.number);
    const noticesOf = async (name) => ok(await as[name].get('/notifications.json?all=1')).items.filter((n) => [made.number, ...entries].includes(n.number)).map((n) => n.number).sort();
    const all = { head_north: [made.number], analyst: [...entries, made.number].sort(), finance: [...entries].sort(), corr_north: [], plain: [] };
    for (let i = 0; i < 300 && (await noticesOf('finance')).length < 2; i++) await new Promise((r) => setTimeout(r, 100));
    for (const [name, numbers] of Object.entries(all)) assert.deepEqual(await noticesOf(name), numbers, name);
});

test('the description of the API says so', async () => {
    const { incident_input: input } = (await as.corr_north.openapi()).components.schemas;
    assert.deepEqual(input.properties.do.enum, ['submit', 'start']);
    const line = input.properties.entries.items;
    assert.ok(line.properties.amount && !line.properties.incident);
    assert.ok(line.required.includes('kind') && !line.required.includes('incident'));
});

test('the form takes lines, with and without script; what was typed stays when one is wrong', async () => {
    const c = new Client(s.server, { lang: 'en' });
    await c.get('/login');
    assert.equal((await c.login(email('corr_north'), password)).status, 303);
    const answers = { description: 'Cash missing at the till cnrtogether.', unit: 'TN1', discovered_on: isoDay(1) };
    const lines = { 'entries[0].kind': 'direct_loss', 'entries[0].amount.amount': '1 234,50', 'entries[0].amount.currency': 'MAD', 'entries[0].booked_on': '',
        'entries[1].kind': '', 'entries[1].amount.amount': '', 'entries[1].amount.currency': 'MAD', 'entries[1].booked_on': '' };
    const before = await totals();
    const again = await c.submit('/declare', '/declare', { ...answers, ...lines, 'entries[1].kind': 'external_cost', 'entries[1].amount.amount': 'much' });
    assert.equal(again.status, 422);
    assert.match(again.text, /value="1 234,50"/);
    assert.match(again.text, /value="much"/);
    assert.match(again.text, /id="[^"]*entries-1--amount-error"/);
    assert.deepEqual(await totals(), before);
    const done = await c.submit('/declare', '/declare', { ...answers, ...lines });
    assert.equal(done.status, 303, done.text.slice(0, 500));
    const number = done.headers.location.split('/').at(-1);
    const [one, ...none] = await entriesOf(number);
    assert.equal(none.length, 0, 'an empty line is none');
    assert.deepEqual([one.amount.amount, one.kind, one.booked_on.length], ['1234.50', 'direct_loss', 10]);
    const plain = new Client(s.server, { lang: 'en' });
    await plain.get('/login');
    assert.equal((await plain.login(email('plain'), password)).status, 303);
    assert.doesNotMatch((await plain.get('/declare')).text, /entries\[/);
    await must(s.db, ['audit', 'verify']);
    await must(s.db, ['measures', 'check']);
});
