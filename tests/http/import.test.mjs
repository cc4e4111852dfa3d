// import.test.mjs: imports over HTTP and by command, on a bank's own sheets made here: ten years of losses with their
// entries in a workbook, another bank's CSV in Windows-1252; bad rows with reasons, twice without a change, released by a
// second person, taken back. Large files: import_large.test.mjs. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { readCsv } from '../lib/csv.mjs';
import { forms, visibleText } from '../lib/html.mjs';
import { press, proven, signedIn, state, tokens, total, until, upload } from '../lib/import.mjs';
import { Database, command, engine, must, start, template } from '../lib/server.mjs';
import { everybody } from '../lib/world.mjs';
import { multipart, workbook } from '../lib/xlsx.mjs';
import { unzip } from '../lib/zip.mjs';

let s, as, analyst, analyst2, dir;

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-import-'));
    s = await start('bank');
    as = everybody(s.server, s.world);
    analyst = await signedIn(s.server, 'analyst');
    // Only one analyst has a password; the other one acts with a token, which may also use pages.
    analyst2 = new Client(s.server, { token: s.world.tokens.analyst2, lang: 'fr' });
});
after(async () => {
    closeConnections();
    await s.end();
    fs.rmSync(dir, { recursive: true, force: true });
});

// ---- a bank's own sheet ----

const day = (y, m, d) => new Date(Date.UTC(y, m - 1, d));
// Ten years, some months with several losses; amounts in centimes so that sums are exact.
function bankSheet() {
    const losses = [['Référence', 'Intitulé de la perte', 'Faits', 'Date de survenance', 'Date de découverte', 'Agence', 'Catégorie', 'Ligne métier', 'Situation']];
    const entries = [['Perte', 'N° écriture', 'Nature', 'Montant', 'Devise', 'Comptabilisé le', 'Validation']];
    const kinds = ['Fraude externe', 'ET7.1', 'Pratiques en matière d’emploi et sécurité sur le lieu de travail'];
    const expected = { losses: 0, entries: 0, gross: 0, recovered: 0, badLosses: [], badEntries: [] };
    let n = 0, line = 1;
    for (let year = 2016; year <= 2025; year++)
        for (let month = 1; month <= 12; month++) {
            n++;
            line++;
            const key = `SIN-${year}-${String(month).padStart(2, '0')}`, bad = month === 7;
            losses.push([key, `Écart de caisse ${key}`, 'Différence constatée à l’arrêté.\nDeuxième ligne : « à régulariser ».', day(year, month, 3),
                bad ? 'le 12 du mois' : day(year, month, 12), month === 9 ? 'Ancienne agence' : `Unité ${month % 2 ? 'TN1' : 'TS1'}`, 'ET7.1', 'BL3', 'qualification']);
            if (bad) expected.badLosses.push(line); else expected.losses++;
            const cents = 100000 + n * 137;
            for (const [k, [nature, part]] of [['Perte directe', cents], ['Récupération directe', month === 3 ? 25000 : 0]].entries()) {
                if (!part) continue;
                const row = entries.length + 1, wrong = year === 2020 && month === 5;
                entries.push([key, `${key}-${k}`, nature, wrong ? 'mille' : part / 100, 'MAD', day(year, month, 20), 'accepted']);
                if (bad || wrong) expected.badEntries.push(row);
                else { expected.entries++; expected[k ? 'recovered' : 'gross'] += part; }
            }
        }
    entries.push(['SIN-1999-01', 'X-1', 'Perte directe', 10, 'MAD', day(2016, 1, 1), 'accepted']);
    expected.badEntries.push(entries.length);
    return { bytes: workbook({ 'Pertes brutes': losses, Ecritures: entries, 'À lire': [['Mode d’emploi'], ['Ne pas modifier.']] }), expected };
}

const chosen = { // sheet 0 and 1, by their columns
    's0.type': 'incident', 's0.c0': 'external_key', 's0.c1': 'title', 's0.c2': 'description', 's0.c3': 'occurred_on', 's0.c4': 'discovered_on', 's0.c5': 'unit', 's0.c6': 'event_type',
    's0.c7': 'business_line', 's0.c8': 'state', 's0.d.amount_range': 'to_10k', 's0.d.event_kind': 'loss',
    's1.type': 'financial_entry', 's1.c0': 'incident', 's1.c1': 'external_key', 's1.c2': 'kind', 's1.c3': 'amount', 's1.c4': 'amount.currency', 's1.c5': 'booked_on', 's1.c6': 'state',
    's1.d.status': 'booked', 's2.type': '',
};

test('the French template has the columns of the list, its entries on a second sheet and values to choose', async () => {
    const reply = await analyst.get('/import/template?type=incident');
    assert.equal(reply.status, 200);
    assert.match(reply.headers['content-disposition'], /incidents-fr\.xlsx/);
    const parts = unzip(reply.body), all = Object.values(parts).join('\n');
    for (const words of ['Écritures financières', 'Titre', 'Date de détection', 'Clé dans le système source']) assert.ok(all.includes(words), words);
    assert.match(Object.entries(parts).filter(([n]) => n.includes('sheet')).map(([, t]) => t).join(), /dataValidation[^>]*type="list"/);
    assert.equal((await analyst.get('/import/template?type=user')).status, 404);
});

test('a list that somebody may not import is neither offered nor taken', async () => {
    const plain = await signedIn(s.server, 'plain');
    assert.equal((await plain.get('/import')).status, 403);
    const { body, headers } = multipart({ ...(await tokens(analyst)), type: 'user' }, { field: 'file', name: 'u.csv', bytes: 'email,name\na@b.c,A\n' });
    const reply = await analyst.post('/import', { body, headers });
    assert.equal(reply.status, 422);
    assert.match(visibleText(reply.text), /Vous ne pouvez pas importer dans cette liste/);
});

test('ten years of a bank’s own losses with their entries: columns chosen, values named, released by a second person', async () => {
    const { bytes, expected } = bankSheet();
    const run = await upload(analyst, 'incident', 'pertes.xlsx', bytes, { takeover: 'true' });
    await until(analyst, run, ['refused', 'checked']);
    // The page offers every column with its first values.
    const page = await analyst.get(`/import/columns?run=${run}`);
    assert.match(visibleText(page.text), /Intitulé de la perte/);
    assert.match(visibleText(page.text), /Écart de caisse SIN-2016-01/);
    const form = forms(page.text).find((f) => f.action === '/import/columns' && f.controls['s0.c0']);
    const send = (fields) => analyst.post('/import/columns', { form: { ...form.fields, run, ...chosen, save_as: 'Pertes de la banque', ...fields } });
    const twice = await send({ 's0.c7': 'title' });
    assert.equal(twice.status, 422);
    assert.match(visibleText(twice.text), /Une autre colonne remplit déjà ce champ/);
    assert.equal((await send({ _key: 'second' })).status, 303);
    let now = await until(analyst, run, 'checked');
    // One agency is not known: the page asks what it means.
    const ten = 10 * 1;
    assert.equal(now.rejected, expected.badLosses.length + ten + expected.badEntries.length + 10, 'rows of the closed agency with their entries, too');
    const values = await analyst.get(`/import/columns?run=${run}`);
    assert.match(visibleText(values.text), /« Ancienne agence » dans la colonne Agence/);
    const again = forms(values.text).find((f) => f.action === '/import/columns' && f.controls['s0.c0']);
    assert.equal(again.fields['s0.c1'], 'title', 'what was chosen stays chosen');
    assert.equal(again.fields['s0.d.amount_range'], 'to_10k');
    assert.equal((await analyst.post('/import/columns', { form: { ...again.fields, run, v0: 'TN2', _key: 'third' } })).status, 303);
    now = await until(analyst, run, 'checked');
    assert.equal(now.created, expected.losses + expected.entries);
    assert.equal(now.rejected, expected.badLosses.length + expected.badEntries.length);
    // Bad rows with sheet, column and reason; also as CSV.
    const rejected = readCsv((await analyst.get(`/import.csv?run=${run}`)).text);
    const rows = (sheet) => rejected.filter((r) => Object.values(r).includes(sheet)).map((r) => Number(Object.values(r)[0]));
    assert.deepEqual([...new Set(rows('Pertes brutes'))], expected.badLosses);
    assert.deepEqual([...new Set(rows('Ecritures'))].sort((a, b) => a - b), expected.badEntries);
    assert.ok(rejected.some((r) => Object.values(r).includes('Date de découverte')), 'the column as the file calls it');
    // Nothing is saved before a second person has released it; the first may not.
    assert.equal(await total(as.analyst, 'incidents'), 0);
    await press(analyst, 'apply', run, 403);
    await press(analyst, 'ask', run);
    await press(analyst, 'release', run, 403);
    assert.equal((await (await signedIn(s.server, 'committee')).get(`/import?run=${run}`)).status, 403);
    assert.match(visibleText((await analyst2.get('/import')).text), /pertes\.xlsx/);
    await press(analyst2, 'release', run);
    now = await until(analyst, run, 'done');
    assert.equal(now.created, expected.losses + expected.entries);
    const incidents = await as.analyst.all('incidents', '', 500), entries = await as.analyst.all('financial_entries', '', 500);
    assert.equal(incidents.length, expected.losses);
    assert.equal(entries.length, expected.entries);
    assert.ok(incidents.every((i) => i.state === 'qualification'), 'the state that the file gives');
    assert.ok(entries.every((e) => e.state === 'accepted'));
    const cents = (kind) => entries.filter((e) => e.kind === kind).reduce((n, e) => n + Math.round(Number(e.amount.amount) * 100), 0);
    assert.equal(cents('direct_loss'), expected.gross);
    assert.equal(cents('direct_recovery'), expected.recovered);
    const gross = incidents.reduce((n, i) => n + Math.round(Number(i.gross?.amount ?? 0) * 100), 0);
    assert.equal(gross, expected.gross, 'the sums of the incidents');
    assert.equal(incidents.filter((i) => i.unit === 'TN2').length, 10);
    const history = ok(await as.analyst.get(`/api/v1/incidents/${incidents[0].number}/history`));
    assert.match(JSON.stringify(history), new RegExp(`Import ${run}, pertes.xlsx`));
    assert.match(JSON.stringify(history), /Test analyst2/, 'the history names who released it');
    await proven(s.db);
});

test('the same sheet again, with the saved map: nothing changes', async () => {
    const { bytes, expected } = bankSheet();
    const run = await upload(analyst, 'incident', 'pertes.xlsx', bytes, { takeover: 'true', map: 'Pertes de la banque' });
    const now = await until(analyst, run, 'checked');
    assert.equal(now.created + now.updated, 0);
    assert.equal(now.unchanged, expected.losses + expected.entries);
    assert.match(visibleText((await analyst.get(`/import?run=${run}`)).text), /Le fichier ne change rien/);
    await press(analyst, 'ask', run);
    const before = await must(s.db, ['export', 'incident', '--format', 'json']);
    await press(analyst2, 'release', run);
    await until(analyst, run, 'done');
    assert.equal(await must(s.db, ['export', 'incident', '--format', 'json']), before);
    // The command takes the same map by its name.
    const file = path.join(dir, 'pertes.xlsx');
    fs.writeFileSync(file, bytes);
    const done = await must(s.db, ['import', 'incident', file, '--map', 'Pertes de la banque', '--dry-run', '--json']);
    assert.equal(done.unchanged, expected.losses + expected.entries);
    assert.equal(done.created + done.updated, 0);
});

test('what was imported is taken back, but not what somebody has worked on', async () => {
    const losses = await as.analyst.all('incidents', '', 500), kept = losses[5];
    ok(await as.analyst.patch('incidents', kept.number, kept.version, { title: 'Revu par l’analyste' }));
    const run = /run=(\d+)/.exec((await analyst.get('/import')).text.match(/href="\/import\?run=\d+"/g).at(-1))[1];
    assert.equal((await state(analyst, run)).state, 'done');
    assert.match(visibleText((await analyst.get(`/import/undo?run=${run}`)).text), /Ce qui a été modifié depuis reste/);
    await press(analyst, 'undo', run);
    const now = await until(analyst, run, 'undone');
    const left = await as.analyst.all('incidents', '', 500);
    assert.deepEqual(left.map((i) => i.number), [kept.number]);
    assert.equal(left[0].title, 'Revu par l’analyste');
    assert.equal(now.kept, 1);
    assert.equal(await total(as.analyst, 'financial_entries'), 0);
    assert.match(visibleText((await analyst.get(`/import?run=${run}`)).text), new RegExp(kept.number));
    await press(analyst, 'undo', run, 409);
    await proven(s.db);
});

// ---- by command ----

const oldMap = `type incident
key external_key = "CP-" + Num
field title = Libelle
field description = first(Commentaire, Libelle)
field discovered_on = date([Date constat])
field occurred_on = date([Date constat])
field unit = lookup(Code agence, agences)
field event_type = "ET7.1"
field business_line = "BL3"
field amount_range = "to_10k"
field event_kind = "loss"
state qualification
value agences: "001" -> TN1
value agences: "002" -> TS1
child financial_entry when positive(Montant)
  state accepted
  field kind = "direct_loss"
  field status = "booked"
  field amount = money(Montant, 1, MAD)
  field booked_on = date([Date constat])
end
`;
function oldCsv(n) {
    const lines = ['Num;Libelle;Commentaire;Date constat;Code agence;Montant'];
    let cents = 0;
    for (let i = 1; i <= n; i++) {
        const amount = 100000 + i * 7;
        const bad = i % 100 === 0;
        lines.push(`${i};Dépôt erroné n° ${i};"Première ligne ;\r\nseconde « ligne »";${String(1 + i % 28).padStart(2, '0')}/${String(1 + i % 12).padStart(2, '0')}/${2015 + i % 10};${bad ? '999' : i % 2 ? '001' : '002'};${(amount / 100).toFixed(2).replace('.', ',')}`);
        if (!bad) cents += amount;
    }
    // Windows-1252: « » are one byte each, as are accents.
    return { bytes: Buffer.from(lines.join('\r\n') + '\r\n', 'latin1'), cents, bad: Math.floor(n / 100) };
}

test('a CSV in Windows-1252 with ; and decimal comma by command: totals, bad rows, twice', async () => {
    const { bytes, cents, bad } = oldCsv(300);
    const csv = path.join(dir, 'ancien.csv'), map = path.join(dir, 'ancien.map');
    fs.writeFileSync(csv, bytes);
    fs.writeFileSync(map, oldMap);
    const dry = await must(s.db, ['import', 'incident', csv, '--map', map, '--dry-run', '--json']);
    assert.deepEqual([dry.read, dry.created, dry.rejected_rows], [300, 300 - bad, bad]);
    assert.equal(dry.rejected[0].column, 'Code agence');
    const none = await command(s.db, ['import', 'incident', csv, '--map', map, '--all-or-nothing', '--json']);
    assert.equal(none.code, 1);
    assert.equal((await as.analyst.list('incidents', 'external_key=CP-1')).json.items.length, 0);
    const done = await must(s.db, ['import', 'incident', csv, '--map', map, '--save-map', 'Ancien outil', '--json']);
    assert.deepEqual([done.created, done.children_created, done.rejected_rows], [300 - bad, 300 - bad, bad]);
    const entries = (await as.analyst.all('financial_entries', '', 500)).filter((e) => e.external_key?.startsWith('CP-'));
    assert.equal(entries.reduce((n, e) => n + Math.round(Number(e.amount.amount) * 100), 0), cents);
    const one = (await as.analyst.list('incidents', 'external_key=CP-7')).json.items[0];
    assert.equal(one.title, 'Dépôt erroné n° 7');
    assert.match(ok(await as.analyst.one('incidents', one.number)).description, /Première ligne ;\r?\nseconde « ligne »/);
    const again = await must(s.db, ['import', 'incident', csv, '--map', 'Ancien outil', '--json']);
    assert.deepEqual([again.created, again.updated, again.unchanged], [0, 0, 300 - bad]);
    // UTF-16 and UTF-8 with commas say the same.
    const text = bytes.toString('latin1');
    for (const [name, other] of [['utf16.csv', Buffer.from('\ufeff' + text, 'utf16le')], ['utf8.csv', Buffer.from(text)]]) {
        fs.writeFileSync(path.join(dir, name), other);
        const same = await must(s.db, ['import', 'incident', path.join(dir, name), '--map', map, '--dry-run', '--json']);
        assert.deepEqual([same.created, same.updated, same.unchanged], [0, 0, 300 - bad], name);
    }
    const list = await must(s.db, ['import', 'list', '--json']);
    const id = list.find((r) => r.file === 'ancien.csv' && r.created > 0).id;
    ok(await as.analyst.patch('incidents', one.number, one.version, { title: 'Revu depuis' }));
    const undone = await must(s.db, ['import', 'undo', String(id), '--json']);
    assert.equal(undone.undone, 2 * (300 - bad) - 1);
    assert.deepEqual([undone.kept, undone.left.map((r) => `${r.type} ${r.number}`)], [1, [`incident ${one.number}`]], 'what stays is named');
    assert.match(undone.left[0].reason, /changed/);
    assert.equal((await command(s.db, ['import', 'undo', String(id)])).code, 1);
    await proven(s.db);
});

test('a command takes back what a killed one had left before it matches its own rows', async () => {
    const db = new Database(engine).create((await template('bank')).db);
    const file = path.join(dir, 'taux.csv');
    fs.writeFileSync(file, 'currency;against;day;rate;source\nUSD;MAD;1995-01-02;8,5;relevé\nUSD;MAD;1995-01-03;8,6;relevé\n');
    try {
        assert.equal((await must(db, ['import', 'rate', file, '--json'])).created, 2);
        db.sql("UPDATE import_run SET state = 'running', lease_until = 0");
        assert.deepEqual((({ created, unchanged }) => [created, unchanged])(await must(db, ['import', 'rate', file, '--json'])), [2, 0]);
        assert.deepEqual((await must(db, ['import', 'list', '--json'])).map((r) => r.state), ['done', 'undone']);
        await proven(db);
    } finally { db.drop(); }
});
