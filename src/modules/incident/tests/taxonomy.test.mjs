// taxonomy.test.mjs: code once, report in every taxonomy: a map is drafted, its lines imported, published by a second
// person; events show their external codes, lists filter by them, the report shares sums out and loses nothing; a new
// version changes the figures of its days only; a declarant sees none of it. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { readCsv } from '../../../../tests/lib/csv.mjs';
import { visibleText } from '../../../../tests/lib/html.mjs';
import { press, until, upload } from '../../../../tests/lib/import.mjs';
import { command, must, start } from '../../../../tests/lib/server.mjs';
import { draft, everybody, incidentIn, isoDay, lists, password } from '../../../../tests/lib/world.mjs';
import { workbook } from '../../../../tests/lib/xlsx.mjs';

const report = '/reports/losses-by-taxonomy';
let s, as, l, number;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst); // ET7.1
    number = await incidentIn('open', as, l, { amount: '100.01' });
    await incidentIn('open', as, { ...l, event_type: 'ET2.2' }, { amount: '3000.00' });
    await incidentIn('open', as, { ...l, event_type: 'ET6.1' }, { amount: '77.77' });
});
after(() => s?.end());

const signedInAs = async (email) => {
    const c = new Client(s.server, { lang: 'fr', name: 'root' });
    assert.equal((await c.login(email, password)).status, 303);
    return c;
};
const rows = async (query = '', who = 'analyst') => ok(await as[who].get(`${report}.json${query && '?' + query}`)).lines.items;
const sum = (items, name) => items.reduce((n, r) => n + Math.round(100 * Number(r[name].amount)), 0);
const map = (code, extra = {}) => as.methodology.create('taxonomy_maps', { code, name_fr: `Correspondance ${code}`, name_en: `Map ${code}`, taxonomy: 'EXT', source_list: 'event_type', valid_from: '2020-01-01', ...extra });
const line = (code, source, target, share = '100', who = 'methodology') => as[who].create('taxonomy_map_lines', { map: code, source, target, share });

test('without a published version everything is not mapped, and said to be so', async () => {
    const items = await rows('taxonomy=EXT');
    assert.deepEqual(items.map((r) => r.entry), ['unmapped']);
    assert.deepEqual(items[0].codes.sort(), ['ET2.2', 'ET6.1', 'ET7.1']);
    assert.equal(sum(items, 'gross'), 317778);
    assert.deepEqual([...new Set((await rows()).map((r) => r.entry))].sort(), ['ET2', 'ET6', 'ET7'], 'the bank’s own list is the default then');
    assert.match(visibleText((await as.analyst.get(`${report}?taxonomy=EXT`)).text), /No version of the map is in force/);
});

test('lines are imported from a sheet, bad ones named by row and column, twice without a change', async () => {
    ok(await map('EXT-2020.1'), 201);
    const head = ['Table de correspondance', 'Code de la banque', 'Élément externe', 'Part'];
    const file = workbook({ Lignes: [head, ['EXT-2020.1', 'ET7.1', 'EXT-1', '33,33'], ['EXT-2020.1', 'ET7.1', 'EXT-2.1', '66,67'], ['EXT-2020.1', 'ET2', 'EXT-2.2', '100'],
        ['EXT-2020.1', 'RC1', 'EXT-1', '100'], ['EXT-2020.1', 'ET1', 'ET2', '100'], ['EXT-2020.1', 'ET1', 'EXT-1', '101'], ['RIEN', 'ET1', 'EXT-1', '1']] });
    const browser = await signedInAs(s.world.root);
    const run = await upload(browser, 'taxonomy_map_line', 'lignes.xlsx', file);
    let now = await until(browser, run, 'checked');
    const bad = readCsv((await browser.get(`/import.csv?run=${run}`)).text).map((r) => Object.values(r));
    assert.deepEqual(bad.map((r) => [Number(r[0]), r.find((x) => /Code de la banque|Élément externe|Part|Table/.test(x))]),
        [[5, 'Code de la banque'], [6, 'Élément externe'], [7, 'Part'], [8, 'Table de correspondance']], JSON.stringify(bad));
    await press(browser, 'apply', run);
    now = await until(browser, run, 'done');
    assert.deepEqual([now.created, now.rejected], [3, 4]);
    const again = await upload(browser, 'taxonomy_map_line', 'lignes.xlsx', file);
    now = await until(browser, again, 'checked');
    assert.deepEqual([now.created, now.updated, now.unchanged], [0, 0, 3]);
});

test('a version is published by somebody else, whole, and stays as it is', async () => {
    refused(await as.methodology.move('taxonomy_maps', 'EXT-2020.1', 'publish'), 403);
    ok(await line('EXT-2020.1', 'ET3.1', 'EXT-1', '60'), 201);
    refused(await as.methodology2.move('taxonomy_maps', 'EXT-2020.1', 'publish'), 422, 'share');
    const short = (await as.methodology.all('taxonomy_map_lines', 'map=EXT-2020.1&source=ET3.1'))[0];
    ok(await as.methodology.patch('taxonomy_map_lines', short.number, short.version, { share: '100' }));
    refused(await as.analyst.move('taxonomy_maps', 'EXT-2020.1', 'publish'), 403);
    const done = ok(await as.methodology2.move('taxonomy_maps', 'EXT-2020.1', 'publish'));
    assert.deepEqual([done.state, done.published_on], ['published', isoDay(0)]);
    refused(await line('EXT-2020.1', 'ET4', 'EXT-1'), 422, 'map');
    const fixed = ok(await as.methodology.one('taxonomy_map_lines', short.number));
    refused(await as.methodology.patch('taxonomy_map_lines', fixed.number, fixed.version, { share: '50' }), 422, 'map');
    refused(await as.methodology.patch('taxonomy_maps', done.number, done.version, { valid_from: '2021-01-01' }), 403);
    for (const [json, field] of [[{ taxonomy: 'EXT-1' }, 'taxonomy'], [{ taxonomy: 'ET1' }, 'taxonomy'], [{ valid_until: '2019-12-31' }, 'valid_until'], [{ source_list: 'cause' }, 'source_list'], [{ valid_from: 'hier' }, 'valid_from']])
        refused(await map('EXT-BAD', json), 422, field);
});

test('an event shows its codes, lists filter by them and export them', async () => {
    const one = ok(await as.analyst.one('incidents', number));
    assert.deepEqual(one.external_codes, ['EXT-1', 'EXT-2.1']);
    assert.deepEqual(ok(await as.analyst.get(`/api/v1/incidents/${number}?as_of=2019-06-30`), 404).external_codes, undefined);
    const page = visibleText((await as.analyst.get(`/incidents/${number}`)).text);
    assert.match(page, /External taxonomies/);
    assert.match(page, /EXT-1 External EXT-1 33\.33%/);
    assert.match(page, /Version of the map: EXT-2020\.1/);
    const found = async (query) => (await as.analyst.all('incidents', query)).map((r) => r.event_type).sort();
    assert.deepEqual(await found('external_codes=EXT-1'), ['ET7.1']);
    assert.deepEqual(await found('external_codes.under=EXT-2'), ['ET2.2', 'ET7.1']);
    assert.deepEqual(await found('external_codes.in=EXT-2.2,EXT-1'), ['ET2.2', 'ET7.1']);
    assert.deepEqual(await found('external_codes=EXT-2'), []);
    refused(await as.analyst.list('incidents', 'external_codes=RIEN'), 422, 'external_codes');
    refused(await as.analyst.list('incidents', 'external_codes.ge=EXT'), 422, 'external_codes');
    const csv = readCsv((await as.analyst.get('/incidents.csv?external_codes=EXT-1')).text);
    assert.equal(csv[0].external_codes, 'EXT-1; EXT-2.1');
    assert.match(visibleText((await as.analyst.get('/incidents?columns=number,external_codes&external_codes.under=EXT-2')).text), /EXT-2\.2 External EXT-2\.2/);
    const out = (await must(s.db, ['export', 'incident', '--filter', 'external_codes=EXT-1'])).trim().split('\n');
    assert.equal(out.length, 2);
    assert.match(out[1], /EXT-1; EXT-2\.1/);
});

test('the report shares sums out, loses nothing, names version and what is not mapped', async () => {
    const items = await rows('level=detail'), basel = await rows('taxonomy=event_type');
    assert.deepEqual(items.map((r) => [r.entry, r.gross.amount, r.version]), [['EXT-1', '33.33', 'EXT-2020.1'], ['EXT-2.1', '66.68', 'EXT-2020.1'], ['EXT-2.2', '3000.00', 'EXT-2020.1'], ['unmapped', '77.77', 'EXT-2020.1']]);
    assert.deepEqual(items.at(-1).codes, ['ET6.1']);
    for (const query of ['taxonomy=EXT', 'taxonomy=EXT&level=2', 'taxonomy=EXT&version=EXT-2020.1', 'taxonomy=risk_category']) {
        const other = await rows(query);
        for (const name of ['gross', 'recoveries', 'net']) assert.equal(sum(other, name), sum(basel, name), `${query} ${name}`);
    }
    assert.deepEqual(items.map((r) => r.count), [1, 1, 1, 1], 'a shared event counts in each of its entries');
    assert.deepEqual((await rows('taxonomy=risk_category')).reduce((n, r) => n + r.count, 0), 3);
    const page = await as.analyst.get(`${report}?taxonomy=EXT`), text = visibleText(page.text);
    assert.match(text, /Version of the map: EXT-2020\.1/);
    assert.match(text, /Codes that are not mapped.*ET6\.1/);
    assert.ok(page.text.length < 60000, `${page.text.length}`);
    const links = [...page.text.matchAll(/href="(\/incidents\?[^"]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&'));
    const opened = await Promise.all(links.filter((h) => /external_codes|event_type/.test(h)).map(async (h) => ok(await as.analyst.get(h.replace('?', '.json?'))).items.map((r) => r.event_type).sort().join()));
    assert.deepEqual(opened.slice(0, 3), ['ET7.1', 'ET2.2,ET7.1', 'ET6.1']);
    for (const [query, field] of [['taxonomy=RIEN', 'taxonomy'], ['taxonomy=EXT-1', 'taxonomy'], ['taxonomy=EXT&version=X', 'version'], ['taxonomy=event_type&version=EXT-2020.1', 'version'], ['level=4', 'level'], ['as_of=hier', 'as_of'], ['period=x', 'period']])
        refused(await as.analyst.get(`${report}.json?${query}`), 422, field);
    assert.match((await as.analyst.get(`${report}.csv`)).text, /^.?entry,codes,count/);
    assert.equal((await as.analyst.get(`${report}.xlsx`)).status, 200);
});

test('a new version begins with the lines of the old one and rules from its day on', async () => {
    const later = isoDay(-30);
    ok(await map('EXT-2020.2', { valid_from: later, copy_of: 'EXT-2020.1' }), 201);
    assert.equal((await as.methodology.all('taxonomy_map_lines', 'map=EXT-2020.2')).length, 4);
    ok(await line('EXT-2020.2', 'ET6', 'EXT-1'), 201);
    ok(await as.methodology2.move('taxonomy_maps', 'EXT-2020.2', 'publish'));
    assert.deepEqual((await rows('level=detail')).map((r) => r.version), Array(4).fill('EXT-2020.1'), 'not yet in force');
    const items = await rows('version=EXT-2020.2');
    assert.deepEqual(items.map((r) => [r.entry, r.gross.amount]), [['EXT-1', '111.10'], ['EXT-2', '3066.68'], ['unmapped', '0.00']]);
    ok(await as.methodology.move('taxonomy_maps', 'EXT-2020.2', 'withdraw', { reason: 'Essai' }));
    assert.match(visibleText((await as.analyst.get(`${report}?version=EXT-2020.2`)).text), /EXT-2020\.2 \(withdrawn\)/);
});

test('a declarant never sees an external code; others see what their rights give', async () => {
    const own = ok(await as.plain.create('incidents', draft()), 201).number;
    for (const body of [ok(await as.plain.one('incidents', own)), ok(await as.plain.one('incidents', number)), ok(await as.plain.list('incidents', 'limit=1')).items[0]])
        assert.ok(!('external_codes' in body));
    assert.doesNotMatch((await as.plain.get(`/incidents/${number}`)).text, /External taxonomies|EXT-/);
    assert.doesNotMatch((await as.plain.get('/incidents.csv')).text, /external_codes/);
    refused(await as.plain.list('incidents', 'external_codes=EXT-1'), 422, 'external_codes');
    assert.equal((await as.plain.get(report)).status, 403);
    refused(await as.plain.one('taxonomy_maps', 'EXT-2020.1'), 404);
    assert.equal(sum(await rows('taxonomy=EXT', 'corr_south'), 'gross'), 0);
    refused(await as.analyst.create('taxonomy_maps', { code: 'X', name_fr: 'x', taxonomy: 'EXT', source_list: 'event_type', valid_from: '2020-01-01' }), 403);
});

test('maps go out and come in by the command line', async () => {
    const file = (name, text) => { const f = path.join(s.db.dir ?? '/tmp', `${process.pid}-${name}`); fs.writeFileSync(f, text); return f; };
    const maps = file('maps.csv', 'code;name_fr;taxonomy;source_list;valid_from\nEXT-2030.1;Essai;EXT;risk_category;2030-01-01\n');
    const lines = file('lines.csv', 'map;source;target;share\nEXT-2030.1;RC1;EXT-1;12,5\nEXT-2030.1;RC1;EXT-2;87,5\n');
    try {
        const early = JSON.parse((await command(s.db, ['import', 'taxonomy_map', maps, '--set', 'state=published', '--json'])).stdout || '{}');
        assert.notEqual(early.created, 1, 'a version without lines is not published');
        assert.equal((await must(s.db, ['import', 'taxonomy_map', maps, '--json'])).created, 1);
        assert.equal((await must(s.db, ['import', 'taxonomy_map_line', lines, '--json'])).created, 2);
        assert.equal(ok(await as.methodology2.move('taxonomy_maps', 'EXT-2030.1', 'publish')).state, 'published');
        assert.match(await must(s.db, ['export', 'taxonomy_map_line', '--filter', 'map=EXT-2030.1']), /RC1,EXT-1,12\.50/);
        assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    } finally { for (const f of [maps, lines]) fs.rmSync(f, { force: true }); }
});
