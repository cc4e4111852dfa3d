// bench.mjs: what each answer costs at two sizes, beside a floor of bare C measured in the same run; called by run.sh.
// Prints tables and judges nothing: machines are shared, so compare ratios of one run. SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { children, cpuNs, measure, privateMiB } from './load.mjs';
import { Client, closeConnections, exchange, ok } from '../lib/client.mjs';
import { Database, Server, must, root } from '../lib/server.mjs';

const large = Number(process.env.N ?? 1000000), small = Math.min(large, Number(process.env.SMALL ?? 10000));
const seconds = Number(process.env.SECONDS_EACH ?? 3), imported = Number(process.env.IMPORT ?? 20000);
const engines = (process.env.ENGINES ?? 'sqlite postgresql').split(/\s+/).filter(Boolean);
const work = process.env.BENCH_WORK ?? path.join(root, 'build/bench');
const binary = path.join(root, 'build/release/gardefou');
const password = 'tinmel-demo-2026', analyst = 'mehdi.tazi@tinmel.example';
const day = (back) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);
const say = (text) => process.stderr.write(text + '\n');

// ---- data ----

// A database of so many incidents, made once and kept; a run works on it as it is.
async function data(engine, n) {
    const place = engine === 'sqlite' ? path.join(work, `bench-${n}.db`) : `bench_${n}`;
    const db = new Database(engine, place), mark = path.join(work, `${engine}-${n}.made`);
    if (fs.existsSync(mark)) return db;
    say(`${engine}: making ${n} incidents ...`);
    if (engine === 'sqlite') for (const end of ['', '-wal', '-shm', '.lock', '.sock']) fs.rmSync(place + end, { force: true });
    else { db.drop(); db.create(); }
    const began = performance.now();
    await must(db, ['demo', '--scale', String(n)], { binary });
    fs.writeFileSync(mark, `${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    say(`${engine}: made in ${fs.readFileSync(mark, 'utf8').trim()}`);
    return db;
}

// Units whose readers see about so much of all.
async function scopes(db, api) {
    const units = (await api.all('units')).map((u) => ({ code: u.code ?? u.number, parent: u.parent, own: 0 }));
    const of = new Map(units.map((u) => [u.code, u]));
    const counts = ok(await api.get('/api/v1/measures/losses?rows=unit&columns=none'));
    let all = 0;
    counts.rows.forEach((row, i) => {
        const n = counts.cells[i][0]?.count ?? 0, unit = of.get(row.key);
        if (unit) unit.own += n;
        all += n;
    });
    const key = (p) => (p && typeof p === 'object' ? p.code ?? p.number : p);
    const total = (u) => u.own + units.filter((x) => key(x.parent) === u.code).reduce((sum, x) => sum + total(x), 0);
    const shares = units.map((u) => ({ code: u.code, share: (100 * total(u)) / (all || 1) })).filter((u) => u.share > 0);
    return [0.1, 5, 50].map((wanted) => ({ wanted, ...shares.reduce((best, u) => (Math.abs(Math.log(u.share / wanted)) < Math.abs(Math.log(best.share / wanted)) ? u : best)) }));
}

async function reader(db, server, role, unit, name) {
    const email = `bench.${name}@tinmel.example`;
    const found = await must(db, ['user', 'list', '--json'], { binary }).catch(() => ({}));
    if (!JSON.stringify(found).includes(email)) {
        await must(db, ['user', 'add', email, '--name', `Bench ${name}`], { binary });
        await must(db, ['role', 'grant', email, role, ...(unit ? ['--unit', unit] : [])], { binary });
    }
    return (await must(db, ['token', 'create', '--user', email], { binary })).trim();
}

// ---- one server ----

async function firstAnswer(start) {
    const began = performance.now();
    const server = await start();
    await exchange(server.url, 'GET', '/login');
    return { server, ms: performance.now() - began };
}

const postgres = () => children(Number(fs.readFileSync(path.join(process.env.BENCH_PG, 'data/postmaster.pid'), 'utf8').split('\n')[0]));

async function session(server) {
    const c = new Client(server, { lang: 'en', check: false });
    await c.get('/login');
    const reply = await c.login(analyst, password);
    if (reply.status >= 400) throw new Error(`sign-in: ${reply.status}`);
    return { cookie: [...c.jar].map(([k, v]) => `${k}=${v}`).join('; '), accept: 'text/html' };
}

function declaration(token, unit) {
    const headers = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': randomUUID() });
    const post = (target, json) => ({ method: 'POST', target, headers: headers(), body: JSON.stringify(json) });
    const incident = { title: 'Transfer sent twice to a supplier', description: 'The same order was keyed in twice on Monday morning.', amount_range: 'to_100k', clients_range: 'one', discovered_on: day(2), unit };
    const booked = (kind, amount) => ({ kind, amount: { amount, currency: 'MAD' }, status: 'booked', booked_on: day(1) });
    const entry = (number, kind, amount) => post('/api/v1/financial_entries', { incident: number, ...booked(kind, amount) });
    const together = () => [post('/api/v1/incidents', { ...incident, do: 'submit', entries: [booked('direct_loss', '600.00'), booked('external_cost', '60.00')] })];
    const apart = () => {
        let number;
        return [post('/api/v1/incidents', incident),
            (reply) => { number = JSON.parse(reply.body).number; return post(`/api/v1/incidents/${number}/do/submit`, {}); },
            () => entry(number, 'direct_loss', '600.00'), () => entry(number, 'external_cost', '60.00')];
    };
    return { together, apart };
}

// A declaration with two entries, in one request and in four, by how many at once. Each line includes what follows by itself.
const declarers = [1, 8, 32];

async function declarations(run, make) {
    const out = {};
    for (const connections of declarers) out[connections] = await run(make, { connections });
    return out;
}

async function serverFigures(engine, n, withAll) {
    const db = await data(engine, n);
    const { server, ms } = await firstAnswer(() => new Server(db, { binary }).start());
    const out = { start: ms, lists: {} };
    try {
        const pids = () => [server.child.pid, ...(engine === 'sqlite' ? [] : postgres())];
        const token = (await must(db, ['token', 'create', '--user', analyst], { binary })).trim();
        const api = new Client(server, { token, lang: 'en', check: false });
        const html = await session(server);
        const json = { authorization: `Bearer ${token}`, accept: 'application/json' };
        const numbers = ok(await api.list('incidents', 'limit=500&state=closed&sort=-id')).items.map((i) => i.number);
        const get = (target, headers) => () => [{ target, headers }];
        const one = (prefix, headers) => (i) => [{ target: `${prefix}/${numbers[(i * 37) % numbers.length]}`, headers }];
        const run = (make, more = {}) => { say(`  ${new Date().toISOString().slice(11, 19)} ${JSON.stringify(make(0)[0]).slice(0, 90)}`); return measure({ port: server.port, pids, make, seconds, ...more }); };
        const list = '/incidents?event_kind=loss&sort=-gross_group';
        out.idle = privateMiB([server.child.pid]);
        out.login = await run(get('/login', { accept: 'text/html' }));
        out.record = await run(one('/incidents', html));
        out.json = await run(one('/api/v1/incidents', json));
        out.list = await run(get(list, html));
        out.listZip = await run(get(list, { ...html, 'accept-encoding': 'gzip' }));
        out.matrix = await run(get('/reports/loss-matrix?period=rolling_120', html));
        out.adhoc = await run(get('/reports/loss-matrix?period=rolling_120&third_party_caused=true', html));
        out.adhocFew = await run(get('/reports/loss-matrix?period=rolling_120&event_type.under=ET7&channel=portal', html));
        out.search = await run(get('/search?q=virement+double', html));
        const lists = [['all, first page as it comes', '/incidents', html], ['all, closed, by discovery', '/incidents?state=closed&sort=-discovered_on', html], ['all, one event type, by gross', '/incidents?event_type.under=ET7&sort=-gross', html]];
        for (const s of await scopes(db, api)) {
            const mine = { authorization: `Bearer ${await reader(db, server, 'correspondent', s.code, `s${String(s.wanted).replace('.', '')}`)}`, accept: 'application/json' };
            const name = `${s.share.toPrecision(2)} % of the rows`;
            lists.push([`${name}, newest`, '/api/v1/incidents?sort=-id', mine], [`${name}, losses by gross`, '/api/v1/incidents?event_kind=loss&sort=-gross_group', mine], [`${name}, by discovery`, '/api/v1/incidents?sort=-discovered_on', mine]);
        }
        for (const [name, target, headers] of lists) out.lists[name] = await run(get(target, headers), { seconds: Math.min(seconds, 2) });
        if (withAll) {
            const { together, apart } = declaration(token, 'AG-MAA');
            out.together = await declarations(run, together);
            out.apart = await declarations(run, apart);
            out.declare = out.together[8];
        }
        out.memory = privateMiB([server.child.pid]);
        for (const m of ['login', 'record', 'list', 'matrix', 'search']) if (out[m]) out[m].name = m;
    } finally { await server.stop(); }
    return out;
}

// ---- the floor ----

async function floorFigures(file) {
    const own = path.join(work, 'floor.db');
    for (const end of ['', '-wal', '-shm']) fs.rmSync(own + end, { force: true });
    const start = () => new Promise((resolve, reject) => {
        const child = spawn(path.join(work, 'floor'), [file, own]);
        child.stderr.pipe(process.stderr);
        child.on('close', (code) => reject(new Error(`the floor ended with ${code}`)));
        child.stdout.on('data', (d) => { const m = /http:\/\/[^:]+:(\d+)/.exec(d); if (m) resolve({ child, url: m[0], port: Number(m[1]) }); });
    });
    const { server, ms } = await firstAnswer(start);
    const pids = () => [server.child.pid], out = { start: ms };
    const run = (make, more = {}) => measure({ port: server.port, pids, make, seconds, ...more });
    const get = (target) => () => [{ target }];
    out.login = await run(get('/login'));
    out.record = await run((i) => [{ target: `/record/${1 + ((i * 37) % 1000)}` }]);
    out.json = await run((i) => [{ target: `/json/${1 + ((i * 37) % 1000)}` }]);
    out.list = await run(get('/list'));
    out.matrix = await run(get('/matrix'));
    out.search = await run(get('/search'));
    out.together = await declarations(run, () => [{ method: 'POST', target: '/declare', body: '{}' }]);
    out.declare = out.together[8];
    out.memory = privateMiB(pids());
    server.child.removeAllListeners('close');
    server.child.kill();
    return out;
}

// ---- import ----

function csvOf(n) {
    const units = ['AG-MAA', 'AG-GUE', 'AG-AGD', 'OPS-VIR', 'TDI'], types = ['ET2.1', 'ET7.1', 'ET4.1', 'ET6.1'], rows = ['external_key,title,description,discovered_on,occurred_on,unit,event_type,business_line,estimated_loss'];
    for (let i = 0; i < n; i++) rows.push(`B-${i},Event ${i} of the old system,"Keyed in twice, found by the control of the next day.",${day(30 + (i % 3000))},${day(40 + (i % 3000))},${units[i % 5]},${types[i % 4]},BL3,${(i * 7919) % 100000}.00 MAD`);
    return rows.join('\n') + '\n';
}

async function importFigures(engine) {
    const db = new Database(engine, engine === 'sqlite' ? path.join(work, 'import.db') : 'bench_import');
    if (engine === 'sqlite') for (const end of ['', '-wal', '-shm', '.lock', '.sock']) fs.rmSync(db.file + end, { force: true });
    else { db.drop(); db.create(); }
    await must(db, ['demo', '--scale', '100'], { binary });
    const file = path.join(work, 'import.csv');
    fs.writeFileSync(file, csvOf(imported));
    const before = engine === 'sqlite' ? 0 : cpuNs(postgres());
    const began = performance.now(), child = spawn(binary, ['import', 'incident', file, '--json'], { env: { ...process.env, GARDEFOU_DATABASE: db.url } });
    let out = '', cpu = 0;
    child.stdout.on('data', (d) => { out += d; });
    child.stderr.on('data', (d) => { out += d; });
    const look = setInterval(() => { cpu = Math.max(cpu, cpuNs([child.pid])); }, 20);
    await new Promise((resolve) => child.on('close', resolve));
    clearInterval(look);
    const took = (performance.now() - began) / 1000;
    if (engine !== 'sqlite') cpu += cpuNs(postgres()) - before;
    const report = JSON.parse(out);
    if (report.created !== imported) throw new Error(`import: ${out.slice(0, 500)}`);
    return { rate: imported / took, cpu: cpu / 1000 / imported };
}

// ---- goals ----

// What each figure is to be: at most so many times the floor of this run (times), so many us of CPU (cpu), so many ms (ms), so many a second
// (rate), so many MiB (mib). A shared machine may say "no" where a quiet one says "yes": a word to look closer, no verdict.
const goals = {
    login: { times: 5 }, record: { times: 3 }, json: { times: 2 }, list: { times: 4 }, matrix: { times: 3 }, adhoc: { cpu: 70000 }, adhocFew: { cpu: 70000 }, search: { cpu: 1000 },
    declare: { rate: 1500 }, grows: { times: 1.5 }, start: { ms: 100 }, memory: { mib: 96 }, page: { kb: 60 },
};
const goalText = (g) => (!g ? '' : g.times ? `${g.times}x` : g.cpu ? us(g.cpu) : g.ms ? `${g.ms} ms` : g.rate ? `${g.rate.toLocaleString('en')} a second` : g.mib ? `${g.mib} MiB` : `${g.kb} KB`);
function met(g, { ratio, cpu, took, rate, mib, kb }) {
    if (!g) return '';
    const pairs = [[g.times, ratio], [g.cpu, cpu], [g.ms, took], [g.mib, mib], [g.kb, kb]].filter(([goal]) => goal !== undefined);
    return (g.rate ? rate >= g.rate : pairs.every(([goal, is]) => is <= goal)) ? 'yes' : 'no';
}

// ---- tables ----

const us = (x) => (x === undefined ? '-' : x >= 1000 ? `${(x / 1000).toPrecision(3)} ms` : `${x.toFixed(x < 100 ? 1 : 0)} us`);
const ms = (x) => (x === undefined ? '-' : `${x.toFixed(x < 10 ? 2 : 1)}`);
const times = (a, b) => (a === undefined || b === undefined ? '-' : `${(a / b).toFixed(1)}x`);

function table(head, rows) {
    const all = [head, ...rows], width = head.map((_, i) => Math.max(...all.map((r) => String(r[i]).length)));
    const line = (r) => '| ' + r.map((c, i) => String(c).padEnd(width[i])).join(' | ') + ' |';
    console.log([line(head), line(width.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n') + '\n');
}

fs.mkdirSync(work, { recursive: true });
const rows = [['login', 'login page'], ['record', 'record page, HTML'], ['json', 'record, JSON'], ['list', 'list of 50, filtered and sorted, HTML'], ['listZip', 'the same, gzip'], ['matrix', 'loss matrix'], ['adhoc', 'loss matrix, filtered: by a flag'], ['adhocFew', 'the same, by event type and channel'], ['search', 'search of two words'], ['declare', 'declaration with two entries (8 at once)']];
const file = (await data('sqlite', large)).file;
say('floor ...');
const floor = await floorFigures(file);
for (const engine of engines) {
    say(`${engine}, ${small} incidents ...`);
    const few = await serverFigures(engine, small, false);
    say(`${engine}, ${large} incidents ...`);
    const many = await serverFigures(engine, large, true);
    console.log(`## ${engine}, ${large.toLocaleString('en')} incidents: CPU of an answer, database included\n`);
    const base = (key) => floor[key === 'listZip' ? 'list' : key];
    table(['operation', 'floor', 'CPU', 'to floor', 'goal', 'met', 'p50 ms', 'p99 ms', 'KB', `CPU at ${small.toLocaleString('en')}`, 'grows'],
        rows.filter(([k]) => many[k]).map(([k, name]) => [name, us(base(k)?.cpu), us(many[k].cpu), times(many[k].cpu, base(k)?.cpu), goalText(goals[k]), met(goals[k], { ratio: many[k].cpu / base(k)?.cpu, cpu: many[k].cpu, rate: many[k].rate }), ms(many[k].p50), ms(many[k].p99), (many[k].bytes / 1000).toFixed(1), us(few[k]?.cpu), times(many[k].cpu, few[k]?.cpu)]));
    console.log(`## ${engine}: lists, time at ${large.toLocaleString('en')} against ${small.toLocaleString('en')}\n`);
    const names = Object.keys(many.lists), fewNames = Object.keys(few.lists);
    table(['list', 'CPU', 'p50 ms', 'p99 ms', `p50 at ${small.toLocaleString('en')}`, 'grows', 'goal', 'met'],
        names.map((name, i) => [name, us(many.lists[name].cpu), ms(many.lists[name].p50), ms(many.lists[name].p99), ms(few.lists[fewNames[i]]?.p50), times(many.lists[name].p50, few.lists[fewNames[i]]?.p50), goalText(goals.grows), met(goals.grows, { ratio: many.lists[name].p50 / few.lists[fewNames[i]]?.p50 })]));
    console.log(`## ${engine}: a declaration with two entries, durable\n`);
    table(['clients', 'floor a second', 'floor CPU', 'one request a second', 'CPU', 'p99 ms', 'four requests a second', 'CPU'],
        declarers.map((n) => [n, floor.together[n].rate.toFixed(0), us(floor.together[n].cpu), many.together[n].rate.toFixed(0), us(many.together[n].cpu), ms(many.together[n].p99), many.apart[n].rate.toFixed(0), us(many.apart[n].cpu)]));
    const load = await importFigures(engine);
    console.log(`## ${engine}: the rest\n`);
    const heaviest = rows.filter(([k]) => many[k] && k !== 'listZip' && k !== 'json' && k !== 'declare').reduce((most, [k, name]) => (many[k].bytes > most.bytes ? { bytes: many[k].bytes, name } : most), { bytes: 0 });
    table(['what', 'floor', 'figure', 'goal', 'met'], [
        ['start to first answer', `${floor.start.toFixed(0)} ms`, `${many.start.toFixed(0)} ms`, goalText(goals.start), met(goals.start, { took: many.start })],
        ['private memory after the load', `${floor.memory.toFixed(1)} MiB`, `${many.memory.toFixed(1)} MiB (${many.idle.toFixed(1)} idle)`, goalText(goals.memory), met(goals.memory, { mib: many.memory })],
        [`import of ${imported.toLocaleString('en')} events`, '-', `${load.rate.toFixed(0)} a second, ${us(load.cpu)} CPU each`, '100,000 a second', load.rate >= 100000 ? 'yes' : 'no'],
        ['heaviest of these pages', '-', `${(heaviest.bytes / 1000).toFixed(1)} KB: ${heaviest.name}`, goalText(goals.page), met(goals.page, { kb: heaviest.bytes / 1000 })]]);
}
closeConnections();
process.exit(0);
