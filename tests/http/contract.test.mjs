// contract.test.mjs: what others build on: lists with filters, sort and keyset pages, one record, creating
// with idempotency, changing with If-Match, history, measures, health, metrics, description.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, exchange, ok, refused } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { must, start } from '../lib/server.mjs';
import { draft, email, everybody, incidentIn, isoDay, lists, password, qualification } from '../lib/world.mjs';

let s, as, l;
const made = [];
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
    // 37 incidents of both sides whose titles, dates and amounts have ties and holes.
    for (let i = 0; i < 37; i++) {
        const who = i % 3 === 2 ? as.plain2 : as.plain;
        const amount = i % 5 === 0 ? {} : { estimated_loss: { amount: `${1000 * (i % 7)}.50`, currency: 'MAD' } };
        made.push(ok(await who.create('incidents', draft({ title: `Tri ${['alpha', 'bravo', 'carlo'][i % 3]} ${i % 4}`, discovered_on: isoDay(3 + i % 6), occurred_on: isoDay(20), ...amount, clients_range: 'one' })), 201).number);
    }
    for (const n of made.slice(0, 9)) ok(await as.plain.move('incidents', n, 'submit').then((r) => r.status === 404 ? as.plain2.move('incidents', n, 'submit') : r));
});
after(() => s?.end());

test('a number is TYPE-YEAR-SEQUENCE, gapless on SQLite, and identifies one record', async () => {
    for (const n of made) assert.match(n, /^INC-\d{4}-\d{5,}$/);
    assert.equal(new Set(made).size, made.length);
    if (s.db.kind === 'sqlite') assert.deepEqual(made.map((n) => Number(n.slice(9))), made.map((_, i) => i + Number(made[0].slice(9))));
    const one = await as.analyst.one('incidents', made[0]);
    const json = ok(one);
    for (const name of ['number', 'title', 'state', 'version', 'created_at']) assert.ok(name in json, name);
    assert.equal(one.headers.etag, `"${json.version}"`);
    refused(await as.analyst.one('incidents', 'INC-2026-99999'), 404);
    for (const bad of ['INC-2026-', 'x', '0', '-1', 'INC-2026-00001x', 'FIN-2026-00001', "'", 'INC-99999999999999999999-1']) refused(await as.analyst.one('incidents', bad), 404);
});

test('keyset pages give every record once, in order, for each sorted field and both directions', async () => {
    const all = await as.analyst.all('incidents', 'sort=title', 500);
    assert.equal(all.length, made.length);
    for (const sort of ['title', '-title', 'discovered_on', '-discovered_on', 'gross', '-gross', 'occurred_on', '-net', 'net_group']) {
        for (const limit of [1, 7, 36, 37, 38]) {
            const got = await as.analyst.all('incidents', `sort=${sort}`, limit);
            const numbers = got.map((r) => r.number);
            assert.equal(new Set(numbers).size, numbers.length, `${sort} by ${limit}: a record came twice`);
            assert.deepEqual([...numbers].sort(), [...made].sort(), `${sort} by ${limit}: a record is missing`);
            const field = sort.replace('-', ''), down = sort[0] === '-';
            const value = (r) => r[field] === undefined || r[field] === null ? null : r[field].amount !== undefined ? Number(r[field].amount) : field === 'title' ? r[field].toLowerCase() : r[field];
            const values = got.filter((r) => field in r).map(value);
            if (values.length !== got.length) continue;
            const firstEmpty = values.indexOf(null);
            if (firstEmpty >= 0) assert.ok(values.slice(firstEmpty).every((v) => v === null), `${sort}: empty values come last`);
            const full = firstEmpty < 0 ? values : values.slice(0, firstEmpty);
            for (let i = 1; i < full.length; i++) assert.ok(down ? full[i - 1] >= full[i] : full[i - 1] <= full[i], `${sort}: order at ${i}: ${full[i - 1]} ${full[i]}`);
        }
    }
});

test('a record created meanwhile disturbs no page', async () => {
    const first = ok(await as.analyst.list('incidents', 'sort=title&limit=10'));
    const extra = ok(await as.plain.create('incidents', draft({ title: 'Aaa avant tout' })), 201).number;
    const rest = [];
    for (let next = first.next; next;) {
        const page = ok(await as.analyst.list('incidents', `sort=title&limit=10&after=${encodeURIComponent(next)}`));
        rest.push(...page.items);
        next = page.next;
    }
    const seen = [...first.items, ...rest].map((r) => r.number);
    assert.deepEqual(seen.filter((n) => n !== extra).sort(), [...made].sort());
    made.push(extra);
});

test('sorting by a field that is not sorted, a wrong cursor, limit or name is refused by name', async () => {
    refused(await as.analyst.list('incidents', 'sort=description'), 422, 'sort');
    refused(await as.analyst.list('incidents', 'sort=nothing'), 422, 'sort');
    refused(await as.analyst.list('incidents', 'nothing=1'), 422, 'nothing');
    refused(await as.analyst.list('incidents', 'title.almost=1'), 422);
    for (const states of ['state=opne', 'state.in=draft,opne', 'state.in=']) {
        const reply = await as.analyst.list('incidents', states);
        if (states.endsWith('=')) ok(reply);
        else refused(reply, 422, 'state');
    }
    refused(await as.analyst.list('incidents', 'restricted=perhaps'), 422, 'restricted');
    refused(await as.analyst.list('incidents', `amount_range.in=${Array(101).fill('none').join()}`), 422, 'amount_range');
    for (const after of ['x', 'AAAA', '%27', 'e30', 'x'.repeat(5000)]) refused(await as.analyst.list('incidents', `sort=title&after=${after}`), 422, 'after');
    const other = ok(await as.analyst.list('incidents', 'sort=title&limit=2')).next;
    refused(await as.analyst.list('incidents', `sort=-title&after=${encodeURIComponent(other)}`), 422, 'after');
    refused(await as.analyst.list('incidents', `sort=title&state=draft&after=${encodeURIComponent(other)}`), 422, 'after');
    for (const limit of ['0', '-1', '501', 'x', '1e3']) refused(await as.analyst.list('incidents', `limit=${limit}`), 422, 'limit');
});

test('filters: equal, from, to, one of, tree, empty, state, words', async () => {
    const all = await as.analyst.all('incidents', '', 500);
    const full = new Map();
    for (const n of all.map((r) => r.number)) full.set(n, ok(await as.analyst.one('incidents', n)));
    const check = async (query, want) => {
        const got = (await as.analyst.all('incidents', query, 500)).map((r) => r.number).sort();
        assert.deepEqual(got, [...full.values()].filter(want).map((r) => r.number).sort(), query);
    };
    const day = isoDay(5);
    await check('state=declared', (r) => r.state === 'declared');
    await check('state.in=declared,draft', (r) => ['declared', 'draft'].includes(r.state));
    await check('state.open=1', (r) => !['closed', 'cancelled'].includes(r.state));
    await check(`discovered_on=${day}`, (r) => r.discovered_on === day);
    await check(`discovered_on.ge=${day}`, (r) => r.discovered_on >= day);
    await check(`discovered_on.le=${day}`, (r) => r.discovered_on <= day);
    await check(`discovered_on.ge=${isoDay(6)}&discovered_on.le=${isoDay(4)}`, (r) => r.discovered_on >= isoDay(6) && r.discovered_on <= isoDay(4));
    await check('gross.ge=3000', (r) => r.gross && Number(r.gross.amount) >= 3000);
    await check('amount_range.in=to_100k,none', () => true);
    await check('amount_range=none', (r) => r.amount_range === 'none');
    await check('process.empty=1', (r) => !r.process);
    await check('unit=TN1', (r) => (r.unit.key ?? r.unit) === 'TN1');
    await check('unit.under=TNORTH', (r) => ['TNORTH', 'TN1', 'TN2'].includes(r.unit.key ?? r.unit));
    await check('unit.under=TST', () => true);
    await check('unit=TN2', () => false);
    const words = (await as.analyst.all('incidents', 'q=tri%20alph', 500)).map((r) => r.number).sort();
    assert.deepEqual(words, [...full.values()].filter((r) => /\btri alpha/i.test(r.title)).map((r) => r.number).sort(), 'q');
    assert.equal((await as.analyst.all('incidents', 'q=envoye')).length, 0);
    assert.ok((await as.analyst.all('incidents', 'q=identiques', 500)).length >= 37, 'words of the description are found, accents folded');
    refused(await as.analyst.list('incidents', 'discovered_on.ge=yesterdayish'), 422, 'discovered_on');
    refused(await as.analyst.list('incidents', 'unit=NOWHERE'), 422, 'unit');
});

test('the total is right', async () => {
    for (const query of ['', 'state=draft', 'state=declared', 'discovered_on.ge=' + isoDay(4)]) {
        const page = ok(await as.analyst.list('incidents', ['limit=2', query].filter(Boolean).join('&')));
        const all = await as.analyst.all('incidents', query, 500);
        assert.equal(page.total, all.length, query);
        assert.notEqual(page.total_exact, false);
    }
    assert.equal(ok(await as.plain.list('incidents', 'limit=1')).total, (await as.plain.all('incidents', '', 500)).length);
});

test('creating twice with one key makes one record and gives the same answer', async () => {
    const key = randomUUID(), body = draft({ title: 'Une seule fois' });
    const first = await as.plain.create('incidents', body, { key });
    const number = ok(first, 201).number;
    assert.match(first.headers.location, new RegExp(`/incidents/${number}$`));
    for (let i = 0; i < 3; i++) {
        const again = await as.plain.create('incidents', body, { key });
        assert.equal(again.status, 201);
        assert.equal(again.text, first.text);
        assert.equal(again.headers.location, first.headers.location);
        assert.equal(again.headers.etag, first.headers.etag);
    }
    refused(await as.plain.create('incidents', draft({ title: 'Autre chose' }), { key }), 422);
    const other = ok(await as.plain2.create('incidents', body, { key }), 201).number;
    assert.notEqual(other, number, 'a key belongs to its account');
    assert.equal((await as.analyst.all('incidents', 'q=seule', 500)).filter((r) => r.title === 'Une seule fois').length, 2);
    refused(await as.plain.post('/api/v1/incidents', { json: body }), 400);
    refused(await as.plain.create('incidents', body, { key: 'x'.repeat(300) }), 422);
});

test('a declarant learns nothing of the entries, not even their number and dates', async () => {
    const secret = ['gross', 'entry_count', 'first_booked_on', 'last_booked_on', 'legal_provision_on', 'days_to_book'];
    const number = ok(await as.plain.create('incidents', draft({ title: 'À soi' })), 201).number;
    const own = ok(await as.plain.one('incidents', number)), all = ok(await as.head_orm.one('incidents', number));
    const head = (await as.plain.get('/incidents.csv')).text.split('\n')[0];
    for (const name of secret) {
        assert.ok(name in all && !(name in own) && !head.includes(name), name);
        assert.equal((await as.plain.get(`/api/v1/incidents?${name}.empty=0`)).status, 422, name);
    }
});

test('a form sent twice makes one thing, and none is taken that could make two', async () => {
    const person = new Client(s.server, { lang: 'fr' });
    await person.login(email('plain'), password);
    const number = ok(await as.plain.create('incidents', draft({ title: 'Deux clics' })), 201).number;
    const count = async (address) => ok(await as.plain.get(address)).items.length;
    for (const [page, action, fields, list] of [
        ['/delegations/new', '/delegations', { to_user: email('plain2'), valid_from: isoDay(0), valid_until: isoDay(-9), why: 'Congé cnrdeux' }, '/api/v1/delegations?limit=500'],
        [`/incidents/${number}/comments`, `/incidents/${number}/comments`, { text: 'Une fois' }, `/api/v1/incidents/${number}/comments`],
    ]) {
        const form = forms((await person.get(page)).text).find((f) => f.method === 'post' && f.action === action), before = await count(list);
        assert.ok(form.fields._key, `${page} has a key`);
        const sent = { ...form.fields, ...fields }, first = await person.post(action, { form: sent }), again = await person.post(action, { form: sent });
        assert.deepEqual([first.status, again.status], [303, 303], action + first.text.slice(0, 300));
        assert.equal(again.headers.location, first.headers.location);
        delete sent._key;
        assert.equal((await person.post(action, { form: sent })).status, 400, `${action} without a key`);
        assert.equal(await count(list), before + 1, action);
    }
    for (const [action, status] of [['/declare', 400], ['/import', 403], ['/plan-action', 400]]) {
        const form = forms((await person.get('/account')).text).find((f) => f.method === 'post');
        assert.equal((await person.post(action, { form: { _csrf: form.fields._csrf } })).status, status, action);
    }
});

test('many requests at once with one key make one record', async () => {
    const key = randomUUID(), body = draft({ title: 'Seize à la fois' });
    const replies = await Promise.all(Array.from({ length: 16 }, () => as.plain.create('incidents', body, { key })));
    const good = replies.filter((r) => r.status === 201);
    assert.ok(good.length >= 1);
    assert.ok(replies.every((r) => [201, 409, 503].includes(r.status)), replies.map((r) => r.status).join());
    assert.equal(new Set(good.map((r) => r.text)).size, 1);
    assert.equal((await as.analyst.all('incidents', 'q=seize', 500)).length, 1);
});

test('a refused request keeps no key: corrected, it is accepted', async () => {
    const key = randomUUID();
    refused(await as.plain.create('incidents', draft({ discovered_on: 'soon' }), { key }), 422, 'discovered_on');
    const again = await as.plain.create('incidents', draft({ title: 'Corrigé' }), { key });
    assert.ok([201, 422].includes(again.status));
    assert.equal(again.status, 201, 'a refusal saved nothing, so its key is free');
});

test('changing needs the version: 428 without, 409 with an old one and both values', async () => {
    const number = ok(await as.plain.create('incidents', draft({ title: 'À changer' })), 201).number;
    refused(await as.plain.patch('incidents', number, undefined, { title: 'x' }), 428);
    refused(await as.plain.patch('incidents', number, undefined, { title: 'x' }, { 'if-match': 'abc' }), 422);
    const done = await as.plain.patch('incidents', number, 1, { title: 'Titre du premier' });
    assert.equal(ok(done).version, 2);
    assert.equal(done.headers.etag, '"2"');
    const late = refused(await as.plain.patch('incidents', number, 1, { title: 'Titre du second' }), 409, 'title');
    const issue = late.issues.find((i) => i.field === 'title');
    assert.equal(issue.stored, 'Titre du premier');
    assert.equal(issue.sent, 'Titre du second');
    assert.equal(ok(await as.plain.one('incidents', number)).title, 'Titre du premier');
    const other = refused(await as.plain.patch('incidents', number, 1, { owner: email('plain2'), discovered_on: 'soon' }), 409, 'owner');
    const owner = other.issues.find((i) => i.field === 'owner');
    assert.deepEqual([owner.code, owner.stored, owner.sent], ['conflict', '', email('plain2')], 'also of the unit, the owner and the confidentiality');
    assert.equal(ok(await as.plain.patch('incidents', number, 2, {})).version, 2, 'nothing changed, no new version');
    assert.equal(ok(await as.plain.patch('incidents', number, 2, { title: 'Titre du premier' })).version, 2);
});

test('of many changes at once exactly one per version is kept', async () => {
    const number = ok(await as.plain.create('incidents', draft({ title: 'Course' })), 201).number;
    let version = 1, won = 0;
    for (let round = 0; round < 5; round++) {
        const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => as.plain.patch('incidents', number, version, { title: `Course ${round} ${i}` })));
        const good = replies.filter((r) => r.status === 200);
        assert.equal(good.length, 1, replies.map((r) => r.status).join());
        assert.ok(replies.every((r) => [200, 409, 503].includes(r.status)));
        version = good[0].json.version;
        won++;
    }
    assert.equal(version, 1 + won);
    const history = ok(await as.analyst.get(`/api/v1/incidents/${number}/history`));
    assert.equal(history.items.length, 1 + won);
});

test('what is read may be sent back unchanged', async () => {
    const incident = await incidentIn('qualification', as, l);
    const entry = ok(await as.corr_north.create('financial_entries', { incident, kind: 'direct_loss', amount: { amount: '7.00', currency: 'MAD' }, status: 'booked', booked_on: isoDay(2) }), 201).number;
    for (const lang of ['en', 'fr']) {
        as.corr_north.jar.set('lang', lang);
        const read = ok(await as.corr_north.one('financial_entries', entry));
        assert.ok(read.title, 'shown under the name of its kind');
        assert.equal(ok(await as.corr_north.patch('financial_entries', entry, read.version, read)).version, read.version);
    }
    as.corr_north.jar.set('lang', 'en');
    const number = ok(await as.plain.create('incidents', draft({ title: 'Aller et retour', estimated_loss: { amount: '1234.50', currency: 'EUR' } })), 201).number;
    const record = ok(await as.plain.one('incidents', number));
    assert.deepEqual(record.estimated_loss, { amount: '1234.50', currency: 'EUR' });
    assert.equal(ok(await as.plain.patch('incidents', number, record.version, record)).version, record.version);
});

test('the history shows who changed what, when and why, newest first', async () => {
    const number = await incidentIn('declared', as, l);
    ok(await as.corr_north.move('incidents', number, 'ask', { reason: 'Quel jour exactement ?' }));
    const items = ok(await as.analyst.get(`/api/v1/incidents/${number}/history`)).items;
    assert.equal(items.length, 3);
    const times = items.map((i) => i.at);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.match(JSON.stringify(items[0]), /Quel jour exactement/);
    assert.match(items[0].who, /corr_north/);
    assert.ok(items[0].changes.some((c) => c.field === 'state' && c.before === 'declared' && c.after === 'draft'), JSON.stringify(items[0].changes));
    refused(await as.plain.get(`/api/v1/incidents/${number}/history`), 403);
    refused(await as.plain2.get(`/api/v1/incidents/${number}/history`), 404);
});

test('as of a day before it existed a record is not there', async () => {
    assert.equal((await as.analyst.all('incidents', `as_of=${isoDay(2)}`, 500)).length, 0);
    assert.ok((await as.analyst.all('incidents', `as_of=${isoDay(0)}`, 500)).length > 0);
    refused(await as.analyst.list('incidents', 'as_of=soon'), 422, 'as_of');
});

test('measures answer rows, columns and cells, and refuse unknown parameters', async () => {
    await incidentIn('qualification', as, l, { extra: { estimated_loss: { amount: '5000.00', currency: 'MAD' } } });
    const measures = (await must(s.db, ['model', '--json'])).measures;
    assert.ok(measures.some((m) => m.name === 'losses'));
    for (const { name, type } of measures) {
        const body = ok(await as.analyst.get(`/api/v1/measures/${name}`));
        assert.ok(Array.isArray(body.rows) && Array.isArray(body.columns) && Array.isArray(body.cells), name);
        assert.equal(body.cells.length, body.rows.length);
        for (const row of body.cells) assert.equal(row.length, body.columns.length);
        const own = ['incident', 'financial_entry'].includes(type) ? ['business_line', 'event_type'] : ['year', 'month'];
        for (const axes of ['rows=year&columns=none', `rows=month&columns=${own[0]}`, `rows=unit&columns=${own[1]}`, 'rows=entity&columns=year']) ok(await as.analyst.get(`/api/v1/measures/${name}?${axes}`));
        refused(await as.analyst.get(`/api/v1/measures/${name}?rows=nothing`), 422, 'rows');
        refused(await as.analyst.get(`/api/v1/measures/${name}?colour=red`), 422, 'colour');
        refused(await as.analyst.get(`/api/v1/measures/${name}?from=when`), 422, 'from');
    }
    refused(await as.analyst.get('/api/v1/measures/nothing'), 404);
});

test('figures narrowed by any filter are the sum of the list they open, in the reader\'s scope', async () => {
    const loss = { estimated_loss: { amount: '7000.00', currency: 'MAD' } };
    for (const [extra, side] of [[{ third_party: 'Réseau Atlas' }, 'north'], [{ third_party: 'Réseau Atlas' }, 'south'], [{}, 'north']])
        await incidentIn('qualification', as, l, { side, extra: { ...loss, ...extra } });
    const cents = (money) => Math.round(Number(money?.amount ?? 0) * 100), all = 'rows=business_line&columns=event_type';
    for (const filter of ['third_party=R%C3%A9seau%20Atlas', 'estimated_loss.ge=6000', 'third_party.empty=1&clients_range=one', `unit=TN1&discovered_on.le=${isoDay(0)}`]) for (const who of ['analyst', 'corr_north']) {
        const figures = ok(await as[who].get(`/api/v1/measures/losses?${all}&${filter}`));
        const listed = (await as[who].all('incidents', `event_kind=loss&state.in=declared,qualification,review,approval,open,closure,closed&${filter}`));
        assert.equal(figures.total.count, listed.length, `${who}: ${filter}`);
        assert.equal(cents(figures.total.gross_group), listed.reduce((n, i) => n + cents(i.gross_group), 0), `${who}: ${filter}`);
        // The report and its page say the same; their links keep the filter.
        const page = await as[who].get(`/reports/loss-matrix?period=rolling_12&${filter}`, { accept: 'text/html' });
        if (who === 'corr_north' && page.status === 403) continue;
        assert.equal(page.status, 200);
        const links = [...page.text.matchAll(/href="?(\/incidents\?event_kind=loss[^"> ]*)/g)].map((m) => m[1].replaceAll('&amp;', '&'));
        assert.ok(links.length || !listed.length, filter);
        for (const link of links) assert.ok(link.includes(filter.split('&')[0].split('=')[0]), link);
        assert.ok(page.text.includes('class="chip"'));
    }
    const both = ok(await as.analyst.get(`/api/v1/measures/losses?${all}&third_party=R%C3%A9seau%20Atlas`)).total.count, north = ok(await as.corr_north.get(`/api/v1/measures/losses?${all}&third_party=R%C3%A9seau%20Atlas`)).total.count;
    assert.deepEqual([both, north], [2, 1]);
    for (const [query, field] of [['colour=red', 'colour'], ['third_party.under=x', 'third_party'], ['q=atlas', 'q'], ['fraud=perhaps', 'fraud'], ['state=nowhere', 'state']])
        for (const place of ['/api/v1/measures/losses', '/reports/loss-matrix', '/reports/loss-trend']) refused(await as.analyst.get(`${place}?${query}`, { accept: 'application/json' }), 422, field);
    refused(await as.analyst.get(`/reports/loss-matrix?${Array.from({ length: 13 }, (_, i) => `discovered_on.ge=2020-01-${10 + i}`).join('&')}`, { accept: 'application/json' }), 422);
    const panel = await as.analyst.get('/reports/loss-matrix?period=rolling_12&fraud=true&filters_form=1', { accept: 'text/html' });
    assert.ok(panel.text.includes('name="period" value="rolling_12"') && panel.text.includes('name="third_party'), 'the panel keeps the period');
    const list = await as.analyst.get('/incidents?third_party=R%C3%A9seau%20Atlas', { accept: 'text/html' });
    assert.match(list.text, /href="?\/reports\/loss-matrix\?period=rolling_120&(amp;)?third_party=R/);
    assert.doesNotMatch((await as.plain.get('/incidents?third_party=x', { accept: 'text/html' })).text, /\/reports\/loss-matrix\?period/);
});

test('health, metrics and the description', async () => {
    const health = await exchange(s.server.url, 'GET', '/healthz');
    assert.equal(health.status, 200);
    assert.equal(health.json.status, 'ok');
    const metrics = await exchange(s.server.url, 'GET', '/metrics');
    assert.equal(metrics.status, 200);
    for (const line of metrics.text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\})? -?[0-9.e+]+)$/);
    assert.doesNotMatch(metrics.text, /@|test\.example/);
    const doc = await as.analyst.openapi();
    assert.match(doc.openapi, /^3\.1\./);
    const ids = Object.values(doc.paths).flatMap((p) => Object.values(p)).map((o) => o.operationId);
    assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
    assert.ok(doc.paths['/api/v1/incidents'].get.parameters.some((p) => p.name === 'limit'));
    const page = await as.analyst.get('/api');
    assert.equal(page.status, 200);
    assert.match(page.text, /\/api\/v1\/incidents/);
    refused(await exchange(s.server.url, 'GET', '/openapi.json', { headers: { accept: 'application/json' } }), 401);
});

test('pages answer in other formats by Accept and by suffix', async () => {
    for (const [target, accept, type] of [['/incidents.json', undefined, 'application/json'], ['/incidents', 'application/json', 'application/json'],
        ['/incidents.csv', undefined, 'text/csv'], ['/incidents', 'text/csv', 'text/csv'], [`/incidents/${made[0]}.json`, undefined, 'application/json'],
        ['/incidents.xlsx', undefined, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'], ['/incidents', 'text/html', 'text/html']]) {
        const reply = await as.analyst.get(target, { accept });
        assert.equal(reply.status, 200, target);
        assert.equal(reply.headers['content-type'].split(';')[0], type, target);
        if (/csv|xlsx/.test(target)) assert.match(reply.headers['content-disposition'], /^attachment; filename="incidents-\d{4}-\d\d-\d\d\.(csv|xlsx)"/);
    }
});

test('the page of all reports names those that the reader may open, and only those', async () => {
    const links = (text) => [...new Set([...text.matchAll(/href="(\/reports\/[a-z-]+)"/g)].map((m) => m[1]))];
    const mine = links((await as.analyst.get('/reports', { accept: 'text/html' })).text);
    assert.ok(mine.includes('/reports/loss-matrix') && mine.includes('/reports/restated'), mine.join());
    for (const href of mine) assert.equal((await as.analyst.get(href, { accept: 'text/html' })).status, 200, href);
    const few = links((await as.plain.get('/reports', { accept: 'text/html' })).text);
    assert.ok(!few.includes('/reports/loss-matrix'));
    for (const href of mine.filter((h) => !few.includes(h))) assert.ok([403, 404].includes((await as.plain.get(href, { accept: 'text/html' })).status), href);
});

test('methods and addresses that do not exist', async () => {
    refused(await as.analyst.request('PUT', `/api/v1/incidents/${made[0]}`, { json: {} }), 405);
    refused(await as.analyst.request('DELETE', `/api/v1/incidents/${made[0]}`), 405);
    refused(await as.analyst.get('/api/v1/nothing'), 404);
    refused(await as.analyst.get('/api/v1/incidents/x/y/z'), 404);
    refused(await as.analyst.move('incidents', made[0], 'nothing'), 404);
    const head = await as.analyst.request('HEAD', '/incidents');
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
});

test('the chain is whole and the figures agree with the records at the end', async () => {
    ok(await as.corr_north.patch('incidents', made[0], ok(await as.corr_north.one('incidents', made[0])).version, qualification(l)).then((r) => r.status === 403 ? as.analyst.one('incidents', made[0]) : r));
    const audit = await must(s.db, ['audit', 'verify', '--json']);
    assert.equal(audit.ok, true);
    assert.ok(audit.entries > 50);
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
});

test('comments: who may read the record may write one, once per key; empty, too long and hidden are refused; the chain holds them', async () => {
    const number = ok(await as.plain.create('incidents', draft({ title: 'Un écart de caisse' })), 201).number;
    const before = ok(await as.plain.one('incidents', number)).version;
    const send = (who, text, key = randomUUID()) => who.request('POST', `/api/v1/incidents/${number}/comments`, { json: { text }, headers: { 'idempotency-key': key } });
    const key = randomUUID();
    const first = await send(as.plain, 'Recompté avec la collègue : <b>même écart</b>.', key);
    assert.equal(ok(first, 201).items[0].text, 'Recompté avec la collègue : <b>même écart</b>.');
    assert.deepEqual(ok(await send(as.plain, 'Recompté avec la collègue : <b>même écart</b>.', key), 201), first.json);
    const items = ok(await as.corr_north.get(`/api/v1/incidents/${number}/comments`)).items;
    assert.equal(items.length, 1);
    assert.ok(refused(await send(as.plain, '   '), 422).issues.some((i) => i.field === 'text'));
    assert.ok(refused(await send(as.plain, 'x'.repeat(4001)), 422).issues.some((i) => i.field === 'text'));
    refused(await send(as.plain2, 'je ne devrais pas voir cela'), 404);
    refused(await as.plain2.get(`/api/v1/incidents/${number}/comments`), 404);
    assert.equal(ok(await as.plain.one('incidents', number)).version, before, 'a comment changes nothing');
    const page = (await as.analyst.get(`/incidents/${number}`)).text;
    assert.ok(page.includes('&lt;b&gt;même écart&lt;/b&gt;') && !page.includes('<b>même écart'));
});
