// headers.test.mjs: security headers on every kind of answer, framing, hosts, paths, cookies, caching.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { Client, exchange, ok } from '../lib/client.mjs';
import { tags } from '../lib/html.mjs';
import { start } from '../lib/server.mjs';
import { draft, everybody } from '../lib/world.mjs';

let s, as;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world, { check: false }); });
after(() => s?.end());

const bearer = () => ({ authorization: `Bearer ${s.world.tokens.analyst}` });

test('each answer carries the headers: 200, 303, 304, 401, 403, 404, 405, 406, 415, 422, 428, 400', async () => {
    const number = ok(await as.plain.create('incidents', draft()), 201).number;
    const page = (await as.analyst.get('/incidents')).text;
    const style = tags(page).find((t) => t.name === 'link' && t.attributes.rel === 'stylesheet').attributes.href;
    const etag = (await exchange(s.server.url, 'GET', style.split('?')[0])).headers.etag;
    const answers = [
        [200, 'GET', '/incidents', {}], [200, 'GET', '/login', { authorization: '' }], [200, 'GET', style, {}], [200, 'GET', '/healthz', {}], [200, 'GET', '/incidents.csv', {}],
        [200, 'GET', '/api/v1/incidents', {}], [303, 'GET', '/incidents', { authorization: '' }], [304, 'GET', style.split('?')[0], { 'if-none-match': etag }],
        [401, 'GET', '/api/v1/incidents', { authorization: 'Bearer nothing' }], [403, 'POST', '/logout', { authorization: '' }], [404, 'GET', '/nothing', {}], [404, 'GET', '/incidents/INC-1999-00001', {}],
        [404, 'GET', '/assets/nothing.js', {}], [405, 'DELETE', '/incidents', {}], [415, 'POST', '/api/v1/incidents', { 'content-type': 'text/plain', 'idempotency-key': 'a' }, 'x'],
        [422, 'GET', '/api/v1/incidents?sort=nothing', {}], [428, 'PATCH', `/api/v1/incidents/${number}`, { 'content-type': 'application/json' }, '{}'], [400, 'GET', '/a/%2e%2e/b', {}], [421, 'GET', '/', { host: 'evil.example' }],
    ];
    for (const [status, method, target, headers, body] of answers) {
        const all = { ...bearer(), ...headers };
        if (all.authorization === '') delete all.authorization;
        const reply = await exchange(s.server.url, method, target, { headers: all, body });
        const what = `${method} ${target} ${status}`;
        assert.equal(reply.status, status, `${what}: ${reply.status} ${reply.text.slice(0, 200)}`);
        const csp = reply.headers['content-security-policy'] ?? '';
        for (const word of ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"]) assert.ok(csp.includes(word), `${what}: CSP ${csp}`);
        assert.ok(!/unsafe|\*|http:/.test(csp), `${what}: ${csp}`);
        assert.equal(reply.headers['x-content-type-options'], 'nosniff', what);
        assert.match(reply.headers['referrer-policy'] ?? '', /same-origin|no-referrer/, what);
        assert.equal(reply.headers['cross-origin-opener-policy'], 'same-origin', what);
        assert.equal(reply.headers['cross-origin-resource-policy'], 'same-origin', what);
        assert.ok(reply.headers['permissions-policy'], what);
        assert.ok(!reply.headers['access-control-allow-origin'], what);
        assert.ok(!reply.headers['x-powered-by'] && !/\d/.test(reply.headers.server ?? ''), `${what}: server header`);
    }
});

test('answers with data are not kept by shared caches', async () => {
    for (const target of ['/incidents', '/api/v1/incidents', '/incidents.csv', '/', '/account', '/search?q=abc']) {
        const reply = await exchange(s.server.url, 'GET', target, { headers: bearer() });
        assert.match(reply.headers['cache-control'] ?? '', /no-store|private|no-cache/, target);
    }
    const page = await exchange(s.server.url, 'GET', '/incidents', { headers: bearer() });
    for (const t of tags(page.text)) {
        const at = t.attributes.href ?? t.attributes.src;
        if (!at?.startsWith('/assets/') || at.includes('#')) continue;
        const asset = await exchange(s.server.url, 'GET', at);
        assert.equal(asset.status, 200, at);
        assert.match(asset.headers['cache-control'], /immutable/, at);
    }
});

test('cross-origin requests get no permission and do nothing', async () => {
    const reply = await exchange(s.server.url, 'OPTIONS', '/api/v1/incidents', { headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
    assert.ok([405, 501, 400].includes(reply.status), String(reply.status));
    assert.ok(!Object.keys(reply.headers).some((h) => h.startsWith('access-control')));
});

test('error answers say nothing of the inside', async () => {
    const texts = [];
    for (const target of ['/nothing', '/api/v1/incidents?sort=nothing', '/api/v1/incidents/x', '/incidents?after=x']) texts.push((await exchange(s.server.url, 'GET', target, { headers: bearer() })).text);
    for (const t of texts) assert.doesNotMatch(t, /sqlite|postgres|SELECT |\.c:\d+|\/work\/|\/tmp\/|stack trace|ERR_/i);
});

test('pages name no other host and carry no inline script or style', async () => {
    for (const target of ['/', '/incidents', '/login', '/api', '/account', '/incidents/new', '/measures/losses']) {
        const reply = await as.analyst.get(target);
        for (const t of tags(reply.text)) {
            if (t.end) continue;
            for (const name of ['src', 'href', 'action', 'srcset', 'poster', 'data']) {
                const v = t.attributes[name];
                if (v !== undefined && t.name !== 'a') assert.ok(/^(\/(?!\/)|#|\?|$)/.test(v), `${target}: ${t.name} ${name}=${v}`);
            }
            assert.ok(!('style' in t.attributes), `${target}: style on ${t.name}`);
            if (t.name === 'script') assert.ok(t.attributes.src, `${target}: inline script`);
            assert.notEqual(t.name, 'style', `${target}: inline style`);
            for (const a of Object.keys(t.attributes)) assert.ok(!a.startsWith('on'), `${target}: ${a}`);
        }
    }
});

test('malformed framing is refused and never smuggles a second request', () => {
    const done = spawnSync(process.execPath, [fileURLToPath(new URL('./framing.mjs', import.meta.url)), String(s.server.port), `127.0.0.1:${s.server.port}`], { encoding: 'utf8', timeout: 120000 });
    assert.equal(done.status, 0, done.stdout.split('\n').filter((x) => x.startsWith('FAIL')).join('\n') + done.stderr);
});

test('an honest request is answered while slow ones hang', async () => {
    const net = await import('node:net');
    const slow = Array.from({ length: 300 }, () => {
        const socket = net.connect(s.server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nX'));
        socket.on('error', () => {});
        return socket;
    });
    await new Promise((r) => setTimeout(r, 300));
    const times = [];
    for (let i = 0; i < 20; i++) {
        const began = performance.now();
        assert.equal((await as.analyst.get('/api/v1/incidents?limit=1')).status, 200);
        times.push(performance.now() - began);
    }
    slow.forEach((x) => x.destroy());
    assert.ok(Math.max(...times) < 2000, `slowest ${Math.max(...times)} ms`);
});

test('one account that asks too much is told to wait', async () => {
    const { Server } = await import('../lib/server.mjs');
    const other = new Server(s.db, { env: { GARDEFOU_RATE: '5', GARDEFOU_BURST: '10' } });
    if (s.db.kind === 'sqlite') return; // one server owns the file; the limit is the same code
    await other.start();
    try {
        const c = new Client(other, { token: s.world.tokens.analyst, check: false });
        const all = await Promise.all(Array.from({ length: 40 }, () => c.get('/api/v1/incidents?limit=1')));
        const refusedOnes = all.filter((r) => r.status === 429);
        assert.ok(refusedOnes.length > 10);
        assert.ok(refusedOnes.every((r) => r.headers['retry-after']));
    } finally { await other.stop(); }
});
