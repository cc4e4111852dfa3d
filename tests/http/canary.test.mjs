// canary.test.mjs: a word that occurs nowhere else stands in every text field of a record of the other side and
// of a restricted one. Then every address is crawled as each role: pages, API, search, look-ups, exports,
// figures, history. Who may not see the record must meet none of its words, nor count it.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from '../lib/client.mjs';
import { links } from '../lib/html.mjs';
import { loadModel, may } from '../lib/model.mjs';
import { start } from '../lib/server.mjs';
import { assessment, bodyMaker, draft, email, everybody, incidentIn, isoDay, lists, oneOfEach, people, qualification } from '../lib/world.mjs';
import { unzip } from '../lib/zip.mjs';

let s, as, l, model;
const marks = {};   // canary prefix -> {numbers, who may see, amount of its incident}
const prefixes = new Map(), owners = new Map();   // of a word and of a number: its mark
const inside = (...names) => new Set(names);

before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world, { check: false });
    l = await lists(as.analyst);
    model = await loadModel(s.db);
    const type = model.type('incident');
    const texts = type.fields.filter((f) => ['text', 'long'].includes(f.kind) && !f.computed).map((f) => f.name);
    const limits = Object.fromEntries(Object.entries((await as.analyst.openapi()).components.schemas.incident_input.properties).map(([n, p]) => [n, p.maxLength]));
    // A word per field, so that a leak names where it came from.
    const words = (mark, names) => Object.fromEntries(names.filter((n) => !(limits[n] && limits[n] < 30)).map((n) => [n, `cnr${mark}${n.replaceAll('_', '')}`]));
    const plant = async (mark, side, amount, extra, seen) => {
        const first = ok(await as[side === 'north' ? 'plain' : 'plain2'].create('incidents', draft({ ...extra, ...Object.fromEntries(Object.entries(words(mark, ['title', 'description'])) ), estimated_loss: { amount, currency: 'MAD' } })), 201).number;
        const number = first, by = extra.manager_involved ? as.inspection : as[`corr_${side}`], declarant = as[side === 'north' ? 'plain' : 'plain2'];
        ok(await declarant.move('incidents', number, 'submit'));
        ok(await by.move('incidents', number, 'confirm'));
        const version = ok(await by.one('incidents', number)).version;
        const rest = words(mark, texts.filter((n) => !['title', 'description'].includes(n)));
        ok(await by.patch('incidents', number, version, { ...qualification(l), ...assessment, fraud: true, perpetrator: 'unknown', legal_case: true, boundary: 'none', ...rest, causes: [{ cause: l.cause, is_primary: true }], consequences: [], controls_failed: [{ control: `cnr${mark}control`, how: 'design' }] }));
        const entry = ok(await by.create('financial_entries', { incident: number, kind: 'direct_loss', amount: { amount, currency: 'MAD' }, status: 'booked', booked_on: isoDay(2), title: `cnr${mark}entrytitle`, journal_ref: `cnr${mark}journal`, counterparty: `cnr${mark}counterparty`, policy: `cnr${mark}policy`, cost_centre: `cnr${mark}cost`, account: `cnr${mark}account` }), 201).number;
        ok(await (extra.manager_involved ? as.inspection2 : as.finance).move('financial_entries', entry, 'accept'));
        const rca = ok(await by.create('root_cause_analyses', { incident: number, title: `cnr${mark}rca`, method: 'five_why', conclusion: `cnr${mark}conclusion`, recommendations: `cnr${mark}recommendation`, factors: `cnr${mark}factor`, steps: [{ question: `cnr${mark}question`, answer: `cnr${mark}answer` }] }), 201).number;
        const numbers = [number, entry, rca];
        if (extra.manager_involved) numbers.push(ok(await as.inspection.create('case_messages', { incident: number, message: `cnr${mark}message` }), 201).number);
        marks[mark] = { numbers, seen, amount };
    };
    const second = ['legal', 'finance', 'finance2', 'compliance', 'analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2', 'committee', 'auditor'];
    const knowing = ['compliance', 'head_orm', 'inspection', 'inspection2', 'committee'];
    await plant('qnorth', 'north', '61234.56', {}, inside('plain', 'head_north', 'corr_north', ...second));
    await plant('qsouth', 'south', '71345.67', {}, inside('plain2', 'head_south', 'corr_south', ...second));
    await plant('qsecret', 'north', '81456.78', { manager_involved: true }, inside('plain', ...knowing));
    await incidentIn('open', as, l);
    await plantOthers();
    for (const [mark, m] of Object.entries(marks)) {
        prefixes.set(mark, m);
        for (const n of m.numbers) owners.set(n.toLowerCase(), m);
    }
});
after(() => s?.end());

// A record of every other type that has a unit, on both sides: its texts are words of its own. Who may see it, the table says.
async function plantOthers() {
    await oneOfEach(as, model);
    const { bodyOf, creator } = bodyMaker(as, model);
    const units = await as.organisation.all('units', '', 500), key = (v) => v && typeof v === 'object' ? v.key : v;
    const parent = new Map(units.map((u) => [u.number, key(u.parent)]));
    const under = (top) => new Set(units.map((u) => u.number).filter((n) => { for (let at = n; at; at = parent.get(at)) if (at === top) return true; return false; }));
    const persons = Object.entries(people).map(([name, [, role, where]]) => [name, { email: email(name), roles: [{ role: 'declarant', units: null }, ...(role ? [{ role, units: where ? under(where) : null }] : [])] }]);
    const planted = new Set(['incident', 'financial_entry', 'root_cause_analysis', 'case_message', 'user', 'unit', 'entity']);
    let serial = 0;
    for (const type of model.types.filter((t) => t.pages && !t.parent && !planted.has(t.name) && t.grants.some((g) => g.scope === 'unit'))) {
        for (const unit of ['TN1', 'TS1']) {
            const who = creator(type), body = who && await bodyOf(who, type, unit);
            if (!body) continue;
            const mark = `x${unit.toLowerCase().slice(0, 2)}${String.fromCharCode(97 + serial / 26, 97 + serial++ % 26)}`;
            const { properties } = (await as[who].openapi()).components.schemas[`${type.name}_input`];
            for (const f of type.fields.filter((x) => ['text', 'long'].includes(x.kind) && !x.computed && properties[x.name]))
                if (!(properties[f.name].maxLength < 40) && !properties[f.name].pattern && !properties[f.name].enum) body[f.name] = `cnr${mark}${f.name.replaceAll('_', '')}`;
            let reply = await as[who].create(type.plural, body);
            if (reply.status === 422) {
                for (const issue of reply.json.issues) delete body[issue.field]; // a text with a form of its own
                reply = await as[who].create(type.plural, body);
            }
            if (reply.status !== 201 || !reply.json.number || !JSON.stringify(body).includes('cnr')) continue;
            const r = ok(await as[who].one(type.plural, reply.json.number));
            const record = { ...r, unit: key(r.unit), created_by: key(r.created_by), owner: key(r.owner), readers: [] };
            marks[mark] = { numbers: [r.number], plural: type.plural, seen: new Set(persons.filter(([, p]) => may(type, p, record, 'read')).map(([n]) => n)) };
        }
    }
}

// What an answer says, spreadsheets unpacked.
const textOf = (reply) => {
    const type = reply.headers['content-type'] ?? '';
    const own = type.includes('spreadsheet') ? Object.values(unzip(reply.body)).join('\n') : reply.text;
    return (own + '\n' + JSON.stringify(reply.headers)).toLowerCase();
};

function seeds() {
    const list = new Set(['/', '/account', '/api', '/openapi.json', '/search?q=cnr', '/metrics', '/healthz', '/login']);
    for (const t of model.types.filter((x) => x.pages)) {
        for (const end of ['', '.json', '.csv', '.xlsx', '?sort=-id', '?limit=500', '?q=cnr', '?state.open=1', `?as_of=${isoDay(0)}`, '/new', '/history']) list.add(`/${t.plural}${end}`);
        list.add(`/api/v1/${t.plural}?limit=500`);
        for (const q of ['cnr', 'cnrq', 'cnrqsouth', 'cnrqsecret', 'cnrqnorth', 'INC-', 'FIN-']) list.add(`/lookup/${t.plural}?q=${q}`);
        for (const f of t.fields) if (['text', 'choice', 'date', 'money'].includes(f.kind)) {
            list.add(`/api/v1/${t.plural}?${f.name}.empty=1`);
            list.add(`/api/v1/${t.plural}?sort=${f.name}&limit=500`);
        }
    }
    for (const m of model.measures) for (const q of ['', '?rows=unit&columns=month', '?rows=event_type&columns=year', '?rows=business_line&columns=unit', `?rows=unit&columns=year&as_of=${isoDay(0)}`])
        for (const base of ['/measures/', '/api/v1/measures/']) list.add(base + m.name + q);
    for (const m of model.measures) for (const end of ['.csv', '.json', '.xlsx']) list.add(`/measures/${m.name}${end}`);
    for (const p of model.pages) for (const end of ['', '.json', '.csv', '.xlsx']) list.add(p.path + end);
    for (const mark of Object.keys(marks)) {
        if (marks[mark].plural) for (const end of ['/search?q=', `/${marks[mark].plural}?q=`, `/api/v1/${marks[mark].plural}?q=`, `/lookup/${marks[mark].plural}?q=`]) list.add(`${end}cnr${mark}`);
        else for (const word of [`cnr${mark}title`, `cnr${mark}description`, `cnr${mark}counterparty`, `cnr${mark}lesson`, `cnr${mark}rca`]) list.add(`/search?q=${word}`).add(`/incidents?q=${word}`).add(`/api/v1/incidents?q=${word}`);
        for (const n of marks[mark].numbers) {
            const plural = marks[mark].plural ?? { INC: 'incidents', FIN: 'financial_entries', RCA: 'root_cause_analyses', MSG: 'case_messages' }[n.slice(0, 3)];
            list.add(`/search?q=${n}`);
            for (const end of ['', '.json', '.csv', '.xlsx', '/edit', '/history', '/people', '/comments', '/print', `?as_of=${isoDay(0)}`]) list.add(`/${plural}/${n}${end}`);
            for (const end of ['', '/history']) list.add(`/api/v1/${plural}/${n}${end}`);
            for (const step of model.types.find((t) => t.plural === plural).transitions) list.add(`/${plural}/${n}/do/${step.name}`);
            if (!marks[mark].plural) list.add(`/api/v1/financial_entries?incident=${n}`).add(`/financial_entries?incident=${n}`).add(`/incidents?duplicate_of=${n}`).add(`/incidents?grouped_root=${n}`);
        }
    }
    for (let id = 1; id <= 40; id++) list.add(`/files/${id}`);
    return list;
}

const mayVisit = (href) => href.startsWith('/') && !href.startsWith('//') && !href.startsWith('/assets/') && !/\/logout/.test(href);

// "cnrqnorthtitle" is of the mark "qnorth".
const markOf = (word) => prefixes.get(word.slice(3, 9)) ?? prefixes.get(word.slice(3, 10)) ?? prefixes.get(word.slice(3, 8));

async function crawl(name, most) {
    const c = as[name], queue = [...seeds()], seen = new Set(queue), leaks = [];
    let visited = 0;
    const foreign = Object.values(marks).filter((m) => !m.seen.has(name));
    const one = async () => {
        while (queue.length && visited < most) {
            const target = queue.shift();
            visited++;
            const reply = await c.get(target);
            const text = textOf(reply);
            // What was asked for may be repeated in the page ("Search: ..."): a leak is what was not.
            const asked = decodeURIComponent(target).toLowerCase(), words = new Set();
            for (const [word] of text.matchAll(/cnr[a-z0-9]+/g)) {
                const m = markOf(word);
                if (m && !m.seen.has(name) && !asked.includes(word)) words.add(word);
            }
            for (const [n] of text.matchAll(/\b[a-z]{2,4}-\d{4}-\d{5}\b/g)) {
                const m = owners.get(n);
                if (m && !m.seen.has(name) && !asked.includes(n)) words.add(n);
            }
            for (const m of foreign) {
                if (!m.amount) continue;
                if (new RegExp(m.amount.replace('.', '[.,]')).test(text.replace(/[\s\u00a0\u202f']/g, '')) || text.includes(m.amount.replace('.', ''))) words.add(m.amount);
            }
            if (words.size) leaks.push(`${target} -> ${reply.status}: ${[...words].join(' ')}`);
            if (reply.status === 200 && foreign.some((m) => m.numbers.some((n) => target.split('?')[0].includes(n)))) leaks.push(`${target} answered 200`);
            if ((reply.headers['content-type'] ?? '').startsWith('text/html'))
                for (const href of links(reply.text)) {
                    const clean = href.split('#')[0];
                    if (clean && mayVisit(clean) && !seen.has(clean) && seen.size < most) { seen.add(clean); queue.push(clean); }
                }
        }
    };
    await Promise.all([one(), one(), one(), one()]);
    return { leaks, visited };
}

for (const name of Object.keys(people)) {
    test(`${name} meets no foreign word`, async () => {
        const { leaks, visited } = await crawl(name, 1500);
        assert.ok(visited > 300, `only ${visited} addresses visited`);
        assert.deepEqual(leaks.slice(0, 15), []);
    });
}

test('control: who may see a record does meet its words, so the crawl can find them', async () => {
    for (const [name, mark] of [['corr_north', 'qnorth'], ['corr_south', 'qsouth'], ['inspection', 'qsecret']]) {
        const c = as[name], found = new Set();
        for (const target of seeds()) {
            if (!/incidents|financial|search|root_cause|case_m/.test(target)) continue;
            for (const m of textOf(await c.get(target)).matchAll(new RegExp(`cnr${mark}[a-z0-9]*`, 'g'))) found.add(m[0]);
        }
        for (const word of ['title', 'description', 'entrytitle', 'counterparty', 'journal', 'lesson', 'conclusion', 'answer'])
            assert.ok(found.has(`cnr${mark}${word}`), `${name} should have met cnr${mark}${word}: ${[...found].join(' ')}`);
    }
});

test('records of most types that have a unit are among those crawled', async () => {
    const other = Object.values(marks).filter((m) => m.plural);
    assert.ok(new Set(other.map((m) => m.plural)).size >= 6, [...new Set(other.map((m) => m.plural))].join());
    assert.ok(other.some((m) => !m.seen.has('corr_north')) && other.some((m) => m.seen.has('corr_north')));
    // A control: its page tells the words to who may see it, so that a leak would be noticed.
    for (const m of other) {
        const [reader] = m.seen, text = textOf(await as[reader].get(`/${m.plural}/${m.numbers[0]}.json`));
        assert.ok([...text.matchAll(/cnr[a-z0-9]+/g)].some(([word]) => markOf(word) === m), `${m.numbers[0]} as ${reader}`);
    }
});

test('figures of a scope are the sums of what that scope may see', async () => {
    for (const name of ['head_north', 'corr_north', 'corr_south', 'head_south', 'analyst', 'auditor', 'head_orm', 'committee', 'compliance']) {
        const c = as[name];
        const own = (await c.all('incidents', 'sort=-id', 500)).filter((r) => !['draft', 'cancelled'].includes(r.state));
        let gross = 0, count = 0;
        for (const row of own) {
            const r = ok(await c.one('incidents', row.number));
            if (r.event_kind !== 'loss') continue;
            gross += Math.round(Number(r.gross_group?.amount ?? 0) * 100);
            count += 1;
        }
        const body = ok(await c.get('/api/v1/measures/losses?rows=business_line&columns=none'));
        const cells = body.cells.flat();
        assert.equal(cells.reduce((n, x) => n + x.count, 0), count, `${name}: count`);
        const amount = (x) => Math.round(Number((x.gross_group ?? x.gross ?? { amount: 0 }).amount) * 100);
        assert.equal(cells.reduce((n, x) => n + amount(x), 0), gross, `${name}: gross`);
    }
});

test('booked figures and reports hold what their reader may see, and no more', async () => {
    const cents = (x) => Math.round(Number((x ?? { amount: 0 }).amount) * 100);
    for (const name of ['head_north', 'corr_north', 'corr_south', 'finance', 'legal', 'analyst', 'auditor', 'head_orm', 'committee', 'compliance', 'inspection']) {
        const c = as[name];
        let net = 0, count = 0;
        for (const row of await c.all('financial_entries', 'state.in=accepted,reversed&status=booked&sort=-id', 500)) {
            const r = ok(await c.one('financial_entries', row.number));
            if (!r.is_loss) continue;
            net += cents(r.net_group);
            count += 1;
        }
        const cells = ok(await c.get('/api/v1/measures/booked_losses?rows=business_line&columns=none')).cells.flat();
        assert.equal(cells.reduce((n, x) => n + x.count, 0), count, `${name}: entries`);
        assert.equal(cells.reduce((n, x) => n + cents(x.net_group ?? x.net), 0), net, `${name}: net`);
    }
    // Who declared a case and heads a unit is told no more of it by a report than by its page.
    const own = ok(await as.head_north.create('incidents', draft({ title: 'cnrqown', unit: 'TS1', estimated_loss: { amount: '91567.89', currency: 'MAD' } })), 201).number;
    ok(await as.head_north.move('incidents', own, 'submit'));
    assert.ok(!('gross' in ok(await as.head_north.one('incidents', own))), 'a declarant does not see the gross loss');
    for (const path of ['/reports/top-losses', '/reports/losses-by?by=unit', '/reports/committee?quarter=', '/reports/ageing', '/reports/data-quality']) {
        const text = textOf(await as.head_north.get(`${path.split('?')[0]}.json`));
        assert.ok(!text.includes('91567.89') && !text.includes(own.toLowerCase()), path);
    }
    assert.ok(textOf(await as.head_south.get('/reports/top-losses.json')).includes(own.toLowerCase()), 'the head of the unit does');
});

test('a hidden field can be neither read, filtered, sorted nor probed by ranges', async () => {
    const c = as.plain, number = marks.qnorth.numbers[0];
    const hidden = new Set(model.type('incident').grants.find((g) => g.role === 'declarant').hide.split(' '));
    const record = ok(await c.one('incidents', number));
    for (const field of Object.keys(record)) assert.ok(!hidden.has(field), `${field} must be hidden from its declarant`);
    for (const field of hidden) {
        for (const query of [`${field}.ge=1`, `${field}.empty=1`, `${field}=1`, `sort=${field}`, `sort=-${field}`]) {
            const reply = await c.list('incidents', query);
            assert.ok([403, 422].includes(reply.status), `${query}: ${reply.status}`);
        }
        assert.ok(![200, 201].includes((await c.patch('incidents', number, record.version, { [field]: null })).status), `PATCH ${field}`);
    }
    for (const word of ['cnrqnorthlegalreference', 'cnrqnorthboundaryreference']) assert.equal((await c.all('incidents', `q=${word}`)).length, 0, word);
});

test('a declarant is told neither tags, nor who is informed, nor who edited last', async () => {
    const number = marks.qnorth.numbers[0], editor = email('analyst');
    ok(await as.methodology.create('tags', { code: 'qtagfraud', name_fr: 'qtagfraude interne', name_en: 'qtag internal fraud', name_ar: 'qtag' }), 201);
    const { version } = ok(await as.analyst.one('incidents', number));
    ok(await as.analyst.patch('incidents', number, version, { tags: ['qtagfraud'], watchers: [email('inspection2'), email('legal')] }));
    const told = [];
    for (const end of ['', '.json', '.csv', '.xlsx', '/print']) for (const [name, path] of [['plain', `/incidents/${number}${end}`], ['corr_north', `/incidents/${number}${end}`]]) {
        const text = textOf(await as[name].get(path));
        for (const word of ['qtagfraud', email('inspection2'), email('legal'), editor]) if (text.includes(word)) told.push(`${name} ${word}`);
    }
    for (const path of ['/api/v1/incidents?limit=500', '/incidents.csv', '/incidents.csv?columns=number,tags,watchers,updated_by', '/incidents.json?columns=number,updated_by', '/openapi.json']) {
        const text = textOf(await as.plain.get(path));
        for (const word of ['qtagfraud', email('inspection2'), editor]) if (text.includes(word)) told.push(`plain ${path} ${word}`);
    }
    assert.deepEqual(told.filter((x) => x.startsWith('plain')), []);
    for (const word of ['qtagfraud', email('legal'), editor]) assert.ok(told.includes(`corr_north ${word}`), `a control: ${word} in ${told}`);
    for (const query of ['tags=qtagfraud', 'tags.empty=0', `watchers=${email('legal')}`, `updated_by=${editor}`, `updated_by.in=${editor}`, 'sort=updated_by'])
        assert.equal((await as.plain.list('incidents', query)).status, 422, query);
    // Declared by somebody who may see the history of other units: of this one it stays closed.
    const own = ok(await as.head_north.create('incidents', draft({ unit: 'TS1' })), 201).number;
    ok(await as.head_north.move('incidents', own, 'submit'));
    ok(await as.corr_south.move('incidents', own, 'confirm'));
    const { version: now } = ok(await as.corr_south.one('incidents', own));
    ok(await as.corr_south.patch('incidents', own, now, { lesson: 'x' }));
    assert.ok(!ok(await as.head_north.one('incidents', own)).updated_by, 'who assessed it');
    const found = ok(await as.head_north.list('incidents', `updated_by.in=${email('corr_south')},${editor}&limit=500`)).items.map((r) => r.number);
    assert.ok(found.includes(number) && !found.includes(own), `${found}`);
    assert.ok(ok(await as.corr_south.list('incidents', `updated_by=${email('corr_south')}&limit=500`)).items.some((r) => r.number === own));
});
