// indicators.mjs: what the pages of indicators cost with few and with many values (make bench-indicators): the same
// indicators with one year and with ten years of months. Values and indicators are put straight into the tables, for
// what is measured is reading, and one call of 10,000 values; such a base has no history and is good for nothing else.
// One in fifty of the
// values sent is outside its bounds and opens a breach, which the next call ends. DEFINITIONS=500 UNITS=34
// ENGINES="sqlite postgresql" ROUNDS=15; KEEP=1 keeps the base, REUSE=1 measures a kept one again.
// SPDX-License-Identifier: GPL-3.0-or-later
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { Database, Server, must, root } from '../lib/server.mjs';

const binary = process.env.GARDEFOU_TEST_BINARY ?? path.join(root, 'build/release/gardefou'), analyst = 'mehdi.tazi@tinmel.example';
const definitions = Number(process.env.DEFINITIONS ?? 500), units = Number(process.env.UNITS ?? 34), rounds = Number(process.env.ROUNDS ?? 15);
const engines = (process.env.ENGINES ?? 'sqlite').split(/\s+/).filter(Boolean);
const say = (text) => process.stderr.write(text + '\n');

// Months before this one, as days since 1970 and "2026-03".
const back = (n) => { const d = new Date(); return new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - n, 1)); };
const days = (d) => Math.floor(d / 86400000), key = (d) => d.toISOString().slice(0, 7);

function columns(db, table) {
    const sql = db.kind === 'sqlite' ? `SELECT group_concat(name) FROM pragma_table_info('${table}')`
        : `SELECT string_agg(column_name, ',') FROM information_schema.columns WHERE table_name = '${table}' AND table_schema = current_schema()`;
    return db.sql(sql).split(',');
}
const series = (db, from, to, name) => db.kind === 'sqlite'
    ? `(WITH RECURSIVE s(${name}) AS (SELECT ${from} UNION ALL SELECT ${name} + 1 FROM s WHERE ${name} < ${to}) SELECT ${name} FROM s) ${name}s` : `generate_series(${from}::bigint, ${to}::bigint) ${name}s(${name})`;

// A row of a table again and again, with some columns worked out from n.
function copies(db, table, where, n, over) {
    const all = columns(db, table);
    db.sql(`INSERT INTO ${table} (${all.map((c) => `"${c}"`).join(',')}) SELECT ${all.map((c) => over[c] ?? `r."${c}"`).join(',')} FROM ${table} r, ${series(db, 0, n - 1, 'k')} WHERE ${where}`);
}

async function fill(db, api) {
    const known = (await api.organisation.all('units')).map((u) => u.code ?? u.number);
    for (let i = known.length; i < units; i++)
        ok(await api.organisation.create('units', { code: `BU${i}`, name_fr: `Unité ${i}`, entity: 'BTM', parent: 'DG', parent_since: '2015-01-01' }), 201);
    const cat = db.kind === 'sqlite' ? (...p) => p.join(' || ') : (...p) => `concat(${p.join(',')})`;
    const definition = db.sql("SELECT id FROM indicator_definition WHERE code = 'K13'"), instance = db.sql(`SELECT MIN(id) FROM indicator WHERE definition = ${definition}`);
    const first = Number(db.sql('SELECT MAX(id) + 1 FROM indicator_definition')), start = Number(db.sql('SELECT MAX(id) + 1 FROM indicator'));
    const chosen = db.sql(`SELECT id FROM unit WHERE state = 'active' ORDER BY id LIMIT ${units}`).split('\n').map(Number);
    copies(db, 'indicator_definition', `r.id = ${definition}`, definitions, { id: `${first} + k`, seq: `100000 + k`, code: cat("'D'", 'k'), code_sort: cat("'d'", 'k') });
    const threshold = db.sql(`SELECT MIN(id) FROM indicator_threshold WHERE definition = ${definition}`), bounds = Number(db.sql('SELECT MAX(id) + 1 FROM indicator_threshold'));
    copies(db, 'indicator_threshold', `r.id = ${threshold}`, definitions, { id: `${bounds} + k`, seq: `100000 + k`, definition: `${first} + k` });
    for (const [i, unit] of chosen.entries())
        copies(db, 'indicator', `r.id = ${instance}`, definitions, { id: `${start + i * definitions} + k`, seq: `${100000 + i * definitions} + k`, definition: `${first} + k`, unit: String(unit),
            colour: "CASE WHEN k % 10 = 0 THEN 'red' WHEN k % 4 = 0 THEN 'amber' ELSE 'green' END", title: cat("'D'", 'k', `' · Mesure · ${unit}'`), title_sort: cat("'d'", 'k', `' mesure ${unit}'`), active_from: "'2010-01-01'" });
    return { start, n: definitions * chosen.length };
}

const kept = (db) => {
    const [start, n] = db.sql("SELECT MIN(id), COUNT(*) FROM indicator WHERE seq >= 100000").split('|').map(Number);
    return { start, n };
};

function values(db, { start, n }, from, to) {
    const batch = db.sql('SELECT MAX(id) FROM indicator_batch');
    const months = [];
    for (let m = from; m >= to; m--) months.push(`(${days(back(m))})`);
    const list = db.kind === 'sqlite' ? `(SELECT column1 AS p FROM (VALUES ${months.join(',')}))` : `(VALUES ${months.join(',')}) q(p)`;
    db.sql(`INSERT INTO indicator_value (owner, period, batch, at, value, colour, raw, late) SELECT i.id, p, ${batch}, 1, 99000000 + (i.id * 7919 + p * 31) % 1000000, 1 + (i.id + p) % 3, 1 + (i.id + p) % 3, 0 FROM indicator i, ${list} WHERE i.id >= ${start} AND i.id < ${start + n}`);
    db.sql(db.kind === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE indicator_value');
}

const tick = Number(os.constants ? 100 : 100);
const cpuMs = (pid) => { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) * 1000 / tick; };

async function measure(db, token, what) {
    const server = await new Server(db, { binary }).start();
    const api = new Client(server, { token, name: 'analyst', lang: 'fr', check: false });
    const figures = [];
    for (const [name, target] of what) {
        const times = [];
        const warm = await api.get(target, { accept: 'text/html' });
        if (warm.status !== 200) throw new Error(`${target}: ${warm.status} ${warm.text.slice(0, 300)}`);
        const cpu = cpuMs(server.child.pid);
        for (let i = 0; i < rounds; i++) { const t = performance.now(); await api.get(target, { accept: 'text/html' }); times.push(performance.now() - t); }
        times.sort((a, b) => a - b);
        figures.push({ name, median: times[rounds >> 1], p95: times[Math.floor(rounds * 0.95)], cpu: (cpuMs(server.child.pid) - cpu) / rounds, kb: Math.round(warm.text.length / 1024) });
    }
    return { server, api, figures };
}

// Ten thousand values in one call; one in fifty is red when `bad`, and needs no comment because a program sends it.
async function push(api, db, server, { start, n }, period, bad) {
    const list = db.sql(`SELECT year, seq FROM indicator WHERE id >= ${start} AND id < ${start + Math.min(n, 10000)}`).split('\n').map((l) => l.split('|'));
    const body = list.map(([year, seq], i) => ({ indicator: `KI-${year}-${String(seq).padStart(5, '0')}`, period, value: bad ? (i % 50 ? '99.9' : '99.2') : '99.91' }));
    const cpu = cpuMs(server.child.pid), t = performance.now();
    const reply = await api.request('POST', '/indicator-push', { json: { values: body, reason: 'Banc' }, headers: { 'idempotency-key': randomUUID(), accept: 'application/json' } });
    if (![200, 303].includes(reply.status)) throw new Error(`push: ${reply.status} ${reply.text.slice(0, 400)}`);
    return { what: bad ? 'one in fifty red' : 'all green again', n: body.length, ms: performance.now() - t, cpu: cpuMs(server.child.pid) - cpu };
}

for (const engine of engines) {
    const place = engine === 'sqlite' ? path.join(root, 'build/bench', 'indicators.db') : 'bench_indicators';
    fs.mkdirSync(path.join(root, 'build/bench'), { recursive: true });
    const db = new Database(engine, place);
    const reuse = Boolean(process.env.REUSE);
    if (reuse) say(`${engine}: as it was kept`);
    else if (engine === 'sqlite') for (const end of ['', '-wal', '-shm', '.lock', '.sock']) fs.rmSync(place + end, { force: true });
    else { db.drop(); db.create(); }
    if (!reuse) await must(db, ['demo', '--scale', '120'], { binary });
    const token = async (who) => (await must(db, ['token', 'create', '--user', who], { binary })).trim();
    if (!reuse) await must(db, ['role', 'grant', analyst, 'organisation'], { binary });
    const of = await token(analyst);
    let server = await new Server(db, { binary }).start();
    const organisation = new Client(server, { token: of, name: 'organisation', lang: 'en', check: false });
    const range = reuse ? kept(db) : await fill(db, { organisation });
    await server.stop();
    const some = db.sql(`SELECT year, seq FROM indicator WHERE id = ${range.start}`).split('|');
    const what = [['grid, 30 rows of 13 months', '/indicator-grid'], ['grid of one unit', '/indicator-grid?unit=RES'], ['calendar of colours', '/reports/indicator-calendar'], ['state by unit', '/reports/indicators'],
        ['state by category', '/reports/indicators?by=category'], ['punctuality', '/reports/indicator-punctuality'], ['file of one indicator', `/indicators/KI-${some[0]}-${String(some[1]).padStart(5, '0')}`], ['list of indicators', '/indicators']];
    const results = [];
    for (const [from, to] of reuse ? [[0, 0]] : [[13, 2], [121, 14]]) {
        const began = performance.now();
        if (from) values(db, range, from, to);
        const count = Number(db.sql('SELECT COUNT(*) FROM indicator_value'));
        say(`${engine}: ${count} values of ${range.n} indicators (${((performance.now() - began) / 1000).toFixed(1)} s)`);
        const { server: s, api, figures } = await measure(db, of, what);
        const sent = [await push(api, db, s, range, key(back(1)), true), await push(api, db, s, range, key(back(1)), false)];
        await s.stop();
        results.push({ count, figures, sent });
    }
    const a = results[0], b = results.at(-1);
    console.log(`\n${engine}: ${range.n} indicators, ${a.count} and ${b.count} values; median, 95th percentile and CPU of the server in ms`);
    console.log(`| page | KB | ${a.count} | ${b.count} | ratio |\n| --- | --- | --- | --- | --- |`);
    b.figures.forEach((f, i) => {
        const w = a.figures[i], show = (x) => `${x.median.toFixed(1)} / ${x.p95.toFixed(1)} / ${x.cpu.toFixed(1)}`;
        console.log(`| ${f.name} | ${f.kb} | ${show(w)} | ${show(f)} | ${(f.median / w.median).toFixed(2)} |`);
    });
    for (const r of results)
        for (const x of r.sent) console.log(`push of ${x.n} values at ${r.count}, ${x.what}: ${(x.ms / 1000).toFixed(2)} s, ${(x.cpu / 1000).toFixed(2)} s of CPU`);
    if (engine !== 'sqlite' && !process.env.KEEP && !reuse) db.drop();
}
closeConnections();
