// analysis.test.mjs: the analyses of losses against the records behind them: every counted figure opens as
// many records as it says, in the reader's scope; what is no single loss is refused; photos do not tell who
// took them where. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../../../../tests/lib/client.mjs';
import { start } from '../../../../tests/lib/server.mjs';
import { draft, everybody, incidentIn, lists } from '../../../../tests/lib/world.mjs';
import { multipart } from '../../../../tests/lib/xlsx.mjs';

let s, as;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    const l = await lists(as.analyst);
    await incidentIn('open', as, l);
    await incidentIn('open', as, l, { side: 'south', amount: '400000.00' });
    await incidentIn('qualification', as, l, { extra: { estimated_loss: { amount: '7000.00', currency: 'MAD' } } });
});
after(() => s?.end());

const pages = ['delays', 'loss-ratios', 'loss-distribution', 'loss-distribution?show=frequency', 'loss-triangle?figure=count', 'loss-dates?step=quarter',
    'open-closed?step=year', 'capital-losses', 'restated', 'data-quality', 'ageing', 'committee'];
const plain = (html) => html.replace(/<[^>]*>/g, '').trim();
// Links to lists whose words are a whole number.
const counted = (html) => [...html.matchAll(/<a[^>]*href="(\/(?:incidents|financial_entries)\?[^"]*)"[^>]*>([\s\S]*?)<\/a>/g)]
    .map((m) => ({ href: m[1].replaceAll('&amp;', '&'), text: plain(m[2]) })).filter((x) => /^\d+$/.test(x.text));

for (const name of ['analyst', 'head_north', 'committee'])
    test(`each figure opens as many records as it says: ${name}`, async () => {
        let seen = 0;
        for (const page of pages) {
            const reply = await as[name].get(`/reports/${page}`, { accept: 'text/html' });
            assert.equal(reply.status, 200, page);
            for (const { href, text } of counted(reply.text)) {
                const list = ok(await as[name].get(`/api/v1${href}&limit=1`));
                assert.equal(list.total, Number(text), `${page}: ${href}`);
                seen++;
            }
        }
        assert.ok(seen > 5, `${seen} figures`);
    });

test('figures of one side hold nothing of the other', async () => {
    const gross = async (name) => ok(await as[name].get('/reports/open-closed?step=year', { accept: 'application/json' })).periods.items.at(-1).open_gross.amount;
    assert.equal(Number(await gross('analyst')), Number(await gross('head_north')) + Number(await gross('head_south')));
    assert.equal((await as.plain.get('/reports/delays', { accept: 'text/html' })).status, 403);
});

test('a statement names its threshold, rate and what is left out, in three languages', async () => {
    for (const [lang, word] of [['en', /Threshold/], ['fr', /Seuil/], ['ar', /العتبة/]]) {
        const reply = await as.analyst.get('/reports/capital-losses', { accept: 'text/html', headers: { cookie: `lang=${lang}` } });
        assert.equal(reply.status, 200);
        assert.match(reply.text, word);
    }
});

test('bad parameters are named', async () => {
    for (const [page, field] of [['loss-distribution?show=x', 'show'], ['loss-triangle?years=7', 'years'], ['loss-dates?step=week', 'step'], ['restated?since=soon', 'since'], ['delays?period=x', 'period']])
        refused(await as.analyst.get(`/reports/${page}`, { accept: 'application/json' }), 422, field);
});

test('many small losses together are small, each', async () => {
    const body = (count) => draft({ aggregate: true, item_count: count, estimated_loss: { amount: '90000.00', currency: 'MAD' } });
    refused(await as.analyst.create('incidents', body(4)), 422, 'item_count');
    ok(await as.analyst.create('incidents', body(30)), 201);
});

test('a photo loses its place and its device, and stays a photo', async () => {
    const number = ok(await as.plain.create('incidents', draft()), 201).number;
    const part = (marker, data) => Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]), data]);
    const pixels = Buffer.from([0xff, 0xda, 0, 4, 1, 2, 9, 8, 7, 0xff, 0, 6, 0xff, 0xd9]);
    const photo = Buffer.concat([Buffer.from([0xff, 0xd8]), part(0xe0, Buffer.from('JFIF\0')), part(0xe1, Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0GPS 33.5731 -7.5898 Galaxy')),
        part(0xfe, Buffer.from('Karim')), pixels]);
    const { body, headers } = multipart({ version: ok(await as.plain.one('incidents', number)).version }, { field: 'files', name: 'photo.jpg', bytes: photo });
    assert.equal((await as.plain.post(`/incidents/${number}`, { body, headers: { ...headers, 'idempotency-key': 'photo-1' } })).status, 303);
    const page = await as.plain.get(`/incidents/${number}`, { accept: 'text/html' });
    const href = page.text.match(/href="(\/files\/[^"]+)"/)[1];
    const kept = (await as.plain.get(href)).body;
    assert.ok(!/GPS|Galaxy|Karim/.test(kept.toString('latin1')), 'nothing of its author');
    assert.deepEqual(kept.subarray(kept.length - pixels.length), pixels);
    assert.ok(kept.toString('latin1').includes('JFIF'));
});
