// model.test.mjs: made from `gardefou model --json` for every type: each role x operation x record against an own
// reading of the grants, each transition from each state, hidden fields, lists, the export and import of CSV.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ok, refused } from '../lib/client.mjs';
import { readCsv } from '../lib/csv.mjs';
import { grantsFor, hiddenFields, isPerson, loadModel, may } from '../lib/model.mjs';
import { command, must, start } from '../lib/server.mjs';
import { draft, email, everybody, incidentIn, isoDay, lists, oneOfEach, people } from '../lib/world.mjs';

let s, as, model;
const persons = {}, records = {}, readers = {};
async function allOf(type) {
    const c = as[readers[type.name]], out = [];
    for (const row of await c.all(type.plural, 'sort=-id', 500)) out.push(ok(await c.one(type.plural, row.number)));
    return out.map((r) => ({ ...r, unit: key(r.unit), created_by: key(r.created_by), owner: key(r.owner), readers: (r.readers ?? []).map(key) }));
}
const key = (v) => v && typeof v === 'object' ? v.key : v;
const states = ['draft', 'declared', 'qualification', 'review', 'approval', 'open', 'closure', 'closed'];

before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    const l = await lists(as.analyst);
    for (const state of states) for (const side of ['north', 'south']) await incidentIn(state, as, l, { side });
    const secret = ok(await as.plain.create('incidents', draft({ manager_involved: true })), 201).number;
    ok(await as.plain.move('incidents', secret, 'submit'));
    const cancelled = await incidentIn('declared', as, l);
    ok(await as.corr_north.move('incidents', cancelled, 'not_event', { reason: 'Aucun fait' }));
    const rca = ok(await as.corr_north.create('root_cause_analyses', { incident: await incidentIn('open', as, l), title: 'Analyse', method: 'five_why' }), 201).number;
    assert.ok(rca);
    ok(await as.inspection.create('root_cause_analyses', { incident: secret, title: 'Analyse secrète', method: 'five_why' }), 201);
    ok(await as.inspection.create('financial_entries', { incident: secret, kind: 'direct_loss', amount: { amount: '5.00', currency: 'MAD' }, status: 'booked', booked_on: isoDay(1) }), 201);
    ok(await as.inspection.create('case_messages', { incident: secret, message: 'Question' }), 201);
    ok(await as.analyst.create('external_losses', { title: 'Ailleurs', source: 'Presse' }), 201);
    ok(await as.finance.create('rates', { currency: 'EUR', against: 'MAD', day: isoDay(9), rate: '10.8', source: 'Essai' }), 201);
    ok(await as.plain.create('delegations', { to_user: email('plain2'), valid_from: isoDay(0), valid_until: isoDay(-30), why: 'Congé' }), 201);

    ok(await as.admin.create('webhooks', { title: 'Essai', url: 'https://hook.example/' }), 201);

    model = await loadModel(s.db);
    await oneOfEach(as, model);
    const units = (await as.organisation.all('units', '', 500));
    const parent = new Map(units.map((u) => [u.number, key(u.parent)]));
    const under = (top) => new Set(units.map((u) => u.number).filter((n) => { for (let at = n; at; at = parent.get(at)) if (at === top) return true; return false; }));
    for (const [name, [, role, where]] of Object.entries(people)) {
        const roles = [{ role: 'declarant', units: null }];
        if (role) roles.push({ role, units: where ? under(where) : null });
        persons[name] = { email: email(name), roles };
    }
    // Whoever reads all of a type, restricted ones and hidden fields included, gives the records to compare with.
    for (const type of model.types.filter((t) => t.pages)) {
        readers[type.name] = Object.keys(persons).find((n) => persons[n].roles.some((x) => !x.units && type.grants.some((g) => g.role === x.role && g.ops.includes('read') && g.scope === 'all' && g.restricted && !g.hide)));
        assert.ok(readers[type.name], `nobody reads all of ${type.name}`);
        records[type.name] = await allOf(type);
    }
    // A child has the unit and the confidentiality of its parent.
    for (const type of model.types.filter((t) => t.pages)) {
        const up = type.fields.find((f) => f.name === type.parent);
        if (!up) continue;
        for (const r of records[type.name]) {
            const above = records[up.of].find((x) => x.number === key(r[up.name]));
            r.unit = above.unit;
            r.restricted = above.restricted;
            r.readers = [];
        }
    }
    // One record a state, unit, confidentiality and author is enough.
    for (const name of Object.keys(records)) {
        const kinds = new Map();
        records[name].all = records[name].map((r) => r);
        for (const r of records[name].all) kinds.set([r.state, r.unit, r.restricted, r.created_by].join('|'), r);
        records[name].some = [...kinds.values()].slice(0, 40);
    }
});
after(() => s?.end());

async function everyone(work) {
    const wrong = [];
    for (const type of model.types.filter((t) => t.pages))
        await Promise.all(Object.entries(persons).map(([name, person]) => work(type, as[name], person, name, wrong)));
    assert.deepEqual(wrong.slice(0, 25), [], `${wrong.length} in all`);
}

test('each type has records to try', () => {
    // What nobody may create by hand comes into being by rules, and has tests of its own.
    for (const type of model.types.filter((t) => t.pages && t.grants.some((g) => g.ops.includes('create')) && !['loss_exclusion_request', 'response_template', 'change_request', 'pattern'].includes(t.name)))
        assert.ok(records[type.name].length > 0, `no ${type.name}`);
});

test('reading one record: as the grants say, hidden ones do not exist', async () => {
    await everyone(async (type, c, person, name, wrong) => {
        for (const r of records[type.name].some) {
            const want = may(type, person, r, 'read') ? 200 : 404;
            const got = await c.one(type.plural, r.number);
            if (got.status !== want) wrong.push(`${name} reads ${r.number} (${r.state}, ${r.unit}, ${r.restricted}): ${got.status} not ${want}`);
            const page = await c.get(`/${type.plural}/${encodeURIComponent(r.number)}`);
            if (page.status !== want) wrong.push(`${name} opens ${r.number}: ${page.status} not ${want}`);
            if (got.status !== 200) continue;
            const hidden = hiddenFields(type, person, r);
            for (const field of Object.keys(got.json)) if (hidden.has(field)) wrong.push(`${name} sees ${field} of ${r.number}`);
            for (const f of type.fields) if (!hidden.has(f.name) && !(f.name in got.json)) wrong.push(`${name} misses ${f.name} of ${r.number}`);
        }
    });
});

test('a list holds exactly the records that may be read', async () => {
    await everyone(async (type, c, person, name, wrong) => {
        const want = records[type.name].all.filter((r) => may(type, person, r, 'read')).map((r) => r.number).sort();
        const any = type.grants.some((g) => g.ops.includes('read') && person.roles.some((x) => x.role === g.role));
        const first = await c.list(type.plural, 'limit=1');
        if (!any) {
            if (![403, 404].includes(first.status) && first.json.items.length) wrong.push(`${name} lists ${type.plural}: ${first.status}`);
            return;
        }
        const got = (await c.all(type.plural, '', 500)).map((r) => r.number).sort();
        if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push(`${name} lists ${type.plural}: ${got.length} not ${want.length}: ${got.filter((n) => !want.includes(n)).slice(0, 3)} / ${want.filter((n) => !got.includes(n)).slice(0, 3)}`);
        if (first.json.total !== want.length) wrong.push(`${name}: total of ${type.plural} is ${first.json.total} not ${want.length}`);
    });
});

test('history, change and creation: as the grants say', async () => {
    await everyone(async (type, c, person, name, wrong) => {
        const creates = type.grants.some((g) => g.ops.includes('create') && person.roles.some((x) => x.role === g.role));
        const made = await c.create(type.plural, { zz_no_such_field: '1' });
        if (made.status !== (creates ? 422 : 403) && !(made.status === 404 && !creates)) wrong.push(`${name} creates ${type.name}: ${made.status}`);
        for (const r of records[type.name].some) {
            const reads = may(type, person, r, 'read');
            const seen = await c.get(`/api/v1/${type.plural}/${encodeURIComponent(r.number)}/history`);
            const history = !reads ? 404 : may(type, person, r, 'history') ? 200 : 403;
            if (seen.status !== history) wrong.push(`${name} history of ${r.number}: ${seen.status} not ${history}`);
            const comments = `/api/v1/${type.plural}/${encodeURIComponent(r.number)}/comments`;
            const said = await c.get(comments), empty = await c.request('POST', comments, { json: { text: ' ' }, headers: { 'idempotency-key': randomUUID() } });
            if (said.status !== (reads ? 200 : 404) || empty.status !== (reads ? 422 : 404)) wrong.push(`${name} comments on ${r.number}: ${said.status} ${empty.status}`);
            const change = await c.patch(type.plural, r.number, r.version, {});
            const update = !reads ? 404 : may(type, person, r, 'update') ? 200 : 403;
            if (change.status !== update) wrong.push(`${name} changes ${r.number} (${r.state}): ${change.status} not ${update}`);
        }
    });
});

test('each transition from each state: refused to all but its roles', async () => {
    await everyone(async (type, c, person, name, wrong) => {
        for (const r of records[type.name].some) {
            const reads = may(type, person, r, 'read');
            for (const t of type.transitions) {
                // A field that no step takes: allowed steps answer 422 and nothing ever changes.
                const got = await c.move(type.plural, r.number, t.name, { reason: 'x', zz_no_such_field: '1' });
                const roles = (t.roles ?? '').split(' ');
                const holds = roles.some((role) => role.startsWith('@') ? isPerson(r, role, person.email)
                    : person.roles.some((x) => x.role === role && (!x.units || !r.unit || x.units.has(r.unit))));
                let want;
                if (!reads) want = [404];
                else if (!t.from.split(' ').includes(r.state)) want = [409];
                else if (!holds) want = [403];
                else want = t.four_eyes || /approve/.test(t.name) ? [422, 403] : [422];
                if (!want.includes(got.status)) wrong.push(`${name} ${t.name} of ${r.number} (${r.state}): ${got.status} not ${want}`);
            }
        }
    });
    for (const type of model.types.filter((t) => t.pages)) {
        const now = await allOf(type);
        assert.deepEqual(now.map((r) => [r.number, r.state, r.version]), records[type.name].all.map((r) => [r.number, r.state, r.version]), `${type.name}: something changed`);
    }
});

test('numbers of another type, of nothing and of nobody are not found', async () => {
    for (const type of model.types.filter((t) => t.pages))
        for (const number of ['0', '-1', '1', 'x', '%00x'.slice(3), 'INC-0000-00000', 'nobody@nowhere', "a'b", 'x'.repeat(300)]) {
            const reply = await as.head_orm.one(type.plural, number);
            assert.ok([404, 414].includes(reply.status) || reply.status === 403, `${type.plural}/${number.slice(0, 20)}: ${reply.status}`);
        }
});

test('each address of the description knows that a number is nothing', async () => {
    for (const type of model.types.filter((t) => t.pages)) {
        const c = as[readers[type.name]], doc = await c.openapi();
        for (const [route, item] of Object.entries(doc.paths)) {
            if (!route.startsWith(`/api/v1/${type.plural}/{number}`)) continue;
            for (const method of Object.keys(item)) {
                const headers = { 'idempotency-key': route, 'if-match': '"1"' };
                const json = method === 'get' ? undefined : { text: 'x' };
                refused(await c.request(method.toUpperCase(), route.replace('{number}', 'NONE-2000-00001'), { headers, json }), 404);
            }
        }
    }
});

test('the description names each type, field and step that the model has', async () => {
    for (const type of model.types.filter((t) => t.pages)) {
        const reader = Object.keys(persons).find((n) => type.grants.some((g) => g.ops.includes('read') && !g.hide && persons[n].roles.some((x) => x.role === g.role)));
        if (!reader) continue;
        const doc = await as[reader].openapi();
        assert.ok(doc.paths[`/api/v1/${type.plural}`], type.plural);
        const properties = doc.components.schemas[type.name].properties;
        for (const f of type.fields) assert.ok(properties[f.name], `${type.name}.${f.name}`);
        for (const t of type.transitions.filter((x) => x.roles)) assert.ok(doc.paths[`/api/v1/${type.plural}/{number}/do/${t.name}`], `${type.name} ${t.name}`);
    }
});

test('the JSON export of each type holds what the API holds', async () => {
    for (const type of model.types.filter((t) => t.pages)) {
        const out = JSON.parse(await must(s.db, ['export', type.name, '--format', 'json']));
        assert.deepEqual(out.map((r) => [r.number, r.state, r.version]).sort(), records[type.name].all.map((r) => [r.number, r.state, r.version]).sort(), type.name);
    }
});

test('CSV of each type says what the API says', async () => {
    for (const type of model.types.filter((t) => t.pages)) {
        const csv = await must(s.db, ['export', type.name, '--format', 'csv']);
        const rows = readCsv(csv);
        assert.equal(rows.length, records[type.name].all.length, type.name);
        if (!rows.length) continue;
        const numbers = rows.map((r) => r.number ?? r.Number ?? r['Numéro'] ?? Object.values(r)[0]);
        assert.deepEqual([...numbers].sort(), records[type.name].all.map((r) => r.number).sort(), type.name);
    }
});

test('CSV out and in again changes nothing', async () => {
    const help = await command(s.db, ['import', '--help']);
    const known = (await command(s.db, ['help'])).out + help.out + help.err;
    assert.match(known, /import TYPE|usage.*import/, 'there is an import command');
    const dir = fs.mkdtempSync(path.join(s.db.dir ?? '/tmp', 'gf-csv-'));
    for (const name of ['incident', 'financial_entry', 'entity', 'unit', 'process', 'rate', 'external_loss']) {
        const file = path.join(dir, `${name}.csv`);
        await must(s.db, ['export', name, '--format', 'csv', '-o', file]);
        const before = await must(s.db, ['export', name, '--format', 'json']);
        const done = await must(s.db, ['import', name, file, '--json']);
        assert.equal(done.created, 0, `${name}: ${JSON.stringify(done).slice(0, 400)}`);
        assert.equal(done.updated, 0, name);
        assert.deepEqual(done.rejected, [], name);
        assert.equal(done.unchanged, done.read, name);
        assert.equal(await must(s.db, ['export', name, '--format', 'json']), before, name);
    }
    fs.rmSync(dir, { recursive: true });
});

test('grants of one role are not those of another (control of the oracle)', () => {
    const incident = model.type('incident'), r = records.incident.all.find((x) => x.unit === 'TS1' && !x.restricted);
    assert.ok(may(incident, persons.corr_south, r, 'read') && !may(incident, persons.corr_north, r, 'read'));
    assert.ok(grantsFor(incident, persons.head_orm, r, 'read').length && !may(incident, persons.admin, r, 'read'));
});
