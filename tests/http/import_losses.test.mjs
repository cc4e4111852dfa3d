// import_losses.test.mjs: a bank's own loss sheet as it is kept in Excel, with everything that is untidy in one: sent, its
// columns found, values said, released, its sums in the loss matrix; again without a change; taken back.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { readCsv } from '../lib/csv.mjs';
import { forms, visibleText } from '../lib/html.mjs';
import { press, proven, signedIn, state, total, until, upload } from '../lib/import.mjs';
import { messyLosses } from '../lib/losses.mjs';
import { command, must, start } from '../lib/server.mjs';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { everybody } from '../lib/world.mjs';
import { workbook } from '../lib/xlsx.mjs';

let s, as, analyst, analyst2;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    analyst = await signedIn(s.server, 'analyst');
    analyst2 = new Client(s.server, { token: s.world.tokens.analyst2, lang: 'fr' });
});
after(async () => {
    closeConnections();
    await s.end();
});

const { bytes, expected } = messyLosses();
const cents = (items, value) => items.reduce((n, i) => n + Math.round(Number(value(i)?.amount ?? 0) * 100), 0);
const columnsForm = async (run) => {
    const page = await analyst.get(`/import/columns?run=${run}`);
    return { text: visibleText(page.text), form: forms(page.text).find((f) => f.action === '/import/columns' && f.controls['s0.c0']) };
};
let run;

test('the sheet is read as it is: headers below titles, columns by the names banks give them', async () => {
    run = await upload(analyst, 'incident', 'pertes.xlsx', bytes, { takeover: 'true' });
    await until(analyst, run, 'checked');
    const { form, text } = await columnsForm(run);
    const chosen = Array.from({ length: 12 }, (_, i) => form.fields[`s0.c${i}`]);
    assert.deepEqual(chosen, ['external_key', 'unit', 'title', 'occurred_on', 'discovered_on', 'financial_entry.booked_on', 'event_type', 'business_line',
        'financial_entry:direct_loss', 'financial_entry:direct_recovery', 'financial_entry:insurance_recovery', '']);
    assert.equal(form.fields.header, '5', 'the row of the headers');
    assert.match(text, /« Agence TN1 » dans la colonne Agence/);
    assert.equal(form.fields[Object.keys(form.fields).find((f) => form.fields[f] === 'TN1' && /^v\d/.test(f))], 'TN1', 'the nearest unit is proposed');
});

test('the sheet’s own totals agree with its rows; the line of totals is no bad row', async () => {
    const page = visibleText((await analyst.get(`/import?run=${run}`)).text);
    assert.match(page, /Totaux de contrôle/);
    assert.match(page, /Montant brut \(MAD\) 2\s415\s876,20/);
    assert.equal((page.match(/Concordant/g) ?? []).length, 3);
    assert.doesNotMatch(page, /Discordant/);
    assert.equal((await state(analyst, run)).read, expected.good + expected.bad.length + expected.twice.length);
});

test('one look at what the values mean, and all but the bad rows can be imported', async () => {
    const { form } = await columnsForm(run);
    const said = { ...form.fields, run, save_as: 'Base pertes', _key: 'messy-1' };
    for (const field of Object.keys(form.fields)) if (/^v\d/.test(field) && !said[field]) said[field] = 'TS1'; // the closed branch
    assert.equal((await analyst.post('/import/columns', { form: said })).status, 303);
    const now = await until(analyst, run, 'checked');
    const rejected = readCsv((await analyst.get(`/import.csv?run=${run}`)).text).map((r) => Object.values(r));
    assert.deepEqual([...new Set(rejected.map((r) => Number(r[0])))].sort((a, b) => a - b), [...expected.bad, ...expected.twice].sort((a, b) => a - b), JSON.stringify(rejected.slice(0, 9)));
    assert.equal(now.created, expected.good);
    assert.ok(rejected.some((r) => r.includes('Date de constat') && r.some((x) => /date/.test(x))));
    assert.ok(rejected.some((r) => Number(r[0]) === expected.twice[0] && r.some((x) => x.includes(`ligne ${expected.twice[0] - 1}`))), 'which row has the key already');
});

test('released and imported: the sums of the sheet are those of the incidents and of the loss matrix', async () => {
    await press(analyst, 'ask', run);
    await press(analyst2, 'release', run);
    const now = await until(analyst, run, 'done');
    assert.deepEqual([now.created, now.rejected], [expected.good, expected.bad.length + expected.twice.length]);
    const incidents = await as.analyst.all('incidents', '', 500), entries = await as.analyst.all('financial_entries', '', 500);
    assert.equal(incidents.length, expected.good);
    assert.equal(entries.length, expected.entries);
    assert.ok(entries.every((e) => e.state === 'accepted' && e.booked_on));
    assert.equal(cents(incidents, (i) => i.gross), expected.gross);
    assert.equal(cents(entries.filter((e) => e.kind === 'direct_recovery'), (e) => e.amount), expected.recovered);
    assert.equal(cents(entries.filter((e) => e.kind === 'insurance_recovery'), (e) => e.amount), expected.insured);
    const first = ok(await as.analyst.one('incidents', incidents.find((i) => i.title.includes('SIN/2015/02')).number));
    assert.deepEqual([first.occurred_on, first.discovered_on, first.unit, first.description], ['2015-02-03', '2015-02-12', 'TN2', 'Écart constaté SIN/2015/02']);
    await proven(s.db);
    // The matrix by date of discovery: its sums open the incidents of the sheet, and nothing else is there.
    const reply = await as.analyst.get('/reports/loss-matrix.csv?from=2015-01-01&to=2024-12-31&basis=discovery');
    assert.equal(reply.status, 200, reply.text.slice(0, 400));
    const cells = readCsv(reply.text), sum = (name) => cells.reduce((n, r) => n + Math.round(Number(r[name]) * 100), 0);
    assert.deepEqual([sum('gross.amount'), sum('recoveries.amount')], [expected.gross, expected.recovered + expected.insured]);
    assert.equal(cells.reduce((n, r) => n + Number(r.count), 0), expected.good);
    // The same losses by each other field: the sums are the same, and each line opens as many records as it counts.
    const days = 'from=2015-01-01&to=2024-12-31';
    for (const by of ['primary_cause', 'unit', 'process', 'product', 'third_party', 'client_segment', 'channel']) {
        const page = await analyst.get(`/reports/losses-by?${days}&by=${by}`), lines = readCsv((await as.analyst.get(`/reports/losses-by.csv?${days}&by=${by}`)).text);
        assert.equal(page.status, 200);
        assert.equal(lines.reduce((n, r) => n + Math.round(Number(r['gross.amount']) * 100), 0), expected.gross, by);
        assert.equal(lines.length, new Set(incidents.map((i) => JSON.stringify(i[by] ?? null))).size, by);
        const links = [...page.text.matchAll(/href="?(\/incidents\?event_kind=loss[^"> ]*)/g)].map((m) => m[1].replaceAll('&amp;', '&'));
        assert.equal(links.length, lines.length, by);
        for (const [i, link] of links.entries()) assert.equal(await total(as.analyst, 'incidents', link.split('?')[1]), Number(lines[i].count), `${by}: ${link}`);
    }
    const wrong = await analyst.get('/reports/losses-by?by=title');
    assert.equal(wrong.status, 422);
});

test('the same file again with the saved map changes nothing; what was imported can be taken back', async () => {
    const again = await upload(analyst, 'incident', 'pertes.xlsx', bytes, { takeover: 'true', map: 'Base pertes' });
    const now = await until(analyst, again, 'checked');
    assert.deepEqual([now.created, now.updated, now.unchanged], [0, 0, expected.good]);
    await press(analyst, 'undo', run);
    const undone = await until(analyst, run, 'undone');
    assert.equal(undone.kept, 0);
    assert.equal(await total(as.analyst, 'incidents'), 0);
    assert.equal(await total(as.analyst, 'financial_entries'), 0);
    await proven(s.db);
});

test('what becomes confidential is refused by the check already, with the reason', async () => {
    const sheet = workbook({ Feuille: [['N°', 'Libellé', 'Agence', 'Date de constat', 'Catégorie Bâle', 'Montant brut'], ['C1', 'Détournement', 'TN1', new Date(Date.UTC(2024, 0, 5)), 'Fraude interne', 500]] });
    const other = await upload(analyst, 'incident', 'fraude.xlsx', sheet, { takeover: 'true' });
    const now = await until(analyst, other, 'checked');
    assert.deepEqual([now.created, now.rejected], [0, 1]);
    assert.match(visibleText((await analyst.get(`/import?run=${other}`)).text), /Elle devient confidentielle/);
});

test('another row can be named as that of the headers', async () => {
    const sheet = workbook({ Feuille: [['Num', 'Objet', 'Date'], ['N°', 'Libellé', 'Date de constat'], ['1', 'Écart', new Date(Date.UTC(2024, 0, 5))]] });
    const other = await upload(analyst, 'incident', 'deux.xlsx', sheet);
    await until(analyst, other, ['checked', 'refused']);
    const { form } = await columnsForm(other);
    assert.equal(form.fields.header, '1');
    assert.equal((await analyst.post('/import/columns', { form: { ...form.fields, run: other, header: '2', _key: 'head-1' } })).status, 303);
    const now = await until(analyst, other, 'checked');
    assert.equal(now.read, 1);
    assert.equal((await columnsForm(other)).form.fields.header, '2');
});

test('on the command line a sheet without states begins where entries can be taken, or where one says', async () => {
    const file = path.join(os.tmpdir(), `losses-${process.pid}`);
    const loss = (key) => `external_key;titre;description;unit;date de constat;montant brut\n${key};"Vol, « nuit » ${key}";"Une ligne\nune autre";TN1;15/03/2023;"3 400,75"\n`;
    try {
        fs.writeFileSync(`${file}.csv`, loss('CLI-1'));
        let r = await must(s.db, ['import', 'incident', `${file}.csv`, '--json']);
        assert.deepEqual([r.created, r.children_created, r.rejected_rows], [1, 1, 0], JSON.stringify(r.rejected));
        r = await must(s.db, ['import', 'incident', `${file}.csv`, '--json']);
        assert.equal(r.unchanged, 1);
        fs.writeFileSync(`${file}.csv`, loss('CLI-2'));
        r = await must(s.db, ['import', 'incident', `${file}.csv`, '--set', 'state=qualification', '--json']);
        assert.equal(r.created, 1, JSON.stringify(r.rejected));
        assert.equal((await command(s.db, ['import', 'incident', `${file}.csv`, '--set', 'state=nowhere', '--json'])).code, 1);
        fs.writeFileSync(`${file}.xlsx`, workbook({
            Incidents: [['external_key', 'titre', 'description', 'unit', 'date de constat', 'amount_range'], ['CLI-3', 'Deux feuilles CLI-3', 'x', 'TN1', '2023-03-15', 'to_10k']],
            'Écritures financières': [['incident', 'kind', 'amount', 'booked_on'], ['CLI-3', 'direct_loss', '12,50 MAD', '2023-03-16']] }));
        r = await must(s.db, ['import', 'incident', `${file}.xlsx`, '--json']);
        assert.deepEqual([r.created, r.rejected_rows], [2, 0], JSON.stringify(r.rejected));
        const rows = JSON.parse(await must(s.db, ['export', 'incident', '--format', 'json']));
        const state = (key) => rows.find((i) => i.title.endsWith(key)).state;
        assert.deepEqual(['CLI-1', 'CLI-2', 'CLI-3'].map(state), ['declared', 'qualification', 'declared']);
    } finally { for (const e of ['csv', 'xlsx']) fs.rmSync(`${file}.${e}`, { force: true }); }
});
