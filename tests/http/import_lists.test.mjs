// import_lists.test.mjs: the lists a bank brings on its first day, in the browser from the French template: units,
// processes, people with their invitation, roles, rates, taxonomies; a bad row with column and reason, twice without a
// change, taken back. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { readCsv } from '../lib/csv.mjs';
import { forms, visibleText } from '../lib/html.mjs';
import { press, proven, tokens, until, upload } from '../lib/import.mjs';
import { start } from '../lib/server.mjs';
import { SmtpServer, certificate } from '../lib/smtp.mjs';
import { everybody, password } from '../lib/world.mjs';
import { workbook } from '../lib/xlsx.mjs';
import { unzip } from '../lib/zip.mjs';

const origin = 'https://risque.banque.example';
let s, as, root, second, smtp, cert;
before(async () => {
    cert = certificate();
    smtp = await new SmtpServer({ ...cert }).start();
    s = await start('bank', { env: { GARDEFOU_ORGANISATION: 'Banque de test', GARDEFOU_PUBLIC_URL: origin, GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`,
        GARDEFOU_MAIL_USER: smtp.user, GARDEFOU_MAIL_PASSWORD: smtp.password, GARDEFOU_MAIL_FROM: 'risk@bank.test', GARDEFOU_MAIL_CA: cert.ca } });
    as = everybody(s.server, s.world, { check: false });
    root = new Client(s.server, { lang: 'fr', name: 'root' });
    assert.equal((await root.login(s.world.root, password)).status, 303);
    second = new Client(s.server, { token: s.world.tokens.methodology2, lang: 'fr' });
});
after(async () => {
    closeConnections();
    await s?.end();
    await smtp?.stop();
    cert?.end();
});

// The headers of the template's first sheet.
async function template(type) {
    const reply = await root.get(`/import/template?type=${type}`);
    assert.equal(reply.status, 200, type);
    const parts = unzip(reply.body), text = (x) => [...x.matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map((m) => m[1]).join('').replace(/&amp;/g, '&').replace(/&apos;|&#39;/g, '’');
    const strings = [...String(parts['xl/sharedStrings.xml']).matchAll(/<si>(.*?)<\/si>/gs)].map((m) => text(m[1]));
    const first = /<row r="1".*?<\/row>/s.exec(String(parts['xl/worksheets/sheet1.xml']))[0];
    return [...first.matchAll(/<c [^>]*t="s"[^>]*><v>(\d+)<\/v>/g)].map((m) => strings[Number(m[1])]);
}
// A sheet with the template's headers, filled by {header without *: value}.
const sheet = (headers, rows) => workbook({ Feuille: [headers, ...rows.map((r) => headers.map((h) => r[h.replace(/ \*$/, '')] ?? ''))] });
const day = (y, m, d) => new Date(Date.UTC(y, m - 1, d));

const lists = [
    { type: 'unit', plural: 'units', rows: [{ Code: 'CASA9', 'Nom en français': 'Agence Anfa', 'Rattachée à': 'TNORTH · Unité TNORTH', Entité: 'TST', 'Nature de l’unité': 'Agence' }, { Code: 'CASA10', 'Nom en français': 'Guichet Anfa', 'Rattachée à': 'CASA9', Entité: 'TST' }],
      bad: { Code: 'CASA11', 'Nom en français': 'Perdue', 'Rattachée à': 'NULLE-PART', Entité: 'TST' }, column: 'Rattachée à', back: true },
    { type: 'process', plural: 'processes', rows: [{ Code: 'P-CRED', 'Nom en français': 'Octroi de crédit' }, { Code: 'P-CRED-1', 'Nom en français': 'Étude du dossier' }], bad: { Code: 'P-X' }, column: 'Nom en français', back: true },
    { type: 'user', plural: 'users', rows: [{ 'E-mail': 'amina@banque.example', Nom: 'Amina Bennis', Unité: 'TN1', Langue: 'Français' }, { 'E-mail': 'omar@banque.example', Nom: 'Omar Alaoui', Unité: 'Unité TS1', Langue: 'العربية' }],
      bad: { 'E-mail': 'pas une adresse', Nom: 'Personne' }, column: 'E-mail' },
    { type: 'role_assignment', plural: 'role_assignments', rows: [{ Personne: 'amina@banque.example', Rôle: 'Correspondant risques', 'Pour l’unité et ses rattachements': 'TN1', De: day(2026, 1, 1) }],
      bad: { Personne: 'inconnu@banque.example', Rôle: 'Correspondant risques' }, column: 'Personne', back: true },
    { type: 'rate', plural: 'rates', rows: [{ Devise: 'EUR', Contre: 'MAD', Date: day(2019, 3, 4), Cours: '10,8512', Source: 'BAM' }, { Devise: 'EUR', Contre: 'MAD', Date: day(2019, 3, 5), Cours: 10.8433, Source: 'BAM' }],
      bad: { Devise: 'EUR', Contre: 'MAD', Date: 'hier', Cours: 10 }, column: 'Date', back: true },
    { type: 'holiday', plural: 'holidays', two: true, rows: [{ Calendrier: 'MA', 'Nom en français': 'Aïd Al Fitr 2027', Quand: 'Une fois, à une date', Date: day(2027, 3, 10), 'Nombre de jours': 2, Certitude: 'Prévu, à confirmer', Source: 'Annonce attendue' }, { Calendrier: 'MA', 'Nom en français': 'Fermeture des agences', Quand: 'Chaque année à cette date', Date: day(2027, 8, 1), 'Nombre de jours': 1 }],
      bad: { Calendrier: 'MA', 'Nom en français': 'Sans date', Quand: 'Une fois, à une date', 'Nombre de jours': 1 }, column: 'Date', back: true },
    { type: 'taxon', plural: 'taxons', two: true, rows: [{ Liste: 'Cause', Code: 'CZ9', 'Nom en français': 'Grève des transports' }, { Liste: 'Cause', Code: 'CZ9.1', 'Nom en français': 'Trains', 'Élément parent': 'CZ9' }],
      bad: { Liste: 'Cause', Code: 'CZ9.2', 'Nom en français': 'Bus', 'Élément parent': 'RIEN' }, column: 'Élément parent', back: true },
];

for (const l of lists) test(`${l.type}: template, import, bad row, again, taken back`, async () => {
    const headers = await template(l.type), names = headers.map((h) => h.replace(/ \*$/, ''));
    const known = new Set(names);
    for (const row of [...l.rows, l.bad]) for (const name of Object.keys(row)) assert.ok(known.has(name), `${name} is no column of ${names.join(' | ')}`);
    const bytes = sheet(headers, [...l.rows, l.bad]), count = async () => (await as.root.all(l.plural, '', 500)).length, before = await count();
    const run = await upload(root, l.type, `${l.type}.xlsx`, bytes);
    let now = await until(root, run, 'checked');
    const rejected = readCsv((await root.get(`/import.csv?run=${run}`)).text).map((r) => Object.values(r));
    assert.deepEqual([now.created, now.rejected], [l.rows.length, 1], JSON.stringify(rejected));
    assert.ok(rejected[0].map((x) => x.replace(/ \*$/, '')).includes(l.column), JSON.stringify(rejected));
    assert.equal(Number(rejected[0][0]), l.rows.length + 2, 'the row as Excel counts it');
    if (l.two) {
        await press(root, 'ask', run);
        await press(second, 'release', run);
    } else await press(root, 'apply', run);
    now = await until(root, run, 'done');
    assert.equal(now.created, l.rows.length);
    assert.equal(await count(), before + l.rows.length);
    const again = await upload(root, l.type, `${l.type}.xlsx`, bytes);
    now = await until(root, again, 'checked');
    assert.deepEqual([now.created, now.updated, now.unchanged], [0, 0, l.rows.length]);
    if (!l.back) return;
    await press(root, 'undo', run);
    now = await until(root, run, 'undone');
    assert.equal(now.kept, 0);
    assert.equal(await count(), before);
});

test('people who were imported get in with the link of their mail, once', async () => {
    const mail = await smtp.wait((m) => m.to.includes('amina@banque.example'));
    assert.match(mail.headers.subject, /Votre compte chez Banque de test/);
    assert.doesNotMatch(mail.text, /undefined|: \n/);
    const link = new RegExp(`${origin}(/welcome/[A-Za-z0-9_-]{40,})`).exec(mail.text)[1];
    const amina = new Client(s.server, { lang: 'fr' });
    assert.equal((await amina.login('amina@banque.example', 'whatever it is 12')).status, 422, 'no way in without it');
    const page = await amina.get(link), form = forms(page.text).find((f) => f.action === link);
    assert.equal(page.status, 200);
    assert.equal((await amina.post(link, { form: { ...form.fields, password: 'une phrase assez longue', again: 'une phrase assez longue' } })).status, 303);
    assert.equal((await amina.get('/account')).status, 200, 'signed in');
    assert.equal((await new Client(s.server, { lang: 'fr' }).get(link)).status, 404, 'it works once');
    const fresh = new Client(s.server, { lang: 'fr' });
    assert.equal((await fresh.login('amina@banque.example', 'une phrase assez longue')).status, 303);
    const arabic = await smtp.wait((m) => m.to.includes('omar@banque.example'));
    assert.match(arabic.html, /dir="rtl"/);
});

test('an administrator sees who is left, invites again, or makes links to hand out', async () => {
    const list = await root.get('/invitations');
    assert.match(visibleText(list.text), /omar@banque\.example/);
    assert.doesNotMatch(visibleText(list.text), /amina@banque\.example/);
    assert.equal((await as.analyst.get('/invitations')).status, 403);
    const rows = ok(await root.get('/invitations.json')), omar = rows.items.find((r) => r.email === 'omar@banque.example');
    assert.equal(omar.state, 'invited');
    const first = /\/welcome\/[A-Za-z0-9_-]{40,}/.exec((await smtp.wait((m) => m.to.includes('omar@banque.example'))).text)[0];
    const id = /name="?number"? value="(\d+)"/.exec(list.text.slice(list.text.lastIndexOf('<tr', list.text.indexOf('omar@banque.example'))));
    const number = id[1], t = await tokens(root, '/invitations');
    const made = await root.post('/invitations/links', { form: { ...t, number } });
    assert.equal(made.status, 200, visibleText(made.text).slice(-300));
    const link = new RegExp(`${origin}(/welcome/[A-Za-z0-9_-]{40,})`).exec(made.text)[1];
    assert.equal((await root.get(first)).status, 404, 'the earlier link opens nothing any more');
    assert.equal((await new Client(s.server, { lang: 'fr' }).get(link)).status, 200);
    s.db.sql('UPDATE one_time SET expires_at = 1000');
    assert.equal((await new Client(s.server, { lang: 'fr' }).get(link)).status, 404, 'it expires');
    assert.match(visibleText((await root.get('/invitations')).text), /Expirée/);
    const sent = smtp.mails.length;
    assert.equal((await root.post('/invitations', { form: { ...(await tokens(root, '/invitations')), do: 'mail', number } })).status, 303);
    await smtp.wait((m) => m.to.includes('omar@banque.example') && smtp.mails.indexOf(m) >= sent);
    assert.equal((await root.post('/invitations/links', { form: await tokens(root, '/invitations') })).status, 422);
    const analyst = new Client(s.server, { lang: 'fr' });
    assert.equal((await analyst.login('analyst@test.example', password)).status, 303);
    assert.equal((await analyst.post('/invitations/links', { form: { ...(await tokens(analyst, '/account')), number } })).status, 403);
    await proven(s.db);
});
