// attack.test.mjs: what an attacker tries at the door: cookies that open nothing, many guesses at one moment, a
// second factor to get around, guesses from inside an open session, anonymity. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, exchange, ok, refused } from '../lib/client.mjs';
import { forms, visibleText } from '../lib/html.mjs';
import { engine, must, start } from '../lib/server.mjs';
import { email, isoDay, password } from '../lib/world.mjs';

let s;
before(async () => { s = await start('bank'); });
after(() => s?.end());
const fresh = (server = s.server) => new Client(server, { lang: 'en' });
const signedIn = async (name) => {
    const c = fresh();
    assert.equal((await c.login(email(name), password)).status, 303);
    return c;
};

// The code of RFC 6238 for a base32 secret, `ahead` half minutes from now.
function code(secret, ahead = 0) {
    const bits = [...secret].map((ch) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(ch).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
    const mac = createHmac('sha1', key).update(step).digest();
    const at = mac[19] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}
const secretOf = async (c) => forms((await c.get('/account')).text).find((f) => f.action === '/account/second').fields.secret;
// Turns the second factor on with the code of now; a sign-in then uses the next one.
async function secure(c) {
    const secret = await secretOf(c);
    assert.equal((await c.submit('/account', '/account/second', { secret, second_current: password, code: code(secret) })).status, 303);
    return secret;
}
const codeForm = (reply) => forms(reply.text).find((f) => f.action === '/login/code');

test('a cookie or token that opens nothing is counted like no cookie at all', async () => {
    const limited = await start('bank', { env: { GARDEFOU_ADDRESS_RATE: '5:20' } });
    try {
        const ask = async (headers) => (await exchange(limited.server.url, 'GET', '/login', { headers })).status;
        const kinds = {
            'any cookie': () => ({ cookie: 'x=1' }), 'a visit': () => ({ cookie: `visit=${randomUUID()}${randomUUID()}` }),
            'a made-up session': () => ({ cookie: `session=${'A'.repeat(43)}` }), 'a made-up token': () => ({ authorization: `Bearer gf_${'B'.repeat(43)}` }),
        };
        for (const [what, headers] of Object.entries(kinds)) {
            const seen = [];
            for (let i = 0; i < 40; i++) seen.push(await ask(headers()));
            assert.ok(seen.includes(429), `${what} is never slowed down`);
        }
        const real = new Client(limited.server, { token: limited.world.tokens.plain });
        assert.equal((await real.get('/')).status, 200, 'who has a token works on beside the attacker');
    } finally { await limited.end(); }
});

test('many guesses at one moment are not all free', async () => {
    const tries = await Promise.all(Array.from({ length: 24 }, () => fresh().submit('/login', '/login', { email: email('head_orm'), password: 'a wrong sentence' })));
    const judged = tries.filter((r) => r.status === 422).length;
    // Three are free; on PostgreSQL those that run at the same time before the first failure is stored, too.
    assert.ok(judged <= 8, `${judged} of 24 guesses were judged`);
    assert.equal((await fresh().login(email('head_orm'), password)).status, 429);
});

test('a second factor needs the password to be turned on, and a code at each sign-in', async () => {
    const c = await signedIn('analyst');
    const secret = await secretOf(c);
    const turnOn = (fields) => c.submit('/account', '/account/second', { secret, ...fields });
    const wrong = await turnOn({ second_current: 'not this sentence', code: code(secret) });
    assert.equal(wrong.status, 422);
    assert.ok(wrong.text.includes('The current password is wrong.'));
    const off = await turnOn({ second_current: password, code: '000000' });
    assert.equal(off.status, 422);
    assert.ok(off.text.includes('This code is not right'));
    assert.equal((await turnOn({ second_current: password, code: code(secret) })).status, 303);

    const d = fresh();
    const asked = await d.login(email('analyst'), password);
    assert.equal(asked.status, 200);
    assert.ok(!d.jar.has('session'), 'the password alone opens nothing');
    assert.equal((await d.get('/')).status, 303);
    const { fields } = codeForm(asked);
    assert.equal((await d.post('/login/code', { form: { ...fields, ticket: 'A'.repeat(43), code: code(secret) } })).status, 422, 'a made-up ticket');
    assert.equal((await d.post('/login/code', { form: { ...fields, code: '12345' } })).status, 422);
    const used = code(secret, 1);
    assert.equal((await d.post('/login/code', { form: { ...fields, code: used } })).status, 303);
    assert.equal((await d.get('/')).status, 200);

    const e = fresh();
    const again = codeForm(await e.login(email('analyst'), password));
    const stale = await e.post('/login/code', { form: { ...again.fields, ticket: fields.ticket, code: code(secret, 1) } });
    assert.equal(stale.status, 422, 'a ticket works once');
    assert.ok(stale.text.includes('Please start again'));
    assert.equal((await e.post('/login/code', { form: { ...again.fields, code: used } })).status, 422, 'a code works once');
});

test('codes cannot be guessed: each wrong one makes the next wait', async () => {
    const c = await signedIn('corr_north');
    const secret = await secure(c);
    const d = fresh();
    const { fields } = codeForm(await d.login(email('corr_north'), password));
    const seen = [];
    for (let i = 0; i < 8; i++) seen.push((await d.post('/login/code', { form: { ...fields, code: String(100000 + i) } })).status);
    assert.ok(seen.includes(429), seen.join());
    assert.equal((await d.post('/login/code', { form: { ...fields, code: code(secret) } })).status, 429, 'the right one as well');
    // A new ticket needs the password, and does not start the count anew.
    assert.equal((await fresh().login(email('corr_north'), password)).status, 429);
});

test('a link for a new password does not get around the second factor', async () => {
    const c = await signedIn('plain');
    const secret = await secure(c);
    const first = (await must(s.db, ['user', 'password', email('plain')])).trim();
    const link = (await must(s.db, ['user', 'password', email('plain')])).trim();
    assert.equal((await fresh().get(first)).status, 404, 'a newer link ends the one before');
    const d = fresh();
    const reply = await d.submit(link, link, { password: 'a new long sentence', again: 'a new long sentence' });
    assert.equal(reply.status, 200);
    assert.ok(!d.jar.has('session'));
    assert.equal((await d.get('/')).status, 303);
    assert.equal((await c.get('/')).status, 303, 'the sessions of before have ended');
    const { fields } = codeForm(reply);
    assert.equal((await d.post('/login/code', { form: { ...fields, code: code(secret, 1) } })).status, 303);
    assert.equal((await d.get('/')).status, 200);
});

test('who finds an open session cannot guess password or codes from inside', async () => {
    const c = await signedIn('committee');
    await secure(c);
    c.jar.delete('browser');
    const codes = [], words = [];
    for (let i = 0; i < 8; i++) codes.push((await c.submit('/account', '/account/second', { code: String(200000 + i) })).status);
    assert.ok(codes.includes(429), codes.join());
    for (let i = 0; i < 8; i++) words.push((await c.submit('/account', '/account/password', { current: `guess number ${i}`, password: 'a new long sentence', again: 'a new long sentence' })).status);
    assert.ok(words.every((x) => x === 429), words.join());
});

test('an anonymous declaration keeps nothing of who was signed in', async () => {
    const c = await signedIn('head_north');
    const page = await c.get('/anonymous');
    assert.ok(!visibleText(page.text).includes('Test head_north'));
    const reply = await c.submit('/anonymous', '/anonymous', { description: 'Une histoire cnrsansnom.', unit: 'TN1', discovered_on: isoDay(1), amount_range: 'unknown' });
    assert.equal(reply.status, 303);
    if (engine !== 'sqlite') return;
    const user = s.db.sql(`SELECT id FROM "user" WHERE email = '${email('head_north')}'`);
    assert.equal(s.db.sql(`SELECT COUNT(*) FROM idempotency WHERE account = ${user}`), '0');
    assert.equal(s.db.sql(`SELECT COUNT(*) FROM incident WHERE description LIKE '%cnrsansnom%' AND COALESCE(created_by, 0) = 0 AND COALESCE(updated_by, 0) = 0`), '1');
    assert.equal(s.db.sql(`SELECT COUNT(*) FROM entry WHERE type = 'incident' AND actor = ${user}`), '0');
    const code = reply.headers.location.split('/').pop();
    assert.equal(s.db.sql(`SELECT COUNT(*) FROM idempotency WHERE location LIKE '%${code}%' OR body LIKE '%${code}%'`), '0', 'the code is kept nowhere');
});

test('an administrator gives roles to others, never to himself', async () => {
    const admin = new Client(s.server, { token: s.world.tokens.admin, lang: 'en' });
    refused(await admin.create('role_assignments', { person: email('admin'), role: 'inspection', valid_from: '2015-01-01' }), 422, 'person');
    refused(await admin.create('delegations', { from_user: email('inspection'), to_user: email('admin'), valid_from: isoDay(0), valid_until: isoDay(-9), why: 'x' }), 422, 'to_user');
    refused(await admin.create('delegations', { from_user: email('admin'), to_user: email('admin'), valid_from: isoDay(0), valid_until: isoDay(-9), why: 'x' }), 422, 'to_user');
    assert.ok([403, 404].includes((await admin.list('incidents', 'restricted=true')).status) || (await admin.all('incidents', 'restricted=true')).length === 0);
});

test('a file of confidential records leaves a trace in the history of who took it', async () => {
    const as = (name) => new Client(s.server, { token: s.world.tokens[name], lang: 'en' });
    for (const target of ['/incidents.csv?restricted=true', '/financial_entries.xlsx', '/units.csv']) assert.equal((await as('inspection').get(target)).status, 200, target);
    const history = (await as('security').get(`/api/v1/users/${email('inspection')}/history`)).text;
    assert.ok(history.includes('/incidents.csv?restricted=true') && history.includes('/financial_entries.xlsx'));
    assert.ok(!history.includes('/units.csv'), 'what everybody knows needs no trace');
    ok(await as('inspection').list('incidents'));
});
