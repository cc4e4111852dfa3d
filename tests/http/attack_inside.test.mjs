// attack_inside.test.mjs: what somebody tries who is inside already, or was: reading without a trace, the log, the
// calendar's address after the sign-in is gone, imports after the role is gone, steps that the owner must leave to
// others, words of refusals. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { press, until, upload } from '../lib/import.mjs';
import { must, start } from '../lib/server.mjs';
import { draft, email, everybody, incidentIn, isoDay, lists, password } from '../lib/world.mjs';

let s, as, l;
before(async () => {
    s = await start('bank', { env: { GARDEFOU_LOG: 'info' } });
    as = everybody(s.server, s.world, { check: false });
    l = await lists(as.analyst);
});
after(() => s?.end());
const fresh = () => new Client(s.server, { lang: 'en' });
const signedIn = async (name, words = password) => {
    const c = fresh();
    assert.equal((await c.login(email(name), words)).status, 303);
    return c;
};
const version = async (who, types, number) => ok(await as[who].one(types, number)).version;

test('the log holds no address: links, codes, calendars and people stay out of it', async () => {
    const link = (await must(s.db, ['user', 'password', email('plain2')])).trim();
    const before = s.server.errors.split('"event":"request"').length - 1;
    const secret = link.split('/').pop(), code = 'ABCDE23456';
    await fresh().get(link.replace(/^https?:\/\/[^/]+/, ''));
    await fresh().get(`/feeds/${'F'.repeat(43)}.ics`);
    await fresh().get(`/anonymous/${code}`);
    await fresh().get(`/anonymous?code=${code}`);
    await as.admin.one('users', email('plain'));
    await as.admin.get(`/users/${email('plain')}`);
    await as.plain.get('/search?q=motsecretcnr');
    await fresh().get('/nothing/motsecretcnr');
    // Lines of the log share a write, a quarter of a second late at most: all eight requests are waited for.
    const told = () => s.server.errors.split('"event":"request"').length - 1;
    for (let i = 0; told() < before + 8 && i < 200; i++) await new Promise((r) => setTimeout(r, 25));
    const log = s.server.errors;
    assert.ok(told() >= before + 8, 'each request is in the log');
    for (const word of [secret, 'F'.repeat(43), code, email('plain'), 'motsecretcnr'])
        assert.ok(!log.includes(word), `${word} stands in the log`);
});

test('the figures for monitoring are not handed out through a proxy on the same machine', async () => {
    assert.equal((await fresh().get('/metrics')).status, 200);
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
        assert.equal((await fresh().get('/metrics', { headers: { [name]: '203.0.113.9' } })).status, 404, name);
});

test('the address of a calendar ends with the password, the sign-in everywhere and the account', async () => {
    let words = password;
    const make = async (c) => {
        const page = await c.submit('/account', '/account/feed', {});
        return /\/feeds\/[A-Za-z0-9_-]{43}\.ics/.exec(page.text)[0];
    };
    const works = async (address) => (await fresh().get(address)).status === 200;
    const c = await signedIn('corr_north');
    let address = await make(c);
    assert.ok(await works(address));
    const change = async (next, more = {}) => {
        assert.equal((await c.submit('/account', '/account/password', { current: words, password: next, again: next, ...more })).status, 303);
        words = next;
    };
    await change('another long test sentence', { keep_tokens: 'true' });
    assert.ok(await works(address), 'kept because it was asked');
    await change('a third long test sentence');
    assert.ok(!await works(address), 'a new password');
    address = await make(c);
    assert.equal((await c.submit('/account', '/account/sessions/delete', {})).status, 303);
    assert.ok(!await works(address), 'signing out everywhere');
    address = await make(c);
    ok(await as.admin.move('users', email('corr_north'), 'sign_out', { reason: 'Telephone lost' }));
    assert.ok(!await works(address), 'signed out by an administrator');
    const d = await signedIn('corr_north', words);
    address = await make(d);
    ok(await as.admin.move('users', email('corr_north'), 'disable', { reason: 'Left' }));
    assert.ok(!await works(address), 'disabled');
    ok(await as.admin.move('users', email('corr_north'), 'enable', { reason: 'Back' }));
    assert.ok(!await works(address), 'enabling brings it not back');
});

test('a restricted record is read in no way without a trace', async () => {
    const number = ok(await as.plain.create('incidents', draft({ title: 'cnrtrace', manager_involved: true })), 201).number;
    ok(await as.plain.move('incidents', number, 'submit'));
    const traces = async () => {
        const h = ok(await as.inspection2.get(`/api/v1/incidents/${number}/history?limit=500`));
        return h.items.filter((e) => /read this restricted record/.test(e.what) && e.who === 'Test inspection').length;
    };
    const by = new Client(s.server, { token: s.world.tokens.inspection, lang: 'en', check: false });
    const now = await version('inspection2', 'incidents', number);
    const page = `/incidents/${number}`;
    const ways = {
        'the record': () => by.one('incidents', number),
        'a change of nothing': () => by.patch('incidents', number, now, {}),
        'a collision': async () => { const r = await by.patch('incidents', number, now + 7, { title: 'other', description: 'other' }); assert.equal(r.status, 409); assert.ok(r.text.includes('cnrtrace')); return r; },
        'a collision of a form': () => by.post(`${page}.json`, { form: { version: String(now + 7), title: 'other' } }),
        'a form shown again': () => by.post(page, { form: { version: String(now), title: '' }, accept: 'text/html' }),
        'a step shown again': () => by.post(`${page}/do/confirm`, { form: { nothing: 'x' }, accept: 'text/html' }),
        'a comment shown again': () => by.post(`${page}/comments`, { form: { text: '' }, accept: 'text/html', headers: { 'idempotency-key': 'again' } }),
    };
    for (const [what, way] of Object.entries(ways)) {
        const before = await traces();
        const reply = await way();
        if (reply.status >= 400 && !reply.text.includes('cnrtrace')) continue;
        assert.ok(await traces() > before, `${what} (${reply.status}) left no trace`);
    }
});

test('what an undone import leaves is named only to who may see it now', async () => {
    const c = new Client(s.server, { token: s.world.tokens.analyst, lang: 'en' });
    const run = await upload(c, 'incident', 'reste.csv', `title,description,discovered_on,unit,amount_range\ncnrreste,Une ligne,${isoDay(9)},TN1,to_10k\n`);
    await until(c, run, 'checked');
    await press(c, 'apply', run);
    await until(c, run, 'done');
    const [row] = await as.analyst.all('incidents', 'q=cnrreste');
    ok(await as.analyst.patch('incidents', row.number, row.version, { manager_involved: true }));
    await press(c, 'undo', run);
    await until(c, run, 'undone');
    assert.equal((await as.analyst2.one('incidents', row.number)).status, 404, 'restricted by now');
    assert.ok((await as.analyst.get(`/import?run=${run}`, { accept: 'text/html' })).text.includes(row.number), 'its author is told');
    const seen = await as.analyst2.get(`/import?run=${run}`, { accept: 'text/html' });
    assert.ok(seen.status === 404 || !seen.text.includes(row.number), 'a colleague is not');
});

test('who may import no more neither sees nor takes back what was imported', async () => {
    const person = email('analyst2');
    const token = s.world.tokens.analyst2;
    const c = new Client(s.server, { token, lang: 'fr' });
    const file = `title,description,discovered_on,unit,amount_range\ncnrimport,Une ligne,${isoDay(9)},TN1,to_10k\n`;
    const run = await upload(c, 'incident', 'lignes.csv', file);
    await until(c, run, 'checked');
    await press(c, 'apply', run);
    await until(c, run, 'done');
    ok(await as.admin.create('role_assignments', { person, role: 'finance', valid_from: '2015-01-01' }), 201);
    const held = (await as.admin.all('role_assignments', `person=${person}&role=analyst`))[0].number;
    ok(await as.admin.move('role_assignments', held, 'retire', { reason: 'Left the team' }));
    assert.equal((await c.get('/import')).status, 200, 'the page is open to the other role');
    assert.ok(!(await c.get('/import')).text.includes('lignes.csv'));
    assert.equal((await c.get(`/import?run=${run}`)).status, 404);
    assert.equal((await c.get(`/import.csv?run=${run}`)).status, 404);
    await press(c, 'undo', run, 404);
    assert.equal((await as.analyst.all('incidents', 'q=cnrimport')).length, 1);
});

test('an owner does not get around a step for others by naming another owner first', async () => {
    const made = ok(await as.head_orm.create('issues', { title: 'Faille', description: 'Un accès reste ouvert.', source: 'self', likelihood: '3', impact: '3', unit: 'TN1', owner: email('analyst'), identified_on: isoDay(5), target_on: isoDay(-60) }), 201);
    const number = made.number;
    if (made.state === 'draft') ok(await as.head_orm.move('issues', number, 'open'));
    refused(await as.analyst.move('issues', number, 'cancel', { reason: 'Plus utile' }), 403);
    ok(await as.analyst.patch('issues', number, await version('analyst', 'issues', number), { owner: email('head_north') }));
    refused(await as.analyst.move('issues', number, 'cancel', { reason: 'Plus utile' }), 403);
    ok(await as.head_orm.move('issues', number, 'cancel', { reason: 'Plus utile' }));
});

test('who handles restricted cases elsewhere does not open this one', async () => {
    ok(await as.admin.create('role_assignments', { person: email('plain'), role: 'inspection', in_unit: 'TSOUTH', valid_from: '2015-01-01' }), 201);
    const r = ok(await as.plain.create('incidents', draft({ restricted: true })), 201);
    refused(await as.plain.patch('incidents', r.number, r.version, { restricted: false }), 422, 'restricted');
});

test('what stands in the way of closing is not named to who may not see it', async () => {
    const incident = await incidentIn('closure', as, l, { side: 'south' });
    const issue = ok(await as.head_orm.create('issues', { title: 'Cachée', description: 'Confidentiel.', owner: email('head_orm'), source: 'incident', incident, likelihood: '3', impact: '3', unit: 'TS1', restricted: true, identified_on: isoDay(5), target_on: isoDay(-60) }), 201).number;
    if (ok(await as.head_orm.one('issues', issue)).state === 'draft') ok(await as.head_orm.move('issues', issue, 'open'));
    const action = ok(await as.head_orm.create('actions', { title: 'cnrcachee', issues: [issue], restricted: true, unit: 'TS1', deliverable: 'Un rapport', kind: 'corrective', priority: 'high', owner: email('head_orm'), due_on: isoDay(-30) }), 201).number;
    assert.equal((await as.analyst.one('actions', action)).status, 404);
    const why = refused(await as.analyst.move('incidents', incident, 'close'), 422);
    assert.ok(!JSON.stringify(why).includes(action), JSON.stringify(why));
    assert.match(JSON.stringify(why), /may not see|ne pouvez pas voir/);
    assert.ok(JSON.stringify(refused(await as.head_orm.move('incidents', incident, 'close'), 422)).includes(action));
});

test('what hangs on a case that becomes restricted becomes it, too', async () => {
    const incident = await incidentIn('qualification', as, l, { side: 'south' });
    const issue = ok(await as.head_south.create('issues', { title: 'cnrsuite', description: 'Copie de ce que le déclarant a écrit.', source: 'incident', incident, likelihood: '2', impact: '2', unit: 'TS1', owner: email('head_south'), identified_on: isoDay(1), target_on: isoDay(-60) }), 201).number;
    const action = ok(await as.analyst.create('actions', { title: 'cnrsuite deux', issues: [issue], unit: 'TS1', deliverable: 'Un rapport', kind: 'corrective', priority: 'high', owner: email('plain'), due_on: isoDay(-30) }), 201).number;
    const plan = ok(await as.analyst.create('assignment_plans', { title: 'Revue', task: 'Relire', source_type: 'incident', source_number: incident, assignee: 'person', person: email('plain'), rule: 'monthly workday 5', starts_on: isoDay(0), open_days: 40, ahead_days: 40 }), 201);
    const asked = async (who) => (await as[who].all('assignments')).filter((a) => a.source_number === incident);
    for (let i = 0; i < 100 && !(await asked('analyst')).length; i++) await new Promise((r) => setTimeout(r, 100));
    assert.ok((await asked('analyst')).length, JSON.stringify(plan));
    assert.equal((await as.corr_south.one('issues', issue)).status, 200);
    ok(await as.corr_south.patch('incidents', incident, await version('corr_south', 'incidents', incident), { restricted: true }));
    assert.equal((await as.corr_south.one('incidents', incident)).status, 404);
    for (const [types, number] of [['issues', issue], ['actions', action]]) {
        assert.equal((await as.corr_south.one(types, number)).status, 404, types);
        assert.equal((await as.analyst.one(types, number)).status, 404, types);
        assert.equal(ok(await as.head_orm.one(types, number)).restricted, true, types);
    }
    assert.deepEqual(await as.analyst.all('issues', 'q=cnrsuite'), []);
    assert.deepEqual(await asked('analyst'), []);
    // From now on only somebody who may see the case is asked about it.
    const second = ok(await as.analyst.create('assignment_plans', { title: 'Sonde', task: 'Relire', source_type: 'incident', assignee: 'person', person: email('auditor'), rule: 'monthly workday 6', starts_on: isoDay(0), open_days: 40, ahead_days: 40 }), 201);
    for (let i = 0; i < 100 && !(await as.auditor.all('assignments', `plan=${second.number}`)).length; i++) await new Promise((r) => setTimeout(r, 100));
    assert.deepEqual(await asked('auditor'), []);
});

test('a decision about a restricted case is not prepared without a trace', async () => {
    const number = ok(await as.plain2.create('incidents', draft({ title: 'cnrdecide', manager_involved: true })), 201).number;
    ok(await as.plain2.move('incidents', number, 'submit'));
    const page = await as.head_orm.get(`/plan-action?incident=${number}`, { accept: 'text/html' });
    assert.ok(page.text.includes('cnrdecide'));
    const h = ok(await as.inspection2.get(`/api/v1/incidents/${number}/history?limit=500`));
    assert.ok(h.items.some((e) => /read this restricted record/.test(e.what) && e.who === 'Test head_orm'), JSON.stringify(h.items.map((e) => e.what)));
});

test('no content of a form, however large, ends the server', async () => {
    const many = 24 << 20, multipart = (head, body) => ({ body: `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n--b--`, headers: { 'content-type': 'multipart/form-data; boundary=b' } });
    const urlencoded = { body: `title=${'a'.repeat(many)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const one = (i) => `--b\r\nContent-Disposition: form-data; name="n${i}"${'; filename*="x"'.repeat(250)}\r\n\r\n1\r\n`;
    const parameters = { body: Array.from({ length: 1900 }, (_, i) => one(i)).join('') + '--b--', headers: { 'content-type': 'multipart/form-data; boundary=b' } };
    const nobody = (page, content) => fresh().post(page, { ...content, headers: { ...content.headers, cookie: `session=${'A'.repeat(43)}` } });
    for (const [what, content] of Object.entries({ urlencoded, text: multipart('name="description"', 'b'.repeat(many)), parameters })) {
        assert.equal((await nobody('/anonymous', content)).status, 422, `nobody: ${what}`);
        assert.equal((await as.analyst.post('/incidents', content)).status, 422, what);
    }
    const json = (text) => as.analyst.post('/api/v1/incidents', { body: text, headers: { 'content-type': 'application/json', 'idempotency-key': 'large' } });
    for (const text of [`{"readers":[${'1,'.repeat(500000)}1]}`, `[${'[],'.repeat(340000)}[]]`, `{"a":[${'{},'.repeat(340000)}{}]}`]) refused(await json(text), 422);
    assert.equal((await fresh().get('/healthz')).status, 200);
});

test('what works once works once, also for many at the same moment', async () => {
    const link = (await must(s.db, ['user', 'password', email('committee')])).trim().replace(/^https?:\/\/[^/]+/, '');
    const words = (i) => `a long test sentence number ${i}`;
    const clients = await Promise.all(Array.from({ length: 8 }, async () => {
        const c = fresh();
        return { c, form: forms((await c.get(link)).text).find((f) => f.action.endsWith(link)).fields };
    }));
    const replies = await Promise.all(clients.map(({ c, form }, i) => c.post(link, { form: { ...form, password: words(i), again: words(i) } })));
    const opened = replies.map((r, i) => (r.status === 303 ? i : -1)).filter((i) => i >= 0);
    assert.equal(opened.length, 1, replies.map((r) => r.status).join());
    assert.equal((await fresh().login(email('committee'), words(opened[0]))).status, 303);

    const incident = await incidentIn('approval', as, l, { side: 'south' });
    const steps = await Promise.all([...Array.from({ length: 6 }, () => as.committee), ...Array.from({ length: 6 }, () => as.head_orm)].map((c) => c.move('incidents', incident, 'approve')));
    assert.equal(steps.filter((r) => r.status === 200).length, 1, steps.map((r) => r.status).join());

    const entry = ok(await as.finance2.create('financial_entries', { incident, kind: 'direct_loss', amount: { amount: '10.00', currency: 'MAD' }, status: 'booked', booked_on: isoDay(2) }), 201).number;
    const accepted = await Promise.all(Array.from({ length: 6 }, () => as.finance.move('financial_entries', entry, 'accept')));
    assert.equal(accepted.filter((r) => r.status === 200).length, 1, accepted.map((r) => r.status).join());
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
});

test('a tree is asked for only where there is one', async () => {
    refused(await as.analyst.list('actions', 'issues.under=ISS-2026-00001'), 422, 'issues');
    refused(await as.analyst.list('financial_entries', 'incident.under=INC-2026-00001'), 422, 'incident');
    ok(await as.analyst.list('incidents', 'unit.under=TNORTH'));
});

test('a closed case takes no further message of its declarant', async () => {
    const c = fresh();
    const made = await c.submit('/anonymous', '/anonymous', { description: 'Histoire cnrfermee.', unit: 'TN1', discovered_on: isoDay(1), amount_range: 'unknown' });
    const address = made.headers.location, number = (await as.inspection.all('incidents', 'q=cnrfermee'))[0].number;
    const page = await c.get(address);
    const form = forms(page.text).find((f) => f.action === address);
    ok(await as.inspection.move('incidents', number, 'confirm'));
    ok(await as.inspection2.move('incidents', number, 'cancel', { reason: 'Sans objet' }));
    const reply = await c.post(address, { form: { ...form.fields, message: 'Encore' } });
    assert.equal(reply.status, 422);
});
