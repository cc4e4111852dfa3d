// import_undo.test.mjs: imports of findings, actions, indicators and thresholds are taken back: lists, figures and what
// follows are as before; what somebody has changed or built on since then stays, and is named with the reason.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { press, proven, signedIn, until, upload } from '../lib/import.mjs';
import { visibleText } from '../lib/html.mjs';
import { must, releaseBinary, start } from '../lib/server.mjs';
import { email, everybody, isoDay } from '../lib/world.mjs';

let s, as, analyst, analyst2;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    analyst = await signedIn(s.server, 'analyst');
    analyst2 = new Client(s.server, { token: s.world.tokens.analyst2, lang: 'fr' });
});
after(async () => {
    closeConnections();
    await s?.end();
});

const month = (n) => { const d = new Date(); d.setUTCDate(1); d.setUTCMonth(d.getUTCMonth() - n); return d.toISOString().slice(0, 7); };

const post = (who, body) => who.request('POST', '/indicator-push', { json: body, headers: { 'idempotency-key': randomUUID(), accept: 'application/json' } });

// What a second person has released: all rows are created, in the states of the file.
async function imported(type, plural, rows) {
    const names = Object.keys(rows[0]), known = new Set((await as.analyst.all(plural)).map((r) => r.number));
    const csv = [names, ...rows.map((r) => names.map((n) => r[n] ?? ''))].map((r) => r.map((x) => `"${x}"`).join(',')).join('\n') + '\n';
    const run = await upload(analyst, type, `${type}.csv`, csv, { takeover: 'true' });
    const found = await until(analyst, run, 'checked');
    assert.equal(found.rejected, 0, (await analyst.get(`/import.csv?run=${run}`)).text);
    await press(analyst, 'ask', run);
    await press(analyst2, 'release', run);
    await until(analyst, run, 'done');
    const records = (await as.analyst.all(plural, 'sort=id')).filter((r) => !known.has(r.number));
    return { run, records };
}
const takeBack = async (run) => {
    await press(analyst, 'undo', run);
    return until(analyst, run, 'undone');
};
// The lists whole, as each reader of the API gets them.
const lists = async (...plurals) => Promise.all(plurals.map((p) => as.analyst.all(p, 'sort=id', 500)));
const sound = async () => {
    await proven(s.db, releaseBinary);
    await must(s.db, ['rederive', '--check'], { binary: releaseBinary });
};
const leftOf = async (run) => visibleText((await analyst.get(`/import?run=${run}`)).text).replace(/.*Conservés/, '');

const finding = (title) => ({ title, source: 'self', unit: 'TN1', identified_on: isoDay(3), description: 'Constat', likelihood: '2', impact: '3', target_on: isoDay(-90), owner: email('analyst'), state: 'open' });
const measure = (title, issue) => ({ title, issues: issue, unit: 'TN1', due_on: isoDay(-60), deliverable: 'Note', owner: email('corr_north'), cost_once: '1000.00 MAD' });
const indicator = (definition, unit = 'TN1') => ({ definition, unit, provider: email('corr_north'), reviewer: email('analyst2'), active_from: '2024-01-01' });
const threshold = (definition, from, amber, red, more) => ({ definition, valid_from: from, amber, red, reason: 'expert', rationale: 'Reprise', ...more });
const made = async (type, body) => ok(await as.analyst.create(type, body), 201).number;
const comment = (who, plural) => async (r) => assert.equal((await who.submit(`/${plural}/${r.number}`, `/${plural}/${r.number}/comments`, { text: 'Vu' })).status, 303);

async function throughAndBack(type, plural, rows, others, why, change) {
    const before = await lists(plural, ...others);
    const first = await imported(type, plural, rows);
    assert.equal(first.records.length, rows.length);
    const undone = await takeBack(first.run);
    assert.deepEqual([undone.undone, undone.kept], [rows.length, 0], await leftOf(first.run));
    assert.equal(JSON.stringify(await lists(plural, ...others)), JSON.stringify(before));
    await sound();
    const second = await imported(type, plural, rows), kept = second.records[1];
    await change(kept);
    const again = await takeBack(second.run);
    assert.deepEqual([again.undone, again.kept], [rows.length - 1, 1], await leftOf(second.run));
    const numbers = new Set(before[0].map((r) => r.number));
    assert.deepEqual((await as.analyst.all(plural)).map((r) => r.number).filter((n) => !numbers.has(n)), [kept.number]);
    const left = await leftOf(second.run);
    assert.ok(left.includes(kept.number) && why.test(left), left);
    await sound();
}

test('findings: taken back whole, but not one that somebody has changed', () => throughAndBack('issue', 'issues', ['A', 'B', 'C'].map(finding), [], /modifiée ou/, async (r) => {
    ok(await as.analyst.patch('issues', r.number, r.version, { title: 'Revu' }));
}));

test('a finding that got an action by hand stays with the reason; its neighbours go', async () => {
    const { run, records } = await imported('issue', 'issues', ['D', 'E', 'F'].map(finding));
    const action = await made('actions', { title: 'Corriger', issues: [records[2].number], unit: 'TN1', due_on: isoDay(-60), owner: email('corr_north') });
    const done = await takeBack(run);
    assert.deepEqual([done.undone, done.kept], [2, 1]);
    assert.equal(ok(await as.analyst.one('issues', records[2].number)).actions_total, 1);
    ok(await as.analyst.one('actions', action));
    const left = await leftOf(run);
    assert.ok(left.includes(records[2].number) && /Autre chose/.test(left), left);
});

test('actions: the figures of their finding are as before', async () => {
    const { title, source, unit, identified_on } = finding('Porteur');
    const issue = await made('issues', { title, source, unit, identified_on });
    await made('actions', { title: 'Avant', issues: [issue], unit, due_on: isoDay(-30), cost_once: { amount: '500.00', currency: 'MAD' } });
    const of = async () => { const r = ok(await as.analyst.one('issues', issue)); return [r.actions_total, r.cost_planned.amount]; };
    await throughAndBack('action', 'actions', ['a', 'b', 'c'].map((t) => measure(t, issue)), ['issues'], /modifiée ou/, async (r) => {
        assert.deepEqual(await of(), [4, '3500.00']);
        await comment(analyst, 'actions')(r);
    });
    assert.deepEqual(await of(), [2, '1500.00']);
});

test('indicators: taken back, but not one that has values by now', () =>
    throughAndBack('indicator', 'indicators', ['K13', 'K14', 'K15'].map((d) => indicator(d)), [], /valeurs/, async (r) => {
        const reply = await post(as.corr_north, { values: [{ indicator: r.number, period: month(2), value: '99' }] });
        assert.ok([200, 303].includes(reply.status), reply.text);
    }));

test('thresholds: taken back, but not one that was proposed', async () => {
    const rows = [4, 3, 2].map((n) => threshold('K14', `${month(n)}-01`, '99.9', '99.5'));
    await throughAndBack('indicator_threshold', 'indicator_thresholds', rows, [], /modifiée ou/, async (r) => {
        ok(await as.analyst.move('indicator_thresholds', r.number, 'propose'));
    });
});

test('thresholds that an import brought approved: the one before holds again, values are judged as before', async () => {
    const number = await made('indicators', indicator('K13', 'TN2'));
    await post(as.corr_north, { values: [4, 3, 2, 1].map((n) => ({ indicator: number, period: month(n), value: '99.9' })) });
    const before = await lists('indicator_thresholds', 'indicators');
    const { run } = await imported('indicator_threshold', 'indicator_thresholds', [4, 3, 2].map((n) => threshold('K13', `${month(n)}-01`, '99.99', '99.95', { state: 'approved' })));
    assert.equal(ok(await as.analyst.one('indicators', number)).colour, 'red');
    const undone = await takeBack(run), left = await leftOf(run);
    // The breach that came of it stays: it has ended by itself.
    const breach = (await as.analyst.all('breaches')).find((b) => b.title.includes('TN2'));
    assert.ok(breach?.state === 'closed' && left.includes(breach.number) && !/KT-|KB-/.test(left), JSON.stringify(breach) + left.slice(-700));
    assert.equal(undone.kept, 1, left);
    const plain = (l) => JSON.stringify(l.map((list) => list.map(({ version, updated_at, updated_by, ...r }) => r)));
    assert.equal(plain(await lists('indicator_thresholds', 'indicators')), plain(before));
    await sound();
});
