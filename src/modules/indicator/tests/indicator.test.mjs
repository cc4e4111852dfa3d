// indicator.test.mjs: values by hand, from a file and pushed by a program, over HTTP; what is refused names the value;
// a breach is acknowledged, analysed, handled; who may not see an indicator cannot give it a value.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { command, start } from '../../../../tests/lib/server.mjs';
import { email, everybody, twoPersons } from '../../../../tests/lib/world.mjs';
import { filledIn, multipart } from '../../../../tests/lib/xlsx.mjs';
import { unzip } from '../../../../tests/lib/zip.mjs';

let s, as;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world); });
after(() => s?.end());

// The month n months before this one, and "2026-03" of it.
const month = (n) => { const d = new Date(); d.setUTCDate(1); d.setUTCMonth(d.getUTCMonth() - n); return d.toISOString().slice(0, 7); };
const push = (who, values, { reason, key = randomUUID() } = {}) => who.request('POST', '/indicator-push', { json: { values, reason }, headers: { 'idempotency-key': key, accept: 'application/json' } });
const use = async (definition, unit, provider) => ok(await as.analyst.create('indicators', { definition, unit, provider: email(provider), reviewer: email('analyst2'), active_from: '2024-01-01' }), 201).number;
const codes = (reply) => reply.json.issues.map((i) => `${i.field} ${i.code}`);

test('the catalogue is there in three languages, with thresholds and their rationale', async () => {
    const all = await as.analyst.all('indicator_definitions');
    assert.ok(all.length >= 38, `${all.length} definitions`);
    assert.ok(all.every((d) => d.name_fr && d.name_en && d.name_ar));
    const thresholds = await as.analyst.all('indicator_thresholds');
    assert.equal(thresholds.length, all.length);
    assert.ok(thresholds.every((t) => t.state === 'approved' && t.rationale.length > 20));
    assert.ok(thresholds.every((t) => t.rationale_en.length > 20 && /[\u0600-\u06ff]{2}/.test(t.rationale_ar)));
    // A reader sees it in their language; what nobody translated is shown as it was written.
    const own = { fr: 'Ce qui manque', en: 'What is missing is never green', ar: 'ما ينقص ليس أخضر أبدا' };
    ok(await as.analyst.create('indicator_thresholds', { definition: 'A10', valid_from: '2016-01-01', reason: 'expert', rationale: 'Bornes revues', amber: 4, red: 12 }), 201);
    for (const lang of Object.keys(own)) {
        const page = (await new Client(s.server, { token: s.world.tokens.analyst, lang, check: false }).get('/indicator_definitions/A10', { accept: 'text/html' })).text;
        for (const [l, text] of Object.entries(own)) assert.equal(page.includes(text), l === lang, `${text} for a reader in ${lang}`);
        assert.ok(page.includes('Bornes revues'));
    }
});

test('pushed by a program: judged, the same again changes nothing, a correction needs a reason and keeps the old value', async () => {
    const number = await use('K13', 'TN1', 'corr_north');
    const values = [3, 2, 1].map((n, i) => ({ code: 'K13', unit: 'TN1', period: month(n), value: ['99.91', '99.6', '99.2'][i] }));
    const first = await push(as.corr_north, values);
    assert.ok([200, 303].includes(first.status), first.text);
    let one = ok(await as.analyst.one('indicators', number));
    assert.equal(one.colour, 'red');
    assert.equal(Number(one.last_value), 99.2);
    const batches = await as.analyst.all('indicator_batches');
    assert.ok([200, 303].includes((await push(as.corr_north, values)).status));
    assert.equal((await as.analyst.all('indicator_batches')).length, batches.length, 'nothing changed, no batch');
    const other = [{ ...values[0], value: '99.95' }];
    assert.deepEqual(codes(await push(as.corr_north, other)), ['reason restated']);
    assert.ok([200, 303].includes((await push(as.corr_north, other, { reason: 'Relevé corrigé' })).status));
    const page = (await as.analyst.get(`/indicators/${number}`)).text;
    assert.ok(page.includes(month(1)) && page.includes('99.95'));
});

test('a breach: opened once, raised, acknowledged, analysed, handled, accepted only for a time, ended by green', async () => {
    const breach = (await as.analyst.all('breaches')).find((b) => b.title.startsWith('K13'));
    assert.equal(breach.colour, 'red');
    assert.equal(breach.state, 'open');
    ok(await as.head_north.move('breaches', breach.number, 'acknowledge'));
    refused(await as.corr_north.move('breaches', breach.number, 'analyse', {}), 422);
    ok(await as.corr_north.move('breaches', breach.number, 'analyse', { analysis: 'Mise en production sans recette.' }));
    refused(await as.head_orm.move('breaches', breach.number, 'accept', { reason: 'Coût' }), 422);
    refused(await as.head_orm.move('breaches', breach.number, 'accept', { reason: 'Coût', accepted_until: '2020-01-01' }), 422);
    ok(await as.analyst.move('breaches', breach.number, 'handle', { measures_taken: 'Recette obligatoire' }));
    refused(await as.plain.one('breaches', breach.number), 404);
    const log = ok(await as.head_north.get('/reports/breaches.json')).breaches.items;
    const line = log.find((l) => (l.breach.key ?? l.breach) === breach.number);
    assert.deepEqual([line.state.key ?? line.state, line.level.key ?? line.level, line.acknowledged.key ?? line.acknowledged], ['handled', 'red', 'in_time'], JSON.stringify(line));
    assert.ok(line.days >= 28 && line.analysis.includes('sans recette') && line.decision.includes('Recette'), JSON.stringify(line));
    const south = ok(await as.corr_south.get('/reports/breaches.json?show=all')).breaches.items;
    assert.ok(!south.some((l) => (l.breach.key ?? l.breach) === breach.number), 'each sees the own units');
    assert.equal(ok(await as.analyst.get('/reports/breaches.json?show=closed')).breaches.items.length, 0);
    refused(await as.analyst.get('/reports/breaches.json?show=some&level=red'), 422, 'show');
    assert.match((await as.analyst.get('/reports/breaches', { accept: 'text/html' })).text, /In time/);
});

test('what is wrong is named value by value, and nothing is half saved', async () => {
    await use('K14', 'TN1', 'corr_north');
    const before = await as.analyst.all('indicator_batches');
    const reply = await push(as.corr_north, [
        { code: 'K14', unit: 'TN1', period: month(1), value: '98' }, { code: 'K14', unit: 'TN1', period: '2026-W04', value: '98' },
        { code: 'NONE', unit: 'TN1', period: month(1), value: '1' }, { code: 'K14', unit: 'TN1', period: month(2), value: 'twelve' },
        { code: 'K14', unit: 'TN1', period: month(3) },
    ]);
    assert.equal(reply.status, 422);
    assert.deepEqual(codes(reply).sort(), ['values[1].period bad_value', 'values[2].indicator missing', 'values[3].value bad_value']);
    assert.equal((await as.analyst.all('indicator_batches')).length, before.length);
    refused(await push(as.plain2, [{ code: 'K14', unit: 'TN1', period: month(1), value: '98' }]), 422);
    refused(await push(as.corr_south, [{ code: 'K14', unit: 'TN1', period: month(1), value: '98' }]), 422);
    refused(await push(as.corr_north, []), 422);
});

test('by hand in the browser form: only what one provides is asked; a red value needs a comment', async () => {
    const number = await use('K16', 'TN2', 'plain');
    const page = await as.plain.get('/indicator-entry');
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(number) && !page.text.includes('K14'));
    const body = { values: [{ indicator: number, period: month(1), value: '200' }] };
    const send = (json) => as.plain.request('POST', '/indicator-entry', { json, headers: { 'idempotency-key': randomUUID(), accept: 'application/json' } });
    assert.deepEqual(codes(await send(body)), ['values[0].comment required']);
    body.values[0].comment = 'Restauration manquée en mars';
    assert.ok([200, 303].includes((await send(body)).status));
    assert.equal(ok(await as.analyst.one('indicators', number)).colour, 'red');
    assert.ok(!(await as.plain.get('/indicator-entry')).text.includes(number), 'it is given');
});

test('a file: CSV with comma decimals; ten thousand rows are the limit', async () => {
    const number = await use('K12', 'TN1', 'corr_north');
    const boundary = 'x'.repeat(20);
    const upload = (text) => as.corr_north.request('POST', '/indicator-push', { body: Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="v.csv"\r\nContent-Type: text/csv\r\n\r\n${text}\r\n--${boundary}--\r\n`), headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'idempotency-key': randomUUID(), accept: 'application/json' } });
    assert.ok([200, 303].includes((await upload(`indicator;period;numerator;denominator\n${number};${month(2)};310;200000\n${number};${month(1)};450;200000\n`)).status));
    assert.equal(Number(ok(await as.analyst.one('indicators', number)).last_value), 2.25);
    refused(await upload('a;b\n1;2\n'), 422);
    refused(await upload(`code;unit;period;value\n${'K12;TN1;2026-01;1\n'.repeat(10001)}`), 422);
});

test('what is due as a workbook, filled in and sent back; what is left empty stays open', async () => {
    const [one, two] = [await use('K09', 'TN1', 'head_north'), await use('K20', 'TN1', 'head_north')];
    const sheet = await as.head_north.get('/indicator-due.xlsx');
    assert.equal(sheet.status, 200);
    assert.match(sheet.headers['content-type'], /spreadsheetml/);
    const due = ok(await as.head_north.get('/indicator-due.json')).items;
    const row = (n) => due.find((d) => (d.indicator.key ?? d.indicator) === n);
    assert.ok(row(one) && row(two), JSON.stringify(due));
    // The very file that was downloaded, with three cells typed into it: found by its own headings and numbers.
    const texts = [...unzip(sheet.body)['xl/worksheets/sheet1.xml'].matchAll(/<c r="([A-Z]+)(\d+)"[^>]*?(?:\/>|>.*?<t[^>]*>([^<]*)<\/t>.*?<\/c>|>.*?<\/c>)/gs)];
    const column = (head) => texts.find((t) => t[2] === '1' && t[3] === head)[1], line = texts.find((t) => t[3] === one)[2];
    assert.ok(texts.some((t) => t[3] === two) && texts.some((t) => t[2] === line && t[3] === month(1)), JSON.stringify(texts.map((t) => t[3])));
    const filled = filledIn(sheet.body, { [column('Numerator') + line]: 1230, [column('Denominator') + line]: 41000, [column('Comment') + line]: 'Relevé & vérifié' });
    const { body, headers } = multipart({}, { field: 'file', name: 'valeurs.xlsx', bytes: filled });
    const reply = await as.head_north.request('POST', '/indicator-push', { body, headers: { ...headers, 'idempotency-key': randomUUID(), accept: 'application/json' } });
    assert.ok([200, 303].includes(reply.status), reply.text);
    assert.equal(Number(ok(await as.analyst.one('indicators', one)).last_value), 3);
    assert.ok((await as.analyst.get(`/indicators/${one}`, { accept: 'text/html' })).text.includes('Relevé &amp; vérifié'));
    assert.equal(ok(await as.analyst.one('indicators', two)).last_period ?? null, null);
    const left = ok(await as.head_north.get('/indicator-due.json')).items.map((d) => d.indicator.key ?? d.indicator);
    assert.ok(!left.includes(one) && left.includes(two));
});

test('over units: the ratio of the sums, never the mean of the ratios', async () => {
    const [one, two] = [await use('K15', 'TN1', 'corr_north'), await use('K15', 'TN2', 'corr_north')];
    const values = [{ indicator: one, period: month(1), numerator: '1', denominator: '10' }, { indicator: two, period: month(1), numerator: '30', denominator: '100' }];
    assert.ok([200, 303].includes((await push(as.corr_north, values)).status));
    const page = (await as.analyst.get('/indicator_definitions/K15', { accept: 'text/html' })).text;
    assert.match(page, /Ratio of sums/);
    assert.match(page, /28\.18/, '31 of 110, not the mean of 10 % and 30 %');
});

test('ten thousand values in one call, once; a correction shows what stood before', async () => {
    const numbers = [];
    for (let i = 0; i < 4; i++) {
        const code = `D0${i + 1}`;
        await twoPersons(as.methodology, as.methodology2, await as.methodology.create('indicator_definitions', { code, name_fr: `Quotidien ${i}`, kind: 'kpi', measure_unit: 'number', direction: 'up', collection: 'push', frequency: 'daily', due_offset: 1, grace: 0 }));
        numbers.push(ok(await as.analyst.create('indicators', { definition: code, unit: 'TN2', provider: email('corr_north'), reviewer: email('analyst2'), active_from: '2010-01-01' }), 201).number);
    }
    const start = Date.UTC(2012, 0, 1), values = [];
    for (let d = 0; d < 2500; d++) for (const indicator of numbers) values.push({ indicator, period: new Date(start + d * 86400000).toISOString().slice(0, 10), value: String(d % 17) });
    assert.equal(values.length, 10000);
    const reply = await push(as.corr_north, values);
    assert.ok([200, 303].includes(reply.status), reply.text.slice(0, 300));
    const batches = await as.analyst.all('indicator_batches');
    assert.equal(Math.max(...batches.map((b) => b.rows_new)), 10000);
    assert.ok([200, 303].includes((await push(as.corr_north, values)).status));
    assert.equal((await as.analyst.all('indicator_batches')).length, batches.length, 'the same again changes nothing');
    const changed = values.filter((v) => v.indicator === numbers[0]).slice(0, 120).map((v) => ({ code: 'D01', unit: 'TN2', period: v.period, value: '99' }));
    assert.ok([200, 303].includes((await push(as.corr_north, changed, { reason: 'Compteur remis à zéro' })).status));
    const newest = (await as.analyst.all('indicator_batches')).sort((a, b) => (a.number < b.number ? 1 : -1))[0];
    assert.deepEqual([newest.rows_new, newest.rows_changed], [0, 120]);
    const told = ok(await as.analyst2.get('/notifications.json?all=1')).items.filter((n) => n.number === numbers[0]);
    assert.deepEqual(told.map((n) => n.kind), ['indicator.restated_many'], 'one notice for all of them');
    assert.ok([200, 303].includes((await push(as.corr_north, changed)).status), 'the same again needs no reason');
    refused(await push(as.corr_north, [...values, values[0]]), 422);
    const last = { ...values.at(-1), value: '99' };
    assert.ok([200, 303].includes((await push(as.corr_north, [last], { reason: 'Relevé corrigé' })).status));
    const page = (await as.analyst.get(`/indicators/${numbers[3]}`, { accept: 'text/html' })).text;
    assert.match(page, /Before it was corrected/);
    assert.match(page, new RegExp(`${values.at(-1).value} until `));
});

test('the grid, the dashboard and the automatic ones; a formula that is wrong points at the character', async () => {
    for (const path of ['/indicator-grid', '/indicator-grid?frequency=weekly', '/indicator-grid?unit=TN1', '/reports/indicators', '/reports/indicators?by=category', '/reports/indicators?by=risk&unit=TN1', '/reports/indicator-calendar', '/reports/indicator-punctuality', '/indicator-due', '/indicator_definitions/K13', '/breaches', '/indicator_definitions']) assert.equal((await as.analyst.get(path)).status, 200, path);
    refused(await as.analyst.get('/indicator-grid.json?frequency=often'), 422);
    refused(await as.analyst.get('/reports/indicator-calendar.json?year=soon'), 422);
    refused(await as.analyst.get('/reports/indicators.json?unit=NOWHERE'), 422);
    await use('A01', 'TST', 'analyst');
    const run = await command(s.db, ['indicator', 'run']);
    assert.match(run.out, /\d+ values/, run.err);
    for (const [formula, place] of [['1 +', 4], ['k13 * (2', 9], ['while(1)', 1], [`${'('.repeat(1500)}1`, 41]]) {
        const reply = await as.methodology.create('indicator_definitions', { code: `F${place}`, name_fr: 'Essai', kind: 'kri', measure_unit: 'number', direction: 'up', collection: 'calculated', formula, frequency: 'monthly', due_offset: 5, grace: 2 });
        assert.equal(reply.status, 422, formula.slice(0, 20));
        assert.ok(reply.json.issues.some((i) => i.field === 'formula'), reply.text.slice(0, 300));
    }
});

test('why a calculated value is missing is told on its page in each language, over the API, in lists and on the command line', async () => {
    await twoPersons(as.methodology, as.methodology2, await as.methodology.create('indicator_definitions', calculated('H21', 'k08 / (k08 - k08) + k06')));
    const number = ok(await as.analyst.create('indicators', { definition: 'H21', unit: 'TN2', active_from: `${month(1)}-01` }), 201).number;
    const k08 = await use('K08', 'TN2', 'corr_north'), k06 = await use('K06', 'TN2', 'corr_north');
    const run = await command(s.db, ['indicator', 'run']);
    assert.match(run.out, new RegExp(`^${number} .*: A value that it is worked out from is missing: K08, K06$`, 'm'));
    const one = ok(await as.analyst.one('indicators', number));
    assert.deepEqual([one.gap, one.gap_part], ['part', 'K08, K06']);
    assert.deepEqual((await as.analyst.list('indicators', 'gap=part')).json.items.map((i) => i.number), [number]);
    for (const [lang, words] of [['fr', 'Une valeur dont il est calculé manque'], ['en', 'A value that it is worked out from is missing'], ['ar', 'قيمة يحسب منها ناقصة']]) {
        const page = (await new Client(s.server, { token: s.world.tokens.analyst, lang, check: false }).get(`/indicators/${number}`, { accept: 'text/html' })).text;
        assert.ok(page.includes(words) && page.includes('K08, K06'), lang);
    }
    assert.ok([200, 303].includes((await push(as.corr_north, [{ indicator: k08, period: month(1), numerator: '1', denominator: '20000' }, { indicator: k06, period: month(1), numerator: '1', denominator: '10000' }])).status));
    await command(s.db, ['indicator', 'run']);
    assert.equal(ok(await as.analyst.one('indicators', number)).gap, 'zero');
    await twoPersons(as.methodology, as.methodology2, await as.methodology.patch('indicator_definitions', 'H21', ok(await as.methodology.one('indicator_definitions', 'H21')).version, { formula: 'k08 + k06' }));
    await command(s.db, ['indicator', 'run']);
    const done = ok(await as.analyst.one('indicators', number));
    assert.deepEqual([done.gap ?? null, done.gap_part ?? null, Number(done.last_value)], [null, null, 1.5]);
});

test('what is counted for a ratio is asked in the language of its provider', async () => {
    const number = await use('K10', 'TN2', 'head_north');
    for (const [lang, words] of [['fr', ['Sûretés non inscrites', 'À donner pour le']], ['en', ['Collateral not registered', 'Amber from 1%, red from 4%.']], ['ar', ['ضمانات غير مقيدة', 'ضمانات واجبة التقييد']]]) {
        const page = (await new Client(s.server, { token: s.world.tokens.head_north, lang, check: false }).get(`/indicator-entry?indicator=${number}`, { accept: 'text/html' })).text;
        for (const w of words) assert.ok(page.includes(w), `${lang}: ${w}`);
    }
    assert.equal(ok(await as.head_north.get('/indicator-due.json')).items.find((d) => (d.indicator.key ?? d.indicator) === number).numerator_is, 'Collateral not registered');
});

const calculated = (code, formula) => ({ code, name_fr: `Essai ${code}`, kind: 'kri', measure_unit: 'number', direction: 'up', collection: 'calculated', formula, frequency: 'monthly', due_offset: 5, grace: 2 });

test('hostile and endless formulas are refused at the field and the character; the program goes on', async () => {
    const formulas = [ // with the character at which it was noticed, or the code of the refusal
        [`${'('.repeat(900)}1${')'.repeat(900)}`, 21], [`${'2^'.repeat(900)}2`, 79], [`${'1+'.repeat(999)}1`, 502], [`${'abs('.repeat(300)}1${')'.repeat(300)}`, 'formula'],
        [`max(${'1,'.repeat(900)}1)`, 1], [Array.from({ length: 100 }, (_, i) => `n${i}`).join('+'), 247], [`${'k13 + '.repeat(400)}k13`, 'too_long'], ['x'.repeat(100000), 'too_long'],
        ['k13 + zz9', 'unknown'], ['__proto__', 'unknown'], ['h01 + 1', 'itself'], ["k13'; DROP TABLE indicator; --", 4], ['k13; delete from indicator', 4], ['k13 union select 1', 5],
        ['<script>alert(1)</script>', 1], ['k13 = `id`', 7], ['constructor(1)', 1], ['process.exit(1)', 1], ['${7*7}', 1], ['{{7*7}}', 1], ['1e999', 1], ['0x41', 1], ['\u202e31k', 1], ['k13 + é', 7],
        ['k13(', 1], ['1 2', 3], ['max()', 5], ['if(1,2)', 1]];
    for (const [formula, place] of formulas) {
        const refusal = refused(await as.methodology.create('indicator_definitions', calculated('H01', formula)), 422, 'formula'), first = refusal.issues[0];
        if (typeof place === 'string') assert.equal(first.code, place, formula.slice(0, 40));
        else assert.ok(first.text.startsWith(`Character ${place}: `), `${formula.slice(0, 40)}: ${first.text}`);
    }
    assert.equal((await as.analyst.get('/healthz')).status, 200);
});

test('a wrong formula points at the character in the language of the reader, in the form too', async () => {
    const words = { fr: [/^Caractère 4\s?: La formule s.arrête trop tôt/, /^Caractère 7\b/], en: [/^Character 4: The formula ends too early/, /^Character 7\b/], ar: [/4.*تنتهي الصيغة قبل أوانها/, /^\D*7\b/] };
    for (const [lang, [place, byte]] of Object.entries(words)) {
        const who = new Client(s.server, { token: s.world.tokens.methodology, lang, check: false });
        const text = refused(await who.create('indicator_definitions', calculated('H01', '1 +')), 422, 'formula').issues[0].text;
        assert.match(text, place);
        assert.match(refused(await who.create('indicator_definitions', calculated('H01', 'k13 + é')), 422, 'formula').issues[0].text, byte, 'characters, not bytes');
        const form = await who.request('POST', '/indicator_definitions', { form: calculated('H01', '1 +'), headers: { accept: 'text/html', 'idempotency-key': randomUUID() } });
        assert.equal(form.status, 422);
        assert.ok(form.text.includes(text.slice(0, 11)), `${lang}: the form says it`);
    }
});

test('a formula without a result leaves the value missing, never zero; long chains that are sums are worked out', async () => {
    const made = {};
    for (const [code, formula] of [['H02', '1 / 0'], ['H03', '9^9^9^9'], ['H04', 'exp(999999)'], ['H05', 'ln(0 - 1)'], ['H06', '10^18'], ['H07', `${'-'.repeat(1998)}7`]]) {
        await twoPersons(as.methodology, as.methodology2, await as.methodology.create('indicator_definitions', calculated(code, formula)));
        made[code] = ok(await as.analyst.create('indicators', { definition: code, unit: 'TN2', active_from: `${month(2)}-01` }), 201).number;
    }
    const run = await command(s.db, ['indicator', 'run']);
    assert.equal(run.code, 0, run.err);
    for (const [code, number] of Object.entries(made)) {
        const one = ok(await as.analyst.one('indicators', number));
        assert.equal(one.last_value ?? null, code === 'H07' ? '7.000000' : null, code);
        assert.equal(one.colour, 'none', code);
        assert.equal(one.gap ?? 'none', { H02: 'zero', H05: 'zero', H07: 'none' }[code] ?? 'too_large', code);
        assert.equal((await as.analyst.get(`/indicators/${number}`, { accept: 'text/html' })).status, 200);
    }
});

test('a circle of formulas is refused, also when two proposals close it together', async () => {
    for (const [code, formula] of [['H11', 'k13'], ['H12', 'h11 + 1'], ['H13', 'k13 - 1']])
        await twoPersons(as.methodology, as.methodology2, await as.methodology.create('indicator_definitions', calculated(code, formula)));
    const change = async (code, formula) => as.methodology.patch('indicator_definitions', code, ok(await as.methodology.one('indicator_definitions', code)).version, { formula });
    const circle = refused(await change('H11', 'h12 / 2'), 422, 'formula');
    assert.deepEqual(circle.issues.map((i) => [i.code, i.text]), [['circle', 'H12 is itself worked out from this indicator.']]);
    const first = ok(await change('H13', 'h12'), 202);
    const second = ok(await change('H11', 'h13'), 202);
    ok(await as.methodology2.move('change_requests', first.number, 'apply'));
    refused(await as.methodology2.move('change_requests', second.number, 'apply'), 422);
    assert.equal(ok(await as.methodology.one('indicator_definitions', 'H11')).formula, 'k13');
});

test('an objective: proposed by a head, approved by somebody else, measured by an indicator that its page and the state by objective show', async () => {
    const bad = await as.head_north.create('objectives', { code: 'OT1', name_fr: 'Écarts de caisse divisés par deux', unit: 'TN1', measure: 'Écarts pour 10 000', baseline: '4', target: '4', begins_on: '2026-06-01', due_on: '2026-01-01' });
    refused(bad, 422);
    assert.deepEqual(codes(bad).sort(), ['due_on date_order', 'target same']);
    const made = ok(await as.head_north.create('objectives', { code: 'OT1', name_fr: 'Écarts de caisse divisés par deux', unit: 'TN1', measure: 'Écarts pour 10 000', baseline: '4', target: '2', begins_on: '2026-01-01', due_on: '2026-12-31' }), 201);
    assert.equal(made.state, 'draft');
    assert.ok(made.entity, 'that of its unit');
    refused(await as.head_north.move('objectives', 'OT1', 'approve'), 403);
    refused(await as.head_north.create('objectives', { code: 'OT2', name_fr: 'Ailleurs', unit: 'TS1', measure: 'x', target: '1', due_on: '2030-01-01' }), 403);
    ok(await as.organisation.move('objectives', 'OT1', 'approve'));
    const number = ok(await as.analyst.create('indicators', { definition: 'K17', unit: 'TN1', provider: email('corr_north'), active_from: '2024-01-01', objectives: ['OT1'], process: 'TPROC' }), 201).number;
    assert.ok([200, 303].includes((await push(as.corr_north, [{ indicator: number, period: month(1), numerator: '20', denominator: '100' }])).status));
    for (const [page, words] of [['/objectives/OT1', /turnover of key posts/i], ['/processes/TPROC', /turnover of key posts/i], ['/reports/indicators?by=objective', /caisse divis/]]) {
        const text = (await as.analyst.get(page, { accept: 'text/html' })).text;
        assert.match(text, words, page);
        assert.match(text, /Red/, page);
    }
    const lines = ok(await as.analyst.get('/reports/indicators.json?by=objective')).lines.items;
    assert.equal(lines[0].red, 1, 'the worst first');
    assert.equal(lines.at(-1).of.key ?? lines.at(-1).of, 'none', 'those without an objective are counted too');
    refused(await as.organisation.move('objectives', 'OT1', 'achieve', {}), 422);
    ok(await as.organisation.move('objectives', 'OT1', 'achieve', { outcome: 'Comptage à deux partout.' }));
});
