// input.test.mjs: what is wrong is refused by name and nothing is saved; what is strange but right comes back as
// it was and escaped. Made from the model: every writable field of every type.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchange, ok, refused } from '../lib/client.mjs';
import { readCsv } from '../lib/csv.mjs';
import { tags } from '../lib/html.mjs';
import { loadModel } from '../lib/model.mjs';
import { start } from '../lib/server.mjs';
import { draft, everybody, incidentIn, isoDay, lists, required } from '../lib/world.mjs';
import { unzip } from '../lib/zip.mjs';

let s, as, l, model, doc;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
    model = await loadModel(s.db);
});
after(() => s?.end());

// Somebody who may create a type, with a body that is accepted.
const creators = {
    incident: ['corr_north', () => draft({ unit: 'TN1' })],
    entity: ['organisation', () => ({ code: `E${n++}`, name_fr: 'Entité', currency: 'MAD' })],
    unit: ['organisation', () => ({ code: `U${n++}`, name_fr: 'Unité', entity: 'TST', parent: 'TST', parent_since: '2015-01-01' })],
    process: ['organisation', () => ({ code: `P${n++}`, name_fr: 'Processus' })],
    user: ['admin', () => ({ email: `p${n++}@test.example`, name: 'Personne', language: 'fr' })],
    rate: ['finance', () => ({ currency: 'USD', against: 'MAD', day: isoDay(100 + n++), rate: '9.6', source: 'Essai' })],
    external_loss: ['analyst', () => ({ title: 'Perte externe', source: 'Presse' })],
};
let n = 1;

const wrongByKind = {
    int: ['x', '1.5', '1e3', '99999999999999999999', '--1', '0x10', true],
    money: [{ amount: 'x', currency: 'MAD' }, { amount: '1.2345', currency: 'MAD' }, { amount: '5', currency: 'QQQ' }, { amount: '99999999999999999999', currency: 'MAD' }, { amount: '1e9', currency: 'MAD' }, { amount: 'NaN', currency: 'MAD' }, { amount: '1.5', currency: 'XOF' }],
    decimal: ['x', '1.0000000001', '1e5', 'NaN', 'Infinity', '99999999999999999999'], percent: ['x', '1.001', '1e1', 'NaN'],
    date: ['x', '2026-02-30', '2026-13-01', '0000-01-01', '2026-1-1x', '99999-01-01'],
    instant: ['x', '2026-02-30T10:00:00Z', '2026-01-01T25:00:00Z'], bool: ['x', 'perhaps', '2'],
    choice: ['nothing_like_this', "'", 'MAD\u0000'], choices: [['nothing_like_this']], taxon: ['NOWHERE', '0', '-1'], ref: ['NOWHERE', '0', '-1'],
    refs: [['NOWHERE']], user: ['nobody@test.example', '1'], unit: ['NOWHERE', '1'], rows: [[{ nothing: 1 }]], files: [['999999']],
    text: ['a\u0000b', 'a\u0001b', 'line\nbreak', '\ud800'], long: ['a\u0000b', 'a\u0008b'],
};

test('each kind of field refuses what it cannot hold and names the field; nothing is saved', async () => {
    let tried = 0;
    for (const [name, [who, body]] of Object.entries(creators)) {
        const type = model.type(name), c = as[who];
        const before = ok(await c.list(type.plural, 'limit=1')).total;
        for (const field of type.fields) {
            if (field.computed || ['files', 'rows'].includes(field.kind) && name !== 'incident') continue;
            for (const wrong of wrongByKind[field.kind] ?? []) {
                if (field.multiline && wrong === 'line\nbreak') continue;
                const reply = await c.create(type.plural, { ...body(), [field.name]: wrong });
                tried++;
                assert.ok([422, 400].includes(reply.status), `${name}.${field.name} = ${JSON.stringify(wrong)}: ${reply.status} ${reply.text.slice(0, 200)}`);
                if (reply.status === 422) refused(reply, 422, typeof wrong === 'string' && /[\u0000\ud800]/.test(wrong) ? undefined : field.name);
            }
        }
        assert.equal(ok(await c.list(type.plural, 'limit=1')).total, before, `${name}: a refused record was saved`);
    }
    assert.ok(tried > 200, `only ${tried} tried`);
});

test('required fields are named when they are missing, empty or blank', async () => {
    for (const [name, [who, body]] of Object.entries(creators)) {
        const type = model.type(name);
        for (const field of type.fields.filter((f) => f.required && !f.computed)) {
            const whole = body();
            for (const empty of [null, '', '   ']) refused(await as[who].create(type.plural, { ...whole, [field.name]: empty }), 422, field.name);
        }
    }
});

test('lengths: the longest text is kept, one more character is refused', async () => {
    doc = await as.corr_north.openapi();
    const properties = doc.components.schemas.incident_input.properties;
    for (const [field, p] of Object.entries(properties)) {
        if (!p.maxLength || p.maxLength > 30000 || ['country', 'external_key'].includes(field)) continue;
        for (const letter of ['a', 'é', 'ع', '😀']) {
            const full = letter.repeat(p.maxLength);
            const made = await as.corr_north.create('incidents', { ...draft({ unit: 'TN1' }), [field]: full });
            assert.equal(made.status, 201, `${field} of ${p.maxLength} ${letter}: ${made.text.slice(0, 300)}`);
            assert.equal(made.json[field], full);
        }
        refused(await as.corr_north.create('incidents', { ...draft({ unit: 'TN1' }), [field]: 'a'.repeat(p.maxLength + 1) }), 422, field);
    }
});

test('fields of the system and unknown ones cannot be written', async () => {
    for (const field of ['id', 'number', 'state', 'version', 'created_at', 'created_by', 'updated_at', 'follow_up_hash', 'gross', 'net', 'approved_up_to', 'used_in_capital', 'nothing', '__proto__', 'title; DROP TABLE incident', '']) {
        const reply = await as.corr_north.create('incidents', JSON.parse(`{"title":"T","unit":"TN1","discovered_on":"${isoDay(1)}",${JSON.stringify(field)}:"1"}`));
        if (reply.status === 201) {
            assert.ok(['version'].includes(field), `${field} was taken`);
            assert.equal(reply.json.version, 1);
        } else refused(reply, 422);
    }
    const number = ok(await as.plain.create('incidents', draft()), 201).number;
    for (const [field, value] of [['state', 'closed'], ['created_by', 'plain2@test.example'], ['number', 'INC-2020-00001'], ['gross', { amount: '1.00', currency: 'MAD' }], ['declared_on', '2020-01-01'], ['channel', 'audit']]) {
        const before = ok(await as.analyst.one('incidents', number));
        await as.plain.patch('incidents', number, before.version, { [field]: value });
        const now = ok(await as.analyst.one('incidents', number));
        assert.deepEqual(now[field], before[field], `${field} changed`);
    }
});

test('malformed JSON, nesting, double keys, other types', async () => {
    const bodies = ['', '{', '[', '[]', 'null', '"x"', '1', '{"title":}', '{"title":"a","title":"b"}', '{"title":1e999}', '['.repeat(5000), '{"a":'.repeat(60) + '1' + '}'.repeat(60), '\ufeff{}', '{"title":"\\ud800"}', '{"title":"a"} x', '{"title":"a\\u0000b"}', '{"title":{"a":{"b":{"c":1}}}}', '{"title":["a","b"]}'];
    for (const body of bodies) {
        const reply = await as.plain.request('POST', '/api/v1/incidents', { body, headers: { 'content-type': 'application/json', 'idempotency-key': `k${bodies.indexOf(body)}` } });
        assert.ok([400, 413, 422].includes(reply.status), `${body.slice(0, 30)}: ${reply.status}`);
    }
    const big = await as.plain.request('POST', '/api/v1/incidents', { body: JSON.stringify({ title: 'x'.repeat(3 << 20) }), headers: { 'content-type': 'application/json', 'idempotency-key': 'big' } }).catch((e) => ({ status: 413, error: e }));
    assert.equal(big.status, 413);
    const many = await as.plain.create('incidents', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, i])));
    assert.ok([400, 413, 422].includes(many.status));
});

test('hostile words in searches and filters', async () => {
    const words = ["'", '"', '%', '_', '*', 'a*', '" OR 1=1 --', "'); DROP TABLE incident; --", 'NEAR(a b)', 'a AND', '(', ')', '-', '^', ':', 'title:x', '\\', '\u0000', '\u202e', '😀', 'ا', 'x'.repeat(3000), 'a '.repeat(1000)];
    for (const word of words) {
        for (const target of ['/search?q=', '/incidents?q=', '/api/v1/incidents?q=', '/lookup/incidents?q=', '/lookup/users?q=', '/incidents?title=', '/incidents?unit=']) {
            const reply = await as.analyst.get(target + encodeURIComponent(word));
            assert.ok([200, 400, 414, 422].includes(reply.status), `${target}${word.slice(0, 20)}: ${reply.status}`);
        }
    }
    assert.ok(ok(await as.analyst.list('incidents')).total > 0, 'the table is still there');
});

const hostile = `<i data-canary="x">&amp;"'</i><script>alert(1)</script>`;

test('markup in each text field comes back escaped, on every page and in every language', async () => {
    const c = as.corr_north, type = model.type('incident');
    const number = await incidentIn('qualification', as, l);
    const properties = (await c.openapi()).components.schemas.incident_input.properties;
    const texts = type.fields.filter((f) => ['text', 'long'].includes(f.kind) && properties[f.name] && !(properties[f.name].maxLength < 120)).map((f) => f.name);
    assert.ok(texts.length >= 8);
    ok(await c.patch('incidents', number, ok(await c.one('incidents', number)).version, { ...Object.fromEntries(texts.map((f) => [f, hostile])), legal_case: true, controls_failed: [{ control: hostile, how: 'design' }], consequences: [] }));
    const entry = ok(await c.create('financial_entries', { incident: number, kind: 'direct_loss', amount: { amount: '5.00', currency: 'MAD' }, status: 'booked', booked_on: isoDay(1), title: hostile, counterparty: hostile }), 201).number;
    ok(await as.finance.move('financial_entries', entry, 'reject', { reason: hostile }));
    const record = ok(await c.one('incidents', number));
    for (const f of texts) assert.equal(record[f], hostile, `${f} comes back as it was`);
    for (const lang of ['fr', 'ar', 'en']) {
        for (const who of ['corr_north', 'analyst']) {
            as[who].jar.set('lang', lang);
            for (const page of [`/incidents/${number}`, `/incidents/${number}/edit`, `/incidents/${number}/history`, `/incidents/${number}/print`, '/incidents', '/', '/search?q=canary', `/search?q=${encodeURIComponent(hostile)}`, `/incidents?q=${encodeURIComponent(hostile)}`, `/incidents?title=${encodeURIComponent(hostile)}`, `/incidents?${encodeURIComponent(hostile)}=1`, `/nothing/${encodeURIComponent(hostile.replaceAll('/', ''))}`, `/financial_entries/${entry}`, '/financial_entries', `/incidents/${number}/do/send`]) {
                const reply = await as[who].get(page);
                if (!(reply.headers['content-type'] ?? '').startsWith('text/html')) continue;
                for (const t of tags(reply.text)) {
                    assert.ok(!('data-canary' in t.attributes), `${page}: live markup`);
                    for (const a of Object.keys(t.attributes)) assert.ok(!/^on/.test(a) && !/style/.test(a), `${page}: attribute ${a} of ${t.name}`);
                    if (t.name === 'script' && !t.end) assert.ok(t.attributes.src?.startsWith('/assets/'), `${page}: a script without a source`);
                }
                assert.ok(!reply.text.includes('<script>alert'), page);
            }
            as[who].jar.set('lang', 'en');
        }
    }
});

test('Markdown draws no foreign markup and no dangerous address', async () => {
    const c = as.plain;
    const text = '[a](javascript:alert(1)) [b](data:text/html,x) ![c](http://evil.example/x.png) <img src=x onerror=alert(1)> <javascript:alert(1)> [d](//evil.example) [e]: javascript:x\n\n```html\n<b>x</b>\n```';
    const number = ok(await c.create('incidents', draft({ description: text })), 201).number;
    const page = await c.get(`/incidents/${number}`);
    for (const t of tags(page.text)) {
        for (const name of ['href', 'src', 'action', 'formaction']) {
            const v = t.attributes[name];
            if (v !== undefined && !t.end) assert.ok(/^(\/(?!\/)|#|\?|https?:\/\/|mailto:|$)/.test(v), `${t.name} ${name}=${v}`);
        }
        if (t.name === 'img') assert.ok((t.attributes.src ?? '').startsWith('/'), 'no picture from elsewhere');
    }
});

test('formulas in text are neutralised in CSV and XLSX, negative numbers stay numbers', async () => {
    const titles = ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '=cmd|x!A1', '＝1+1'];
    for (const title of titles) {
        const reply = await as.plain.create('incidents', draft({ title: title, product: title }));
        if (reply.status !== 201) refused(reply, 422, 'title');
    }
    const csv = await as.analyst.get('/incidents.csv?sort=-id');
    assert.equal(csv.status, 200);
    for (const row of readCsv(csv.text)) for (const [name, cell] of Object.entries(row))
        if (/^[=+@\t\r]/.test(cell) || /^-[^\d.]/.test(cell) || /^-\d+[^\d.,]/.test(cell)) assert.fail(`${name}: ${cell}`);
    const sheet = Object.entries(unzip((await as.analyst.get('/incidents.xlsx?sort=-id')).body));
    for (const [name, xml] of sheet) if (/worksheets/.test(name)) assert.ok(!/<f>/.test(xml), 'no formula in a sheet');
});

test('Arabic, right-to-left marks and emoji survive saving, lists and exports', async () => {
    const title = 'تحويل مكرر ١٢٣ – virement № 5 😀';
    const number = ok(await as.plain.create('incidents', draft({ title })), 201).number;
    assert.equal(ok(await as.plain.one('incidents', number)).title, title);
    assert.ok((await as.plain.get('/incidents.csv')).text.includes(title));
    for (const word of ['تحويل', 'مكرر', 'تحويل مكرر']) assert.ok((await as.plain.all('incidents', `q=${encodeURIComponent(word)}`)).some((r) => r.number === number), word);
    const bidi = await as.plain.create('incidents', draft({ title: 'abc\u202edef' }));
    if (bidi.status === 201) assert.ok(!(await as.plain.get('/incidents')).text.includes('\u202e') || /<bdi|dir=/.test((await as.plain.get('/incidents')).text));
});

test('form pages keep what was typed and mark the field', async () => {
    const c = as.plain;
    const page = await c.get('/incidents/new');
    assert.equal(page.status, 200);
    const key = `form-${Date.now()}`;
    const reply = await c.post('/incidents', { form: { _key: key, title: 'Tapé par moi', description: 'Longue histoire à garder', discovered_on: '2026-02-30', unit: 'TN1' } });
    assert.equal(reply.status, 422);
    assert.ok(reply.text.includes('Tapé par moi') && reply.text.includes('Longue histoire à garder'), 'what was typed is kept');
    const wrong = tags(reply.text).filter((t) => t.attributes['aria-invalid'] === 'true');
    assert.ok(wrong.some((t) => t.attributes.name === 'discovered_on'), 'the wrong field is marked');
    assert.ok(wrong.every((t) => t.attributes['aria-describedby']), 'and described');
    const fixed = await c.post('/incidents', { form: { _key: key, title: 'Tapé par moi', description: 'Longue histoire à garder', discovered_on: isoDay(2), unit: 'TN1', amount_range: 'none' } });
    assert.equal(fixed.status, 303);
    const again = await c.post('/incidents', { form: { _key: key, title: 'Tapé par moi', description: 'Longue histoire à garder', discovered_on: isoDay(2), unit: 'TN1', amount_range: 'none' } });
    assert.equal(again.headers.location, fixed.headers.location, 'sent twice, saved once');
});
