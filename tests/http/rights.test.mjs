// rights.test.mjs: every address that changes something (the table of addresses as the program prints it, its pages,
// types and steps) tried by everybody: without a session, with a wrong or another's token of the form, from another
// site, with a token that may only read, as each person. Who may not is refused and nothing has changed.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, closeConnections, exchange, ok } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { isPerson, loadModel, may } from '../lib/model.mjs';
import { must, releaseBinary, start } from '../lib/server.mjs';
import { draft, email, everybody, incidentIn, lists, oneOfEach, password, people } from '../lib/world.mjs';

let s, as, model, addresses, kinds;
const persons = {}, records = {};
const key = (v) => v && typeof v === 'object' ? v.key : v;
const unsafe = (r) => !['GET', 'HEAD'].includes(r.method);

// What a change would leave behind, in one statement. Reading a restricted record is noted, and is no change.
function standing() {
    const counts = model.types.map((t) => `SELECT '${t.name} ' || COUNT(*) || ' ' || COALESCE(SUM(version), 0) FROM "${t.name}"`);
    const text = s.db.sql([...counts, "SELECT 'entry ' || COUNT(*) || ' ' || MAX(id) FROM entry WHERE action NOT IN ('read', 'sign_in', 'sign_in_failed')",
        "SELECT 'tokens ' || COUNT(*) FROM api_token", "SELECT 'files ' || COUNT(*) FROM file", "SELECT 'sessions ' || COUNT(*) FROM session"].join(' UNION ALL '));
    closeConnections(); // they were idle meanwhile
    return text.split('\n').sort();
}
async function unchanged(work) {
    const was = standing();
    await work();
    assert.deepEqual(standing(), was);
}

// Eight at a time.
async function each(items, work) {
    const queue = [...items];
    await Promise.all(Array.from({ length: 8 }, async () => { while (queue.length) await work(queue.shift()); }));
}

// The addresses of a route: each page, each type, a record of it, each step.
function expand(route) {
    if (route.pattern === '{page}') return model.pages.filter((p) => p.post).map((p) => ({ ...route, path: p.path, page: p, right: p.right }));
    if (!route.pattern.includes('{types}')) {
        const path = route.pattern.replace('{number}', '1').replace('{name}', 'x'.repeat(43));
        assert.ok(!path.includes('{'), `${route.pattern}: this test does not know the placeholder`);
        return [{ ...route, path }];
    }
    return model.types.filter((t) => t.pages).flatMap((type) => {
        const steps = route.pattern.includes('{name}') ? type.transitions.map((t) => t.name) : [null];
        const numbers = route.pattern.includes('{number}') ? records[type.name].map((r) => r.number) : [null];
        return numbers.flatMap((number) => steps.map((step) => ({ ...route, type, number, step,
            path: route.pattern.replace('{types}', type.plural).replace('{number}', number && encodeURIComponent(number)).replace('{name}', step) })));
    });
}

before(async () => {
    s = await start('bank', { binary: releaseBinary });
    as = everybody(s.server, s.world, { check: false });
    const l = await lists(as.analyst);
    for (const side of ['north', 'south']) await incidentIn('qualification', as, l, { side });
    const secret = ok(await as.plain.create('incidents', draft({ manager_involved: true })), 201).number;
    ok(await as.plain.move('incidents', secret, 'submit'));
    model = await loadModel(s.db);
    await oneOfEach(as, model);
    const units = await as.organisation.all('units', '', 500), parent = new Map(units.map((u) => [u.number, key(u.parent)]));
    const under = (top) => new Set(units.map((u) => u.number).filter((n) => { for (let at = n; at; at = parent.get(at)) if (at === top) return true; return false; }));
    for (const [name, [, role, where]] of Object.entries(people))
        persons[name] = { email: email(name), roles: [{ role: 'declarant', units: null }, ...(role ? [{ role, units: where ? under(where) : null }] : [])] };
    // Of each type two records that differ in side or confidentiality.
    for (const type of model.types.filter((t) => t.pages)) {
        const reader = Object.keys(persons).find((n) => persons[n].roles.some((x) => !x.units && type.grants.some((g) => g.role === x.role && g.ops.includes('read') && g.scope === 'all' && g.restricted && !g.hide)));
        const found = new Map();
        for (const row of ok(await as[reader].list(type.plural, 'sort=-id&limit=50')).items) {
            const r = ok(await as[reader].one(type.plural, row.number));
            Object.assign(r, { unit: key(r.unit), created_by: key(r.created_by), owner: key(r.owner), readers: (r.readers ?? []).map(key) });
            const up = type.fields.find((f) => f.name === type.parent);
            if (up) {
                const above = ok(await as[reader].one(model.type(up.of).plural, key(r[up.name])));
                Object.assign(r, { unit: key(above.unit), restricted: above.restricted, readers: [] });
            }
            if (!found.has(`${r.unit} ${r.restricted}`) && found.size < 2) found.set(`${r.unit} ${r.restricted}`, r);
        }
        records[type.name] = [...found.values()];
    }
    addresses = model.routes.filter(unsafe).flatMap(expand);
    // Of each route, page and type one: what stands before the record does not depend on it.
    kinds = [...new Map(addresses.map((a) => [`${a.method} ${a.pattern} ${a.page?.path ?? a.type?.name ?? ''}`, a])).values()];
});
after(() => s?.end());

test('the table of addresses is the program\'s own', () => {
    assert.ok(model.routes.length > 50 && addresses.length > 300, `${model.routes.length} routes, ${addresses.length} addresses`);
    for (const path of ['/login', '/account/tokens', '/incidents/bulk', '/indicator-push', '/anonymous']) assert.ok(addresses.some((a) => a.path === path), path);
    for (const a of addresses) assert.ok(a.right, `${a.path} declares no right`);
});

const bodyOf = (a, extra = {}) => a.path.startsWith('/api/')
    ? { body: JSON.stringify({ reason: 'x', zz_no_such_field: '1' }), type: 'application/json' }
    : { body: new URLSearchParams({ reason: 'x', zz_no_such_field: '1', text: ' ', ...extra }).toString(), type: 'application/x-www-form-urlencoded' };
async function send(a, headers, extra) {
    const { body, type } = bodyOf(a, extra);
    const keys = { 'idempotency-key': randomUUID(), ...(a.path.startsWith('/api/') ? { 'if-match': '"1"' } : {}) };
    return exchange(s.server.url, a.method, a.path, { headers: { 'content-type': type, ...keys, ...headers }, body });
}

test('nobody without a session, and no made-up token, changes anything', async () => {
    await unchanged(() => each(kinds, async (a) => {
        const isPublic = a.right === 'public', isApi = a.path.startsWith('/api/');
        for (const [what, headers] of Object.entries({ none: {}, json: { accept: 'application/json' }, cookie: { cookie: `session=${'A'.repeat(43)}` }, token: { authorization: `Bearer gf_${'B'.repeat(43)}` } })) {
            const reply = await send(a, headers);
            const want = isPublic ? [403] : isApi || what === 'json' || what === 'token' ? [401] : [303];
            assert.ok(want.includes(reply.status), `${a.method} ${a.path} with ${what}: ${reply.status} not ${want}`);
            if (reply.status === 303) assert.match(reply.headers.location, /^\/login/, a.path);
        }
    }));
});

test('a session alone is not enough: the form must be this site\'s and this session\'s own', async () => {
    const browsers = [];
    for (const name of ['head_orm', 'admin']) {
        const c = new Client(s.server, { lang: 'en' });
        assert.equal((await c.login(email(name), password)).status, 303);
        const own = forms((await c.get('/account')).text).find((f) => f.method === 'post' && f.fields._csrf).fields._csrf;
        browsers.push({ cookie: [...c.jar].map(([k, v]) => `${k}=${v}`).join('; '), own });
    }
    const [me, other] = browsers;
    await unchanged(() => each(kinds, async (a) => {
        const tries = {
            'no token': [{}, {}], 'a wrong token': [{}, { _csrf: 'A'.repeat(64) }], 'another session\'s token': [{}, { _csrf: other.own }],
            'another session\'s token as header': [{ 'x-csrf-token': other.own }, {}],
            'another origin': [{ origin: 'https://evil.example', 'x-csrf-token': me.own }, { _csrf: me.own }],
            'a null origin': [{ origin: 'null', 'x-csrf-token': me.own }, {}],
            'another site': [{ 'sec-fetch-site': 'cross-site', 'x-csrf-token': me.own }, { _csrf: me.own }],
            'a sister site': [{ 'sec-fetch-site': 'same-site', 'x-csrf-token': me.own }, { _csrf: me.own }],
        };
        for (const [what, [headers, fields]] of Object.entries(tries)) {
            const reply = await send(a, { cookie: me.cookie, ...headers }, fields);
            // A page that its reader may not open is refused before the form is looked at.
            const shut = a.page && a.page.right !== 'public' && reply.status === 404;
            assert.ok(reply.status === 403 || shut, `${a.method} ${a.path} with ${what}: ${reply.status}`);
        }
    }));
});

test('a token that may only read changes nothing', async () => {
    for (const name of ['head_orm', 'admin']) {
        const token = (await must(s.db, ['token', 'create', '--user', email(name), '--read-only'])).trim();
        await unchanged(() => each(kinds, async (a) => {
            const reply = await send(a, { authorization: `Bearer ${token}` });
            assert.equal(reply.status, 403, `${a.method} ${a.path}: ${reply.status}`);
        }));
    }
});

test('nothing that changes answers to a plain link', async () => {
    const read = new Set(model.routes.filter((r) => r.method === 'GET').map((r) => r.pattern));
    await unchanged(() => each(kinds.filter((a) => !read.has(a.pattern)), async (a) => {
        for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
            const reply = await exchange(s.server.url, method, a.path, { headers: { authorization: `Bearer ${s.world.tokens.head_orm}` } });
            assert.ok([403, 404, 405].includes(reply.status), `${method} ${a.path}: ${reply.status}`);
        }
    }));
});

const holds = (person, right) => ['public', 'signed_in'].includes(right)
    || (right.startsWith('role:') ? person.roles.some((x) => right.slice(5).split(' ').includes(x.role))
        : model.type(right).grants.some((g) => g.ops.includes('read') && person.roles.some((x) => x.role === g.role)));

// Which answers a person may get; what is not refused fails on the field that no form has.
function wanted(a, person) {
    if (a.page) return holds(person, a.right) ? null : [403, 404];
    if (!a.type) return null;
    const r = a.number && records[a.type.name].find((x) => x.number === a.number);
    const creates = a.type.grants.some((g) => g.ops.includes('create') && person.roles.some((x) => x.role === g.role));
    if (!r) return a.pattern.endsWith('/bulk') ? null : creates ? [422] : [403, 404];
    if (!may(a.type, person, r, 'read')) return [404];
    if (a.pattern.endsWith('/comments')) return [422];
    if (!a.step) return may(a.type, person, r, 'update') ? [409, 422] : [403];
    const step = a.type.transitions.find((t) => t.name === a.step), roles = (step.roles ?? '').split(' ');
    if (!step.roles) return [403, 404, 409]; // taken by the program alone
    if (!step.from.split(' ').includes(r.state)) return [409];
    const takes = roles.some((role) => role.startsWith('@') ? isPerson(r, role, person.email)
        : person.roles.some((x) => x.role === role && (!x.units || !r.unit || x.units.has(r.unit))));
    return takes ? [422, ...(step.four_eyes || /approve/.test(step.name) ? [403] : [])] : [403];
}

// Programs are tested with the same table in model.test.mjs; here are the pages, with a form as a browser sends it.
test('each form of each record and page, as each person: refused to all but those who may', async () => {
    const wrong = [];
    await unchanged(() => each(addresses.filter((a) => a.type ? !a.path.startsWith('/api/') : a.page), async (a) => {
        for (const [name, person] of Object.entries(persons)) {
            const want = wanted(a, person);
            if (!want) continue;
            const reply = await send(a, { authorization: `Bearer ${s.world.tokens[name]}` });
            if (!want.includes(reply.status)) wrong.push(`${name} ${a.method} ${a.path}: ${reply.status} not ${want}`);
        }
    }));
    assert.deepEqual(wrong.slice(0, 25), [], `${wrong.length} in all`);
});

test('bulk steps on records that one may not see or move change nothing', async () => {
    const wrong = [];
    await unchanged(() => each(addresses.filter((a) => a.pattern.endsWith('/bulk')), async (a) => {
        for (const [name, person] of Object.entries(persons)) {
            const shut = records[a.type.name].filter((r) => !may(a.type, person, r, 'read'));
            for (const t of shut.length ? a.type.transitions : []) {
                const body = new URLSearchParams([...shut.map((r) => ['number', r.number]), ['do', t.name], ['reason', 'x']]).toString();
                const reply = await exchange(s.server.url, 'POST', a.path, { headers: { authorization: `Bearer ${s.world.tokens[name]}`, 'content-type': 'application/x-www-form-urlencoded' }, body });
                if (reply.status >= 500) wrong.push(`${name} ${a.path} ${t.name}: ${reply.status}`);
            }
        }
    }));
    assert.deepEqual(wrong.slice(0, 25), []);
});

test('each page opens for those whose right it names, and for nobody else', async () => {
    const wrong = [];
    await each(model.pages, async (p) => {
        for (const [name, person] of Object.entries(persons)) {
            const reply = await as[name].get(p.path, { accept: 'text/html' });
            const want = holds(person, p.right) ? [200, 303, 404, 422] : [403, 404];
            if (!want.includes(reply.status)) wrong.push(`${name} ${p.path} (${p.right}): ${reply.status} not ${want}`);
        }
    });
    assert.deepEqual(wrong.slice(0, 25), [], `${wrong.length} in all`);
});
