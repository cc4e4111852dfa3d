// world.mjs: the people and units that the tests rely on, made through the API like a new customer would:
// a tree of units with two sides that must not see each other, and an account for every role.
// SPDX-License-Identifier: GPL-3.0-or-later
import { Client, ok } from './client.mjs';

export const password = 'a long enough test sentence';
const day = '2015-01-01';
export const units = [['TST', ''], ['TNORTH', 'TST'], ['TN1', 'TNORTH'], ['TN2', 'TNORTH'], ['TSOUTH', 'TST'], ['TS1', 'TSOUTH']];

// name: [home unit, role or null, unit of the role or '' for everywhere]
export const people = {
    plain: ['TN1', null], plain2: ['TS1', null],
    head_north: ['TNORTH', 'unit_head', 'TNORTH'], head_south: ['TSOUTH', 'unit_head', 'TSOUTH'],
    corr_north: ['TNORTH', 'correspondent', 'TNORTH'], corr_south: ['TSOUTH', 'correspondent', 'TSOUTH'],
    finance: ['TST', 'finance', ''], finance2: ['TST', 'finance', ''], legal: ['TST', 'legal', ''], compliance: ['TST', 'compliance', ''],
    analyst: ['TST', 'analyst', ''], analyst2: ['TST', 'analyst', ''], head_orm: ['TST', 'head_orm', ''],
    inspection: ['TST', 'inspection', ''], inspection2: ['TST', 'inspection', ''], committee: ['TST', 'committee', ''],
    auditor: ['TST', 'auditor', ''], methodology: ['TST', 'methodology', ''], methodology2: ['TST', 'methodology', ''],
    organisation: ['TST', 'organisation', ''], security: ['TST', 'security', ''], admin: ['TST', 'admin', ''],
};
export const email = (name) => `${name.replace('_', '.')}@test.example`;

async function each(items, most, work) {
    const queue = [...items];
    await Promise.all(Array.from({ length: most }, async () => { while (queue.length) await work(queue.shift()); }));
}

// A body for creating a record of a type: its required fields, by the kinds the description gives.
export function required(doc, type) {
    const schema = doc.components.schemas[`${type}_input`];
    const body = {};
    for (const name of schema.required ?? []) {
        let s = schema.properties[name];
        if (!s) throw new Error(`${type}: ${name} is required and not described`);
        if (s.$ref) s = { ...doc.components.schemas[s.$ref.split('/').at(-1)], ...s };
        const kind = [].concat(s.type)[0];
        if (/Money$/.test(schema.properties[name].$ref ?? '')) body[name] = { amount: '100.00', currency: 'MAD' };
        else if (s.enum) body[name] = s.enum.find((v) => v !== null);
        else if (s.format === 'date') body[name] = name === 'due_on' ? isoDay(-200) : '2026-01-15'; // what is due is still to come
        else if (s.format === 'date-time') body[name] = '2026-01-15T10:00:00Z';
        else if (kind === 'integer') body[name] = s.minimum ?? 1;
        else if (kind === 'boolean') body[name] = false;
        else if (kind === 'array') body[name] = [];
        else if (s.pattern) body[name] = '1';
        else body[name] = 'T';
    }
    return body;
}

// Makes bodies for creating: required fields by their kinds, references to the first record there is.
export function bodyMaker(as, model) {
    const known = new Map();
    const first = async (who, plural, query = '') => {
        const at = `${who} ${plural} ${query}`;
        if (!known.has(at)) {
            const reply = await as[who].list(plural, `limit=1&sort=id${query}`);
            const found = reply.status === 200 ? reply.json.items[0]?.number : undefined;
            if (found === undefined) return undefined;
            known.set(at, found);
        }
        return known.get(at);
    };
    // null: it cannot be made by this person, or what it refers to is not there.
    const bodyOf = async (who, type, unit) => {
        const doc = await as[who].openapi();
        if (!doc.components.schemas[`${type.name}_input`]) return null;
        const body = required(doc, type.name);
        for (const f of type.fields.filter((x) => x.required && !x.computed)) {
            const of = f.kind === 'taxon' ? 'taxon' : f.kind === 'unit' ? 'unit' : f.of;
            if (f.kind === 'user') body[f.name] = email(who);
            else if (f.kind === 'unit') body[f.name] = unit;
            else if (f.kind === 'date') body[f.name] = isoDay(0); // what begins today does not end before
            else if (f.kind === 'refs') body[f.name] = [await first(who, model.type(f.of).plural)].filter(Boolean);
            else if (['ref', 'taxon'].includes(f.kind)) body[f.name] = await first(who, model.type(of).plural, f.kind === 'taxon' ? `&kind=${f.of}` : '');
            if (['user', 'unit', 'ref', 'taxon'].includes(f.kind) && body[f.name] === undefined) return null;
            if (f.kind === 'refs' && !body[f.name].length) return null;
        }
        if (doc.components.schemas[`${type.name}_input`].properties.unit) body.unit = unit;
        return body;
    };
    // Somebody who may create the type everywhere.
    const creator = (type) => Object.keys(people).find((n) => type.grants.some((g) => g.role === people[n][1] && !people[n][2] && g.ops.includes('create') && g.scope === 'all'));
    return { first, bodyOf, creator };
}

// A record of each type that has none, on both sides where the type has a unit. Types that depend on each other take
// several rounds.
export async function oneOfEach(as, model) {
    const { first, bodyOf, creator } = bodyMaker(as, model);
    const make = async (type, unit) => {
        const who = creator(type);
        const body = who && await bodyOf(who, type, unit);
        if (!body) return false;
        const reply = await as[who].create(type.plural, body);
        return reply.status === 201;
    };
    let left = model.types.filter((t) => t.pages);
    for (let round = 0, moved = true; moved && round < 6; round++) {
        moved = false;
        for (const type of [...left]) {
            if (await first('head_orm', type.plural) !== undefined || await first('root', type.plural) !== undefined) left = left.filter((t) => t !== type);
            else if (await make(type, 'TN1')) { moved = true; await make(type, 'TS1'); }
        }
    }
}

// A change of a list that needs two persons: proposed by the first, applied by the second.
export async function twoPersons(first, second, reply) {
    const proposed = ok(reply, 202);
    return ok(await second.move('change_requests', proposed.number, 'apply'));
}

async function makeUnits(root) {
    ok(await root.create('entities', { code: 'TST', name_fr: 'Banque de test', currency: 'MAD', country: 'MA' }), 201);
    for (const [code, parent] of units)
        ok(await root.create('units', { code, name_fr: `Unité ${code}`, name_ar: `وحدة ${code}`, entity: 'TST', parent_since: day, ...(parent ? { parent } : {}) }), 201);
}

async function makePeople(root) {
    await each(Object.entries(people), 4, async ([name, [unit, role, where]]) => {
        ok(await root.create('users', { email: email(name), name: `Test ${name}`, home_unit: unit, language: 'fr' }), 201);
        if (role) ok(await root.create('role_assignments', { person: email(name), role, valid_from: day, ...(where ? { in_unit: where } : {}) }), 201);
    });
}

// Limits that the approval tests rely on; roles that have one already keep it.
async function makeLimits(first, second) {
    const known = new Set((await first.all('approval_limits')).filter((l) => l.state === 'active').map((l) => l.role));
    for (const [role, upTo] of [['unit_head', '50000.00'], ['head_orm', '1000000.00'], ['committee', null]]) {
        if (known.has(role)) continue;
        const body = { role, measure: 'gross', ...(upTo ? { up_to: { amount: upTo, currency: 'MAD' } } : {}) };
        await twoPersons(first, second, await first.create('approval_limits', body));
    }
}

// A taxonomy of others, for the maps that lead to it.
async function makeExternal(first, second) {
    for (const [code, parent] of [['EXT'], ['EXT-1', 'EXT'], ['EXT-2', 'EXT'], ['EXT-2.1', 'EXT-2'], ['EXT-2.2', 'EXT-2']])
        await twoPersons(first, second, await first.create('taxons', { kind: 'external', code, name_fr: `Externe ${code}`, name_en: `External ${code}`, name_ar: `خارجي ${code}`, ...(parent ? { parent } : {}) }));
}

export async function buildTemplate(kind, db, { Server, must, releaseBinary }) {
    const binary = releaseBinary, world = { kind, tokens: {}, root: 'root@test.example' };
    if (kind === 'bank') {
        await must(db, ['init', '--admin', world.root, '--password-stdin'], { input: password + '\n', binary });
    } else {
        world.demo = (await must(db, ['demo', '--seed', '7', '--scale', '120', '--json'], { binary })).created;
        await must(db, ['user', 'add', world.root, '--name', 'Root', '--password-stdin'], { input: password + '\n', binary });
        for (const role of ['admin', 'security', 'organisation', 'methodology']) await must(db, ['role', 'grant', world.root, role], { binary });
    }
    const token = async (name) => (await must(db, ['token', 'create', '--user', name], { binary })).trim();
    world.tokens.root = await token(world.root);
    const server = await new Server(db, { binary }).start();
    try {
        const as = (name) => new Client(server, { token: world.tokens[name], name, lang: 'en', check: false });
        const root = as('root');
        await makeUnits(root);
        await makePeople(root);
        for (const name of ['plain', 'analyst', 'corr_north', 'head_north', 'head_orm', 'committee', 'admin'])
            await must(db, ['user', 'password', email(name), '--password-stdin'], { input: password + '\n', binary });
        for (const name of Object.keys(people)) world.tokens[name] = await token(email(name));
        await makeLimits(as('methodology'), as('methodology2'));
        const french = (name) => new Client(server, { token: world.tokens[name], name, lang: 'fr', check: false }); // what is proposed is kept in its words
        await makeExternal(french('methodology'), french('methodology2'));
        const doc = await root.openapi();
        const hasProcess = doc.components.schemas.process_input;
        if (hasProcess) {
            const reply = await as('organisation').create('processes', { ...required(doc, 'process'), code: 'TPROC', name_fr: 'Processus de test' });
            if (reply.status === 202) await twoPersons(as('organisation'), as('root'), reply);
            else ok(reply, 201);
        }
    } finally { await server.stop(); }
    return world;
}

// ---- incidents ----

// The institution's day, not that of UTC: the two differ for an hour before midnight.
const bankDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Casablanca', year: 'numeric', month: '2-digit', day: '2-digit' });
const isoDay = (daysAgo) => bankDay.format(Date.now() - daysAgo * 86400000);
export { isoDay };

export function draft(extra = {}) {
    return {
        title: 'Virement envoyé deux fois', description: 'Deux ordres identiques sont partis à dix minutes.', amount_range: 'to_100k',
        discovered_on: isoDay(3), occurred_on: isoDay(5), ...extra,
    };
}
export const classified = {
    event_kind: 'loss', event_type: null, business_line: null, risk_category: null, process: null, causes: null,
};

// Codes of the reference lists that a qualified incident needs.
export async function lists(client) {
    const taxons = await client.all('taxons', '', 500);
    const leaf = (kind, wanted) => {
        const own = taxons.filter((t) => t.kind === kind && (t.state === 'active' || t.state === undefined));
        const parents = new Set(own.map((t) => t.parent).filter(Boolean).map((p) => p.key ?? p));
        return (own.find((t) => wanted && t.code === wanted) ?? own.find((t) => !parents.has(t.code)) ?? own[0])?.code;
    };
    const found = { event_type: leaf('event_type', 'ET7.1'), business_line: leaf('business_line'), cause: leaf('cause'), risk_category: leaf('risk_category') };
    let process;
    const reply = await client.list('processes', 'limit=5');
    if (reply.status === 200) process = (reply.json.items.find((p) => p.number === 'TPROC') ?? reply.json.items[0])?.number;
    return { ...found, process };
}

export function qualification(l, extra = {}) {
    return {
        event_kind: 'loss', event_type: l.event_type, business_line: l.business_line, risk_category: l.risk_category, process: l.process,
        causes: [{ cause: l.cause, is_primary: true }], ...extra,
    };
}
export const assessment = {
    ...Object.fromEntries(['client', 'reputation', 'regulatory', 'legal', 'staff', 'data', 'service'].map((n) => [`impact_${n}`, '1'])),
    controls_failed: [{ control: 'Double saisie', how: 'operation' }], immediate_measures: 'Rappel du virement.', lesson: 'Saisie à deux.', system_name: 'Virements',
    third_party: 'Aucun', clients: 1, downtime_minutes: 0, impact_note: 'Un client.',
};

// Takes an incident along the path until `state`, each step by the right person. people: {name: Client}.
export async function incidentIn(state, as, l, { extra = {}, amount = state === 'approval' ? '900000.00' : '12000.00', side = 'north', unit } = {}) {
    const declarant = as[side === 'north' ? 'plain' : 'plain2'], corr = as[`corr_${side}`];
    const made = ok(await declarant.create('incidents', draft({ ...(unit ? { unit } : {}), ...extra })), 201);
    const number = made.number;
    const version = async (c) => ok(await c.one('incidents', number)).version;
    const steps = [
        ['declared', async () => ok(await declarant.move('incidents', number, 'submit'))],
        ['qualification', async () => ok(await corr.move('incidents', number, 'confirm'))],
        ['review', async () => {
            ok(await corr.patch('incidents', number, await version(corr), qualification(l)));
            if (amount) {
                const entry = ok(await corr.create('financial_entries', { incident: number, kind: 'direct_loss', amount: { amount, currency: 'MAD' }, status: 'booked', booked_on: isoDay(2) }), 201);
                ok(await as.finance.move('financial_entries', entry.number, 'accept'));
            }
            ok(await corr.move('incidents', number, 'send'));
        }],
        ['validated', async () => {
            ok(await as.analyst.patch('incidents', number, await version(as.analyst), assessment));
            return ok(await as.analyst.move('incidents', number, 'validate'));
        }],
        ['open', async () => {
            const now = ok(await as.analyst.one('incidents', number));
            if (now.state === 'approval') ok(await as.committee.move('incidents', number, 'approve'));
        }],
        ['closure', async () => ok(await corr.move('incidents', number, 'propose_closure'))],
        ['closed', async () => ok(await as.analyst.move('incidents', number, 'close'))],
    ];
    if (state !== 'draft') {
        for (const [name, step] of steps) {
            await step();
            if (name === state || (state === 'approval' && name === 'validated')) break;
        }
    }
    return number;
}

// A client for each person of the world, in English so that messages can be read in a failure.
export function everybody(server, world, options = {}) {
    const all = {};
    for (const name of ['root', ...Object.keys(people)]) all[name] = new Client(server, { token: world.tokens[name], name, lang: 'en', ...options });
    return all;
}
