// session.test.mjs: signing in and out, sessions, CSRF, origin, one-time links, API tokens, redirects.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { command, must, start } from '../lib/server.mjs';
import { draft, email, password } from '../lib/world.mjs';

let s, browser;
before(async () => { s = await start('bank'); });
after(() => s?.end());
const fresh = (options) => new Client(s.server, { lang: 'en', ...options });
const signedIn = async (name = 'plain') => {
    const c = fresh({ name });
    const reply = await c.login(email(name), password);
    assert.equal(reply.status, 303, reply.text.slice(0, 800));
    return c;
};
const csrfOf = async (c, page = '/account') => forms((await c.get(page)).text).find((f) => f.fields._csrf).fields._csrf;

test('without a session a page leads to the sign-in page and the API answers 401', async () => {
    const c = fresh();
    const page = await c.get('/incidents?state=open');
    assert.equal(page.status, 303);
    assert.match(page.headers.location, /^\/login\?next=%2Fincidents|^\/login\?next=\/incidents/);
    const api = await fresh({ check: false }).get('/api/v1/incidents');
    refused(api, 401);
    assert.match(api.headers['www-authenticate'], /^Bearer/);
});

test('the sign-in form signs in and comes back to where one was', async () => {
    const c = fresh();
    const reply = await c.submit('/login?next=/incidents', '/login', { email: email('plain'), password });
    assert.equal(reply.status, 303);
    assert.equal(reply.headers.location, '/incidents');
    const cookie = reply.cookies.find((l) => l.startsWith('session='));
    assert.ok(cookie, 'a session cookie');
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=(Strict|Lax)/);
    assert.match(cookie, /Path=\//);
    assert.doesNotMatch(cookie, /Domain=/i);
    ok2xx(await c.get('/'));
});
const ok2xx = (reply) => assert.equal(reply.status, 200, `${reply.status}: ${reply.text.slice(0, 500)}`);

test('a wrong password and an unknown address are refused in the same words', async () => {
    const texts = [];
    for (const who of [email('plain2'), 'nobody@test.example']) {
        const c = fresh();
        const reply = await c.submit('/login', '/login', { email: who, password: 'certainly not this one' });
        assert.equal(reply.status, 422);
        assert.ok(!c.jar.has('session'));
        assert.ok(reply.text.includes('E-mail or password is wrong.'));
        assert.ok(!reply.text.includes('certainly not this one'), 'a password is never shown again');
        texts.push(reply.text.replaceAll(who, '').replace(/value="[^"]*"/g, ''));
    }
    assert.equal(texts[0].length, texts[1].length);
});

test('after several failures one must wait, also with the right password', async () => {
    let last;
    for (let i = 0; i < 12; i++) {
        last = await fresh().submit('/login', '/login', { email: email('committee'), password: 'wrong sentence here' });
        if (last.status === 429) break;
    }
    assert.equal(last.status, 429, 'repeated failures are slowed down');
    const right = await fresh().submit('/login', '/login', { email: email('committee'), password });
    assert.equal(right.status, 429);
});

test('the session id changes at each sign-in and one that was set before is worth nothing', async () => {
    const c = fresh();
    c.jar.set('session', 'A'.repeat(43));
    const reply = await c.login(email('plain'), password);
    assert.equal(reply.status, 303);
    const first = c.jar.get('session');
    assert.notEqual(first, 'A'.repeat(43));
    const d = await signedIn();
    assert.notEqual(d.jar.get('session'), first);
});

test('signing out ends the session on the server', async () => {
    const c = await signedIn();
    const stolen = new Map(c.jar);
    const reply = await c.post('/logout', { form: { _csrf: await csrfOf(c) } });
    assert.equal(reply.status, 303);
    c.jar = stolen;
    assert.equal((await c.get('/')).status, 303, 'the old cookie opens nothing');
});

test('each unsafe page route refuses a missing, foreign or empty CSRF token', async () => {
    const c = await signedIn(), other = await signedIn('analyst');
    const foreign = await csrfOf(other);
    const routes = ['/logout', '/preferences', '/account/password', '/account/tokens', '/account/sessions/1/delete',
        '/account/tokens/1/delete', '/views', '/views/1/delete', '/incidents', '/incidents/bulk', '/incidents/INC-2026-00001',
        '/incidents/INC-2026-00001/do/submit'];
    for (const route of routes) {
        for (const form of [{ title: 'x' }, { _csrf: '' }, { _csrf: foreign }, { _csrf: 'x'.repeat(64) }]) {
            const reply = await c.post(route, { form });
            assert.equal(reply.status, 403, `${route} with ${JSON.stringify(form).slice(0, 40)}`);
        }
    }
    assert.equal((await c.get('/')).status, 200, 'still signed in');
});

test('requests from other sites are refused even with the token', async () => {
    const c = await signedIn();
    const form = { _csrf: await csrfOf(c), lang: 'en' };
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: `${s.server.url}.evil.example` }])
        assert.equal((await c.post('/preferences', { form, headers })).status, 403, JSON.stringify(headers));
    for (const headers of [{ origin: s.server.url }, { 'sec-fetch-site': 'same-origin', origin: s.server.url }])
        assert.equal((await c.post('/preferences', { form, headers })).status, 303, JSON.stringify(headers));
});

test('a text/plain or JSON body cannot stand in for a form, nor a form for JSON', async () => {
    const c = await signedIn();
    const csrf = await csrfOf(c);
    const plain = await c.post('/incidents', { body: `_csrf=${csrf}&title=x`, headers: { 'content-type': 'text/plain' } });
    assert.ok([403, 415, 422].includes(plain.status), String(plain.status));
    const api = new Client(s.server, { token: s.world.tokens.plain, lang: 'en', name: 'plain' });
    const form = await api.post('/api/v1/incidents', { form: draft(), headers: { 'idempotency-key': 'form-1' } });
    refused(form, 415);
});

test('the API takes a session too, but only with the CSRF token', async () => {
    const c = await signedIn();
    ok(await c.list('incidents'));
    refused(await c.create('incidents', draft()), 403);
    ok(await c.create('incidents', draft(), { headers: { 'x-csrf-token': await csrfOf(c) } }), 201);
});

test('next leads only to this site', async () => {
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '\\\\evil', 'javascript:alert(1)', '/%0d%0aX: y', '/\t/evil.example']) {
        const c = fresh();
        const reply = await c.submit(`/login?next=${encodeURIComponent(next)}`, '/login', { email: email('plain'), password, next });
        assert.equal(reply.status, 303);
        const where = new URL(reply.headers.location, s.server.url);
        assert.equal(where.origin, s.server.url, `${next} led to ${reply.headers.location}`);
    }
});

test('the account page lists sessions and ends another one', async () => {
    const a = await signedIn('head_orm'), b = await signedIn('head_orm');
    const page = await a.get('/account');
    ok2xx(page);
    const ends = forms(page.text).filter((f) => /^\/account\/sessions\/\d+\/delete$/.test(f.action));
    assert.ok(ends.length >= 1);
    for (const f of ends) assert.equal((await a.post(f.action, { form: f.fields })).status, 303);
    assert.equal((await b.get('/')).status, 303, 'the other session has ended');
    ok2xx(await a.get('/'));
    const foreign = await signedIn('plain');
    const reply = await foreign.post(ends[0].action, { form: { _csrf: await csrfOf(foreign) } });
    assert.ok([303, 404].includes(reply.status));
    ok2xx(await a.get('/'));
});

test('changing the password needs the old one and ends the other sessions', async () => {
    const a = await signedIn('corr_north'), b = await signedIn('corr_north');
    const change = (fields) => a.submit('/account', '/account/password', fields);
    assert.equal((await change({ current: 'wrong wrong wrong', password: 'another good sentence', again: 'another good sentence' })).status, 422);
    assert.equal((await change({ current: password, password: 'short', again: 'short' })).status, 422);
    assert.equal((await change({ current: password, password: 'another good sentence', again: 'another bad sentence' })).status, 422);
    assert.equal((await change({ current: password, password: 'another good sentence', again: 'another good sentence' })).status, 303);
    ok2xx(await a.get('/'));
    assert.equal((await b.get('/')).status, 303);
    assert.equal((await fresh().login(email('corr_north'), password)).status, 422);
    assert.equal((await fresh().login(email('corr_north'), 'another good sentence')).status, 303);
});

test('an API token is shown once, may be read-only, and ends when revoked', async () => {
    const c = await signedIn('analyst');
    const make = async (fields) => {
        const page = await c.submit('/account', '/account/tokens', fields);
        ok2xx(page);
        const shown = /gf[a-z]*_[A-Za-z0-9_-]{20,}|[A-Za-z0-9_-]{43,}/g;
        const known = new Set([...page.text.matchAll(/(?:value|name|href|src)="([^"]*)"/g)].map((m) => m[1]));
        return [...page.text.matchAll(shown)].map((m) => m[0]).filter((t) => ![...known].some((k) => k.includes(t)));
    };
    const found = await make({ name: 'reader', days: '5' });
    assert.ok(found.length >= 1, 'the secret stands on the answer');
    const api = new Client(s.server, { token: found[0], lang: 'en', name: 'analyst' });
    ok(await api.list('incidents'));
    refused(await api.create('incidents', draft({ unit: 'TST' })), 403);
    assert.ok(!(await c.get('/account')).text.includes(found[0]), 'the secret is not shown again');
    const page = await c.get('/account');
    const revoke = forms(page.text).find((f) => /^\/account\/tokens\/\d+\/delete$/.test(f.action));
    assert.equal((await c.post(revoke.action, { form: revoke.fields })).status, 303);
    refused(await new Client(s.server, { token: found[0], check: false }).get('/api/v1/incidents'), 401);
    assert.equal((await c.submit('/account', '/account/tokens', { name: 'x', days: 'many' })).status, 422);
});

test('a token cannot make another token nor change the password', async () => {
    const api = new Client(s.server, { token: s.world.tokens.analyst, lang: 'en' });
    for (const [route, form] of [['/account/tokens', { name: 'x', days: '9' }], ['/account/password', { current: password, password: 'a third good sentence', again: 'a third good sentence' }]])
        assert.equal((await api.post(route, { form })).status, 403, route);
});

test('a disabled account is out at once, by session and by token', async () => {
    const c = await signedIn('head_north');
    await must(s.db, ['user', 'disable', email('head_north')]);
    assert.equal((await c.get('/')).status, 303);
    refused(await new Client(s.server, { token: s.world.tokens.head_north, check: false }).get('/api/v1/incidents'), 401);
    assert.equal((await fresh().login(email('head_north'), password)).status, 422);
});

test('a one-time link sets the first password once', async () => {
    const made = await must(s.db, ['user', 'add', 'new.person@test.example', '--name', 'New Person', '--unit', 'TN1', '--json']);
    const c = fresh();
    assert.equal((await c.submit(made.link, made.link, { password: 'weak', again: 'weak' })).status, 422);
    const reply = await c.submit(made.link, made.link, { password, again: password });
    assert.equal(reply.status, 303);
    ok2xx(await c.get('/'));
    assert.equal((await fresh().get(made.link)).status, 404, 'it works once');
    const wrong = await command(s.db, ['user', 'add', 'new.person@test.example', '--name', 'Again']);
    assert.equal(wrong.code, 1);
});
