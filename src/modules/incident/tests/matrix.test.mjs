// matrix.test.mjs: the approval matrix of a response template, from its form to the last approval; what a running
// incident, a second-line review and a closure check ask; over the API and in the pages, on both databases.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { multipart } from '../../../../tests/lib/xlsx.mjs';
import { assessment, draft, email, everybody, incidentIn, isoDay, lists, password, qualification, twoPersons } from '../../../../tests/lib/world.mjs';

let s, as, l;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world); l = await lists(as.analyst); });
after(() => s?.end());

const get = async (number, who = as.head_orm) => ok(await who.one('incidents', number));
const money = (amount) => ({ amount, currency: 'MAD' });
const row = (level, role, amount, extra = {}) => ({ level, measure: 'gross', role, amount_from: money(amount), ...extra });
const template = async () => ok(await as.methodology.one('response_templates', 'RT-ET7'));
const change = async (body) => twoPersons(as.methodology, as.methodology2, await as.methodology.patch('response_templates', 'RT-ET7', (await template()).version, body));
const entry = (number, kind, amount, extra = {}) => ({ incident: number, kind, amount: money(amount), status: 'booked', booked_on: isoDay(1), ...extra });
const accepted = async (number, kind, amount, extra) => {
    const made = ok(await as.corr_north.create('financial_entries', entry(number, kind, amount, extra)), 201);
    ok(await as.finance.move('financial_entries', made.number, 'accept'));
    return made.number;
};

test('a matrix is written by two persons, and a wrong line is named', async () => {
    const now = (await template()).version;
    for (const approvers of [[row(1, 'methodology', '1.00')], [row(1, '', '1.00')], [row(1, 'legal', '9.00', { amount_below: money('9.00') })]])
        refused(await as.methodology.patch('response_templates', 'RT-ET7', now, { approvers }), 422, 'approvers');
    refused(await as.methodology.patch('response_templates', 'RT-ET7', now, { approvers: [row(0, 'legal', '1.00')] }), 422, 'approvers');
    await change({ approvers: [row(1, 'legal', '20000.00'), row(1, 'compliance', '20000.00'), row(2, 'head_orm', '20000.00'), row(3, 'committee', '1000000.00')] });
    assert.equal((await template()).approvers.length, 4);
});

test('levels follow each other, within a level the order is free, nobody approves twice', async () => {
    const below = await incidentIn('open', as, l, { amount: '19999.99' });
    assert.equal((await get(below)).approvals, null);
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    let r = await get(number);
    assert.deepEqual(r.approvals.map((a) => [a.level, a.role, a.approved_by]), [[1, 'legal', null], [1, 'compliance', null], [2, 'head_orm', null]]);
    for (const name of ['legal', 'compliance']) assert.match(JSON.stringify(r.approvers), new RegExp(name), 'both of the level');
    const work = (await as.legal.get('/', { accept: 'text/html' })).text;
    assert.ok(work.includes(number) && work.includes(`/incidents/${number}/do/approve`), 'it stands in their work with its step');
    for (const name of ['head_orm', 'committee', 'head_north', 'plain']) assert.ok([403, 404].includes((await as[name].move('incidents', number, 'approve')).status), name);
    assert.equal(ok(await as.compliance.move('incidents', number, 'approve')).state, 'approval');
    refused(await as.compliance.move('incidents', number, 'approve'), 403);
    refused(await as.head_orm.move('incidents', number, 'approve'), 403);
    // In the page: whose turn it is, and the button for them.
    const c = new Client(s.server, { lang: 'en' });
    await c.get('/login');
    assert.equal((await c.login(email('head_orm'), password)).status, 303);
    const waiting = (await c.get(`/incidents/${number}`)).text;
    assert.match(waiting, /Now with: Legal/);
    assert.doesNotMatch(waiting, /do\/approve/);
    assert.equal(ok(await as.legal.move('incidents', number, 'approve')).state, 'approval');
    assert.match((await c.get(`/incidents/${number}`)).text, /do\/approve/);
    const open = ok(await as.head_orm.move('incidents', number, 'approve'));
    assert.deepEqual([open.state, open.approved_up_to.amount], ['open', '50000.00']);
    r = await get(number);
    assert.ok(r.approvals.every((a) => a.approved_by && a.approved_on === isoDay(0)));
    // The next band asks everybody again; a rejection ends it.
    await accepted(number, 'direct_loss', '2000000.00');
    r = await get(number);
    assert.deepEqual([r.state, r.approvals.length], ['approval', 4]);
    refused(await as.legal.move('incidents', number, 'reject'), 422, 'reason');
    assert.equal(ok(await as.legal.move('incidents', number, 'reject', { reason: 'À revoir' })).state, 'qualification');
    assert.equal((await get(number)).approvals, null);
});

test('raised while it waits, it is approved by nobody before the higher band is asked', async () => {
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    ok(await as.compliance.move('incidents', number, 'approve'));
    await accepted(number, 'direct_loss', '2000000.00');
    refused(await as.legal.move('incidents', number, 'approve'), 403);
    assert.equal((await get(number)).state, 'approval');
    // Whoever decides at last may send it back, asked or not.
    assert.equal(ok(await as.head_orm.move('incidents', number, 'reject', { reason: 'Le montant a changé.' })).state, 'qualification');
});

test('the declarant sees nothing of approvals', async () => {
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    const own = ok(await as.plain.one('incidents', number));
    for (const field of ['approvals', 'approvers', 'exclusion', 'direct_recoveries', 'due_on', 'controls']) assert.equal(own[field], undefined, field);
    const page = (await as.plain.get(`/incidents/${number}`, { accept: 'text/html', headers: { 'accept-language': 'en' } })).text;
    assert.doesNotMatch(page, /Now with: (Legal|Compliance)/, 'nor whose turn it is');
});

test('what was approved stays, or is approved again', async () => {
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    for (const name of ['legal', 'compliance', 'head_orm']) ok(await as[name].move('incidents', number, 'approve'));
    const patch = async (body) => ok(await as.analyst.patch('incidents', number, (await get(number)).version, body)).state;
    assert.equal(await patch({ lesson: 'Une autre leçon.' }), 'open');
    assert.equal(await patch({ boundary: 'market' }), 'approval');
    const { items } = ok(await as.auditor.get(`/api/v1/incidents/${number}/history`));
    assert.ok(items.some((i) => i.changes.some((x) => x.field === 'state' && x.before === 'open' && x.after === 'approval')));
    await change({ approvers: [] });
});

test('reversals of a provision are held against what is left when they are accepted', async () => {
    const number = await incidentIn('qualification', as, l);
    const first = await accepted(number, 'provision', '100.00');
    const two = [];
    for (const kind of ['provision_used', 'provision_unused']) two.push(ok(await as.corr_north.create('financial_entries', entry(number, kind, '60.00')), 201).number);
    ok(await as.finance.move('financial_entries', two[0], 'accept'));
    const reply = await as.finance.move('financial_entries', two[1], 'accept');
    refused(reply, 422, 'amount');
    assert.match(reply.text, /40/, 'it says what is left');
    refused(await as.corr_north.create('financial_entries', entry(number, 'provision', '100.00', { reversal_of: first })), 422, 'reversal_of');
    const r = await get(number);
    assert.deepEqual([r.provision_outstanding.amount, r.gross.amount], ['40.00', '40.00']);
});

test('an entry has its own allocation, recoveries and memo costs are shown apart', async () => {
    const number = await incidentIn('qualification', as, l);
    const share = (allocations) => entry(number, 'direct_loss', '10.00', { allocations });
    refused(await as.corr_north.create('financial_entries', share([{ unit: 'TN1', percent: '60' }])), 422, 'allocations');
    refused(await as.corr_north.create('financial_entries', share([{ percent: '100' }])), 422, 'allocations');
    const made = ok(await as.corr_north.create('financial_entries', share([{ unit: 'TN1', percent: '60' }, { unit: 'TN2', percent: '40' }])), 201);
    assert.equal(made.period, isoDay(1).slice(0, 7));
    for (const [kind, amount] of [['direct_recovery', '1.00'], ['other_recovery', '2.00'], ['opportunity_cost', '4.00'], ['internal_cost', '8.00']]) await accepted(number, kind, amount);
    const r = await get(number);
    assert.deepEqual(['recoveries', 'direct_recoveries', 'other_recoveries', 'opportunity_cost', 'internal_cost', 'memo'].map((f) => r[f].amount), ['3.00', '1.00', '2.00', '4.00', '8.00', '12.00']);
});

test('a running incident starts in qualification, and its minutes are counted', async () => {
    const body = draft({ unit: 'TN1', do: 'start', channel: 'feed' });
    refused(await as.corr_north.create('incidents', { ...body, channel: 'form' }), 422, 'outage_from');
    refused(await as.plain.create('incidents', body), 403, 'do');
    const since = new Date(Date.now() - 95 * 60000).toISOString();
    const made = ok(await as.corr_north.create('incidents', { ...body, outage_from: since }), 201);
    assert.equal(made.state, 'qualification');
    const c = new Client(s.server, { lang: 'en' });
    await c.get('/login');
    await c.login(email('corr_north'), password);
    assert.match((await c.get(`/incidents/${made.number}`)).text, /1 h 3\d min so far/);
    refused(await as.corr_north.patch('incidents', made.number, 1, { outage_until: new Date(Date.now() + 3600000).toISOString() }), 422, 'outage_until');
    const over = ok(await as.corr_north.patch('incidents', made.number, 1, { outage_until: new Date(Date.now() - 5 * 60000).toISOString() }));
    assert.equal(over.downtime_minutes, 90);
});

test('the second line asks for the second level, and for the risk that has come true once there is a register', async () => {
    const number = await incidentIn('qualification', as, l);
    const patch = async (body) => ok(await as.corr_north.patch('incidents', number, (await get(number)).version, body));
    await patch(qualification(l, { event_type: 'ET7' }));
    refused(await as.corr_north.move('incidents', number, 'send'), 422, 'event_type');
    await patch({ event_type: l.event_type });
    ok(await as.corr_north.move('incidents', number, 'send'));
    ok(await as.analyst.patch('incidents', number, (await get(number)).version, assessment));
    const definition = ok(await as.analyst.list('risk_definitions', 'limit=1')).items[0]?.number;
    const made = await as.analyst.create('risks', { definition, unit: 'TN1', process: l.process });
    if (made.status !== 201) return; // a bank without a register
    const risk = made.json.number;
    ok(await as.analyst2.move('risks', risk, 'confirm'));
    refused(await as.analyst.move('incidents', number, 'validate'), 422);
    ok(await as.analyst.create('incident_risks', { incident: number, risk }), 201);
    ok(await as.analyst.move('incidents', number, 'validate'));
});

test('a photo is kept without the place and the device where it was taken', async () => {
    const made = ok(await as.plain.create('incidents', draft({ unit: 'TN1' })), 201);
    const segment = (marker, text) => Buffer.concat([Buffer.from([0xff, marker, 0, text.length + 2]), Buffer.from(text)]);
    const picture = Buffer.concat([Buffer.from([0xff, 0xda, 0, 4, 1, 2]), Buffer.from('pixels'), Buffer.from([0xff, 0xd9])]);
    const photo = Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe0, 'JFIF'), segment(0xe1, 'Exif\0\0SECRET 33.57N'), segment(0xfe, 'SECRET'), picture]);
    const { body, headers } = multipart({ version: made.version }, { field: 'files', name: 'caisse.jpg', bytes: photo });
    const reply = await as.plain.post(`/incidents/${made.number}`, { body, headers: { ...headers, 'idempotency-key': 'photo' } });
    assert.equal(reply.status, 303, reply.text.slice(0, 300));
    const page = (await as.plain.get(`/incidents/${made.number}`, { accept: 'text/html' })).text;
    const stored = await as.plain.get(page.match(/\/files\/\d+/)[0]);
    assert.deepEqual(Buffer.from(stored.body), Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe0, 'JFIF'), picture]));
});

test('at the end the chain is whole and what follows from the records agrees', async () => {
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
});
