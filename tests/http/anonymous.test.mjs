// anonymous.test.mjs: declaring without an account in three questions, the follow-up code, messages both ways, and
// that neither the unit nor a wrong code learns anything. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { visibleText } from '../lib/html.mjs';
import { start } from '../lib/server.mjs';
import { everybody, isoDay, people } from '../lib/world.mjs';

let s, as;
before(async () => { s = await start('bank', { env: { GARDEFOU_PUBLIC_URL: 'https://risk.bank.test' } }); as = everybody(s.server, s.world, { check: false }); });
after(() => s?.end());

const story = 'Mon responsable demande de valider sans contrôle le virement cnranonyme.';
const answers = { description: story, unit: 'TN1', discovered_on: isoDay(1), amount_range: 'unknown' };
const declare = async (fields = {}, lang = 'fr') => {
    const c = new Client(s.server, { lang });
    const reply = await c.submit('/anonymous', '/anonymous', { ...answers, ...fields });
    return { c, reply };
};
const codeOf = (reply) => {
    assert.equal(reply.status, 303, visibleText(reply.text).slice(0, 600));
    return /^\/anonymous\/([A-Z0-9-]+)$/.exec(reply.headers.location)[1];
};

test('three questions give a code; the code shows where it stands', async () => {
    for (const lang of ['fr', 'ar', 'en']) {
        const { c, reply } = await declare({}, lang);
        const code = codeOf(reply);
        assert.ok(code.replaceAll('-', '').length >= 10, 'a code that cannot be guessed');
        const page = await c.get(`/anonymous/${code}`);
        assert.equal(page.status, 200);
        assert.ok(visibleText(page.text).includes(code));
        const other = await new Client(s.server).get(`/anonymous?code=${code.toLowerCase()}`);
        assert.equal(other.status, 200, 'from another device, small letters');
    }
});

test('it is restricted, without an author, and only the general inspection and its like see it', async () => {
    const number = (await as.inspection.all('incidents', 'q=cnranonyme', 50))[0].number;
    const r = ok(await as.inspection.one('incidents', number));
    assert.equal(r.restricted, true);
    assert.equal(r.channel, 'anonymous');
    assert.equal(r.created_by, null);
    assert.equal(r.state, 'declared');
    for (const name of Object.keys(people)) {
        const reply = await as[name].one('incidents', number);
        assert.equal(reply.status, ['inspection', 'inspection2', 'compliance', 'head_orm', 'committee'].includes(name) ? 200 : 404, name);
    }
    const history = (await as.inspection.get(`/api/v1/incidents/${number}/history`)).text;
    assert.doesNotMatch(history, /127\.0\.0\.1|@test\.example/, 'no address and no name');
});

test('messages go both ways', async () => {
    const { c, reply } = await declare({ description: 'Deuxième histoire cnrdialogue.' });
    const code = codeOf(reply);
    const number = (await as.inspection.all('incidents', 'q=cnrdialogue', 5))[0].number;
    ok(await as.inspection.create('case_messages', { incident: number, message: 'Quel jour était-ce ?' }), 201);
    assert.ok(visibleText((await c.get(`/anonymous/${code}`)).text).includes('Quel jour était-ce ?'));
    const sent = await c.submit(`/anonymous/${code}`, `/anonymous/${code}`, { message: 'Mardi <b>matin</b>' });
    assert.equal(sent.status, 303);
    const list = await as.inspection.all('case_messages', '', 100);
    const messages = await Promise.all(list.map(async (m) => ok(await as.inspection.one('case_messages', m.number))));
    assert.ok(messages.some((m) => m.message === 'Mardi <b>matin</b>' && m.from_declarant === true));
    assert.ok(!(await c.get(`/anonymous/${code}`)).text.includes('<b>matin</b>'));
    assert.ok([403, 404].includes((await as.plain.list('case_messages')).status));
});

test('a wrong code is not found, whatever it looks like', async () => {
    for (const code of ['AAAAAAAAAA', '0', "'", '%', '..', 'x'.repeat(500), 'INC-2026-00001']) {
        const reply = await new Client(s.server).get(`/anonymous/${encodeURIComponent(code)}`);
        assert.ok([404, 400, 414, 429].includes(reply.status), `${code.slice(0, 20)}: ${reply.status}`);
    }
});

test('what is missing is asked again and what was typed is kept', async () => {
    const { reply } = await declare({ amount_range: '', 'estimated_loss.amount': '' });
    assert.equal(reply.status, 422);
    assert.ok(reply.text.includes('cnranonyme'));
    const none = await declare({ description: '' });
    assert.equal(none.reply.status, 422);
    const future = await declare({ discovered_on: isoDay(-5) });
    assert.equal(future.reply.status, 422);
    const before = (await as.inspection.all('incidents', '', 500)).length;
    await declare({ unit: 'NOWHERE' });
    assert.equal((await as.inspection.all('incidents', '', 500)).length, before);
});

test('an anonymous visitor reaches nothing else', async () => {
    const c = new Client(s.server);
    for (const target of ['/', '/incidents', '/incidents/new', '/declare', '/search?q=a', '/lookup/units?q=T', '/reports/loss-matrix', '/measures/losses', '/account', '/files/1', '/api', '/openapi.json'])
        assert.ok([303, 401, 404].includes((await c.get(target)).status), target);
    refused(await new Client(s.server, { check: false }).create('incidents', {}), 401);
});

test('many declarations in a row are slowed down', async () => {
    const statuses = [];
    for (let i = 0; i < 60; i++) {
        const { reply } = await declare({ description: `Rafale ${i}` });
        statuses.push(reply.status);
        if (reply.status === 429 || reply.status === 503) break;
    }
    assert.ok(statuses.some((x) => x === 429 || x === 503), `60 declarations were taken at once: ${statuses.slice(-3)}`);
});

test('the sheet of a unit has a code for each way, in three languages, and both ways open with the unit', async () => {
    const sheet = await as.head_north.get('/declare-poster?unit=TN1', { headers: { accept: 'text/html' } });
    assert.equal(sheet.status, 200);
    for (const [path, who] of [['/declare', as.head_north], ['/anonymous', new Client(s.server)]]) {
        assert.ok(sheet.text.includes(`aria-label="https://risk.bank.test${path}?unit=TN1"`), path);
        const form = await who.get(`${path}?unit=TN1`, { headers: { accept: 'text/html' } });
        assert.match(form.text, /<option value="TN1"[^>]* selected/, path);
    }
    for (const words of ['Un incident ? Dites-le.', 'وقع حادث؟ صرحوا به.', 'Something went wrong? Say it.']) assert.ok(visibleText(sheet.text).includes(words), words);
    assert.equal((await as.head_north.get('/declare-poster?unit=NOWHERE')).status, 404);
    assert.equal((await new Client(s.server).get('/declare-poster?unit=TN1')).status, 303, 'for people with an account');
});
