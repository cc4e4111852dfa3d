// commands.test.mjs: the command line beside and without a server: exit codes, JSON, backup and restore, tampering
// that the chain must find, copies from one database to the other, the demo's sameness.
// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ok } from '../lib/client.mjs';
import { Database, Server, command, must, releaseBinary, start, template } from '../lib/server.mjs';
import { draft, everybody, incidentIn, lists } from '../lib/world.mjs';

let s, as, dir;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-cmd-'));
    s = await start('bank');
    as = everybody(s.server, s.world);
    const l = await lists(as.analyst);
    for (const state of ['open', 'closed']) await incidentIn(state, as, l);
});
after(async () => { await s?.end(); fs.rmSync(dir, { recursive: true, force: true }); });

test('wrong usage ends with 2, a refusal with 1, both with words on stderr', async () => {
    for (const [args, code] of [[['nonsense'], 2], [['audit'], 2], [['token', 'create'], 2], [['export'], 2], [['serve', '--nothing', '1'], 2], [['token', 'create', '--user', 'nobody@test.example'], 1], [['export', 'nothing'], 1], [['user', 'disable', 'nobody@test.example'], 1]]) {
        const done = await command(s.db, args);
        assert.equal(done.code, code, `${args.join(' ')}: ${done.code} ${done.err}`);
        assert.ok(done.err.trim(), args.join(' '));
    }
    assert.equal((await command(s.db, ['help'])).code, 0);
});

test('each command that knows --json prints one JSON document, beside a server as well', async () => {
    for (const args of [['audit', 'verify'], ['measures', 'check'], ['model'], ['user', 'list'], ['role', 'list'], ['token', 'list'], ['doctor']]) {
        const done = await command(s.db, [...args, '--json']);
        assert.equal(done.code, 0, `${args.join(' ')}: ${done.err}`);
        assert.doesNotThrow(() => JSON.parse(done.out), args.join(' '));
    }
});

test('writing commands go to the running server, with their folder, input and exit code', async () => {
    fs.writeFileSync(path.join(dir, 'rows.csv'), 'title,discovered_on,unit\nDepuis un fichier,2026-01-15,TN1\nSans date,,TN1\n');
    const run = (args, options) => command(s.db, args, { cwd: dir, ...options });
    const json = async (args, options) => {
        const done = await run([...args, '--json'], options);
        assert.equal(done.code, 0, `${args.join(' ')}: ${done.err}`);
        return JSON.parse(done.out);
    };
    const dry = await json(['import', 'incident', 'rows.csv', '--dry-run']);
    assert.deepEqual([dry.read, dry.created, dry.rejected.map((r) => [r.row, r.column])], [2, 1, [[3, 'discovered_on']]]);
    const done = await json(['import', 'incident', 'rows.csv']);
    assert.deepEqual([done.read, done.created, done.updated, done.unchanged, done.rejected.length], [2, 1, 0, 0, 1]);
    assert.equal((await as.analyst.all('incidents', 'q=fichier')).length, 1, 'seen by the server at once');
    assert.match((await json(['user', 'add', 'by.hand@test.example', '--name', 'À la main'])).link, /^\/welcome\//);
    assert.equal((await json(['user', 'add', 'typed@test.example', '--name', 'Tapé', '--password-stdin'], { input: 'a sentence that is long enough' })).ok, true);
    assert.equal((await run(['user', 'add', 'short@test.example', '--password-stdin'], { input: 'short' })).code, 1);
    assert.equal((await json(['role', 'grant', 'by.hand@test.example', 'auditor'])).ok, true);
    assert.deepEqual(await json(['role', 'list', 'by.hand@test.example']), [{ user: 'by.hand@test.example', role: 'auditor', unit: null }]);
    assert.match((await json(['token', 'create', '--user', 'by.hand@test.example', '--days', '2'])).token, /^gf_/);
    for (const days of ['0', '-1', '4000']) assert.equal((await run(['token', 'create', '--user', 'by.hand@test.example', '--days', days])).code, 1, days);
    for (const args of [['migrate'], ['measures', 'rebuild']]) assert.equal((await json(args)).ok, true, args.join(' '));
    assert.equal((await run(['import', 'incident', 'absent.csv'])).code, 1);
});

test('a database that is not what a command needs is refused in words', async () => {
    const at = (name) => new Database('sqlite', path.join(dir, name));
    const says = async (db, args, words, options) => {
        const done = await command(db, args, options);
        assert.equal(done.code, 1, `${args.join(' ')}: ${done.out}`);
        assert.match(done.err, words);
    };
    await says(at('absent.db'), ['audit', 'verify'], /there is no database at/);
    await says(at('absent.db'), ['export', 'incident'], /there is no database at/);
    assert.ok(!fs.existsSync(path.join(dir, 'absent.db')), 'reading makes no file');
    fs.writeFileSync(path.join(dir, 'junk.db'), 'x'.repeat(8192));
    await says(at('junk.db'), ['audit', 'verify'], /not a database/);
    const empty = new Database(s.db.kind).create();
    try {
        if (s.db.kind !== 'sqlite') await says(empty, ['audit', 'verify'], /run gardefou init/);
        const input = 'a sentence that is long enough';
        await must(empty, ['init', '--admin', 'first@test.example', '--password-stdin', '--json'], { input });
        await says(empty, ['init', '--admin', 'second@test.example', '--password-stdin'], /has accounts already/, { input });
        for (const sql of ['DROP TABLE case_message', 'ALTER TABLE incident_past DROP COLUMN lesson', 'DELETE FROM schema_version WHERE id = (SELECT MAX(id) FROM schema_version)']) {
            empty.sql(sql);
            for (const args of [['audit', 'verify'], ['export', 'incident'], ['measures', 'check']]) await says(empty, args, /run gardefou migrate/);
            await must(empty, ['migrate']);
            assert.equal((await must(empty, ['audit', 'verify', '--json'])).ok, true);
        }
        empty.sql("INSERT INTO schema_version (id, name, at) VALUES (9999, 'later', 0)");
        for (const args of [['audit', 'verify'], ['measures', 'check'], ['user', 'list']]) await says(empty, args, /newer version/);
    } finally { empty.drop(); }
    await says(s.db, ['demo'], /a database of its own/);
    assert.equal((await command({ url: 'mysql://x' }, ['audit', 'verify'])).code, 1);
});

test('a backup taken under load is whole and restores to the same records', async () => {
    if (s.db.kind !== 'sqlite') return; // PostgreSQL is backed up with its own tools
    let busy = true, written = 0;
    const writer = (async () => { while (busy) { ok(await as.plain.create('incidents', draft()), 201); written++; } })();
    const file = path.join(dir, 'backup.db');
    await must(s.db, ['backup', file, '--json']);
    busy = false;
    await writer;
    assert.ok(written > 0);
    const copy = new Database('sqlite', file), fresh = new Database('sqlite', path.join(dir, 'restored.db'));
    assert.equal((await must(copy, ['audit', 'verify', '--json'])).ok, true);
    await must(fresh, ['restore', file]);
    assert.equal((await must(fresh, ['audit', 'verify', '--json'])).ok, true);
    assert.equal((await must(fresh, ['measures', 'check', '--json'])).ok, true);
    assert.equal(await must(fresh, ['export', 'incident', '--format', 'csv']), await must(copy, ['export', 'incident', '--format', 'csv']));
    assert.equal((await command(fresh, ['restore', file])).code, 1, 'never over something');
    fs.writeFileSync(path.join(dir, 'broken.db'), fs.readFileSync(file).subarray(0, 40000));
    assert.equal((await command(new Database('sqlite', path.join(dir, 'other.db')), ['restore', path.join(dir, 'broken.db')])).code, 1);
});

test('the exported chain is verified without a database, and one changed byte is found', async () => {
    const file = path.join(dir, 'audit.json');
    await must(s.db, ['audit', 'export', file]);
    const good = await must(null, ['audit', 'verify', '--file', file, '--json']);
    assert.equal(good.ok, true);
    const text = fs.readFileSync(file, 'utf8'), lines = text.split('\n');
    let caught = 0, tried = 0;
    for (let i = 0; i < 25; i++) {
        let at = Math.floor((i + 0.5) / 25 * text.length);
        while (!/[a-z0-9]/i.test(text[at])) at++;
        const c = text[at];
        tried++;
        fs.writeFileSync(file + '.bad', text.slice(0, at) + (c === 'a' ? 'b' : c === '1' ? '2' : /\d/.test(c) ? '1' : 'a') + text.slice(at + 1));
        const done = await command(null, ['audit', 'verify', '--file', file + '.bad', '--json']);
        if (done.code === 1) caught++;
        else assert.fail(`a change at byte ${at} was not found: ${text.slice(Math.max(0, at - 60), at + 20)}`);
    }
    assert.ok(caught === tried && tried === 25);
    fs.writeFileSync(file + '.short', lines.slice(0, -Math.ceil(lines.length / 4)).join('\n'));
    assert.equal((await command(null, ['audit', 'verify', '--file', file + '.short', '--json'])).code, 1, 'a cut end');
    // One line of each kind goes missing in turn; the first and the last of its kind are the hardest to miss.
    const kinds = [...new Set(lines.filter(Boolean).map((line) => JSON.parse(line).kind))];
    assert.ok(['entry', 'record', 'checkpoint', 'leaf', 'end'].every((k) => kinds.includes(k)), kinds.join());
    for (const kind of kinds) {
        const of = lines.map((line, i) => [line, i]).filter(([line]) => line.startsWith(`{"kind":"${kind}"`)).map(([, i]) => i);
        for (const gap of new Set([of[0], of[Math.floor(of.length / 2)], of.at(-1)])) {
            fs.writeFileSync(file + '.gap', lines.filter((_, i) => i !== gap).join('\n'));
            assert.equal((await command(null, ['audit', 'verify', '--file', file + '.gap', '--json'])).code, 1, `a missing line: ${lines[gap].slice(0, 80)}`);
        }
    }
});

test('what is changed behind the back of the program is found and named', async () => {
    await s.server.stop();
    const tampering = [
        "UPDATE incident SET title = 'Autre' WHERE id = (SELECT MAX(id) FROM incident)",
        'UPDATE financial_entry SET amount = amount + 100 WHERE id = (SELECT MIN(id) FROM financial_entry)',
        "UPDATE incident SET state = 'closed' WHERE id = (SELECT MIN(id) FROM incident WHERE state = 'open')",
        'DELETE FROM financial_entry WHERE id = (SELECT MAX(id) FROM financial_entry)',
        'UPDATE incident SET version = version + 1 WHERE id = (SELECT MAX(id) FROM incident)',
        'UPDATE incident SET unit = (SELECT MIN(id) FROM unit) WHERE id = (SELECT MAX(id) FROM incident)',
        'UPDATE incident SET restricted = 1 - restricted WHERE id = (SELECT MAX(id) FROM incident)',
        "UPDATE role_assignment SET role = 'committee' WHERE id = (SELECT MAX(id) FROM role_assignment)",
        'UPDATE incident SET created_by = 1 WHERE id = (SELECT MAX(id) FROM incident)',
        'UPDATE incident SET gross = gross + 1 WHERE id = (SELECT MIN(id) FROM incident)',
        'UPDATE incident SET net_group = NULL WHERE id = (SELECT MIN(id) FROM incident)',
        "UPDATE incident SET first_booked_on = '2020-01-01' WHERE id = (SELECT MIN(id) FROM incident)",
        'UPDATE financial_entry SET business_line = NULL WHERE id = (SELECT MIN(id) FROM financial_entry)',
        'UPDATE financial_entry SET unit = (SELECT MIN(id) FROM unit) WHERE id = (SELECT MIN(id) FROM financial_entry)',
    ];
    const missed = [];
    for (const sql of tampering) {
        const copy = new Database(s.db.kind).create(s.db);
        try {
            const before = await must(copy, ['audit', 'verify', '--json']);
            assert.equal(before.ok, true);
            copy.sql(sql);
            const done = await command(copy, ['audit', 'verify', '--json']);
            if (done.code !== 1) { missed.push(sql); continue; }
            const said = JSON.parse(done.out);
            assert.equal(said.ok, false);
            assert.ok(said.why, sql);
        } finally { copy.drop(); }
    }
    assert.deepEqual(missed, []);
    const copy = new Database(s.db.kind).create(s.db);
    try {
        const row = s.db.kind === 'sqlite' ? 'rowid' : 'ctid';
        copy.sql(`UPDATE measure_cell SET count = count + 1 WHERE ${row} = (SELECT MIN(${row}) FROM measure_cell)`);
        const wrong = await command(copy, ['measures', 'check', '--json']);
        assert.equal(wrong.code, 1, 'a wrong figure');
        const { ok, different, differences } = JSON.parse(wrong.out);
        assert.deepEqual([ok, different, differences.length, differences[0].count], [false, 1, 1, 1], wrong.out);
        await must(copy, ['measures', 'rebuild', '--json']);
        assert.equal((await must(copy, ['measures', 'check', '--json'])).ok, true);
    } finally { copy.drop(); }
    await s.server.start();
});

test('what follows from the records is compared and put right', async () => {
    const { db: demo } = await template('demo');
    const copy = new Database(demo.kind).create(demo);
    try {
        assert.deepEqual((await must(copy, ['rederive', '--check', '--json'])).differences, []);
        const damage = [
            ['incident', 'title_sort', "UPDATE incident SET title_sort = NULL WHERE id = (SELECT MIN(id) FROM incident)"],
            ['incident_past', 'title_sort', "UPDATE incident_past SET title_sort = 'zz' WHERE id = (SELECT MIN(id) FROM incident_past)"],
            ['search_doc', 'restricted', "UPDATE search_doc SET restricted = 1 - restricted WHERE type = 'control' AND record = (SELECT MIN(id) FROM control)"],
            ['search_doc', '', "DELETE FROM search_doc WHERE type = 'risk' AND record = (SELECT MIN(id) FROM risk)"],
            ['search_doc', 'body', "UPDATE search_doc SET body = 'nothing' WHERE type = 'incident' AND record = (SELECT MAX(id) FROM incident)"],
            ['incident', 'gross', 'UPDATE incident SET gross = COALESCE(gross, 0) + 5 WHERE id = (SELECT MAX(id) FROM incident)'],
            ['issue', 'actions_open', 'UPDATE issue SET actions_open = 77 WHERE id = (SELECT MIN(id) FROM issue)'],
            ['indicator', 'last_period', "UPDATE indicator SET last_period = '2001-01-01' WHERE id = (SELECT MIN(id) FROM indicator WHERE last_period IS NOT NULL)"],
            ['financial_entry', 'unit, restricted', 'UPDATE financial_entry SET restricted = 1 - restricted WHERE id = (SELECT MIN(id) FROM financial_entry)'],
            ['action_issues', '', 'DELETE FROM action_issues WHERE record = (SELECT MIN(record) FROM action_issues)'],
            ['unit_under', '', 'DELETE FROM unit_under WHERE ancestor <> unit'],
        ];
        for (const [, , sql] of damage) copy.sql(sql);
        copy.sql('DELETE FROM measure_cell WHERE grain = 0');
        const found = await command(copy, ['rederive', '--check', '--json']);
        assert.equal(found.code, 1);
        const { differences, figures_different: figures } = JSON.parse(found.out);
        for (const [table, column] of damage) assert.ok(differences.some((d) => d.table === table && d.column === column), `${table} ${column}: ${found.out}`);
        assert.ok(figures > 0);
        const doctor = await must(copy, ['doctor', '--json']);
        assert.match(doctor.findings.find((f) => f.name === 'derived').advice ?? '', /gardefou rederive/);
        assert.equal((await must(copy, ['rederive', '--json'])).ok, true);
        assert.deepEqual((await must(copy, ['rederive', '--check', '--json'])).differences, []);
        assert.equal((await must(copy, ['audit', 'verify', '--json'])).ok, true, 'the proof holds, too');
        // A base of a version that did not work out a column yet: migrate makes it for what is there.
        copy.sql('ALTER TABLE incident DROP COLUMN days_to_close');
        const upgraded = await must(copy, ['migrate', '--json']);
        assert.ok(upgraded.ok && upgraded.worked_out > 0, JSON.stringify(upgraded));
        assert.deepEqual((await must(copy, ['rederive', '--check', '--json'])).differences, []);
        assert.equal((await must(copy, ['audit', 'verify', '--json'])).ok, true, 'nothing is called changed');
        assert.equal((await must(copy, ['migrate', '--json'])).worked_out, 0, 'once is enough');
        // What else doctor finds.
        const well = async (name) => (await must(copy, ['doctor', '--json'])).findings.find((f) => f.name === name);
        for (const name of ['tables', 'administrators', 'set_aside', 'cut_off_imports', 'writable'].filter((n) => n !== 'writable' || copy.kind === 'sqlite'))
            assert.equal((await well(name)).ok, true, name);
        copy.sql("INSERT INTO outbox (topic, item_key, state, created_at, due_at) VALUES ('mail', 'doctor', 'dead', 1, 1)");
        copy.sql("INSERT INTO import_run (type, at, state) VALUES ('unit', 1, 'running')");
        copy.sql('UPDATE "user" SET password_hash = NULL');
        for (const [name, words] of [['administrators', /nobody can sign in/], ['set_aside', /jobs list dead/], ['cut_off_imports', /import/]])
            assert.match((await well(name)).advice ?? '', words, name);
        copy.sql('DROP TABLE import_map');
        assert.match((await well('tables')).advice ?? '', /gardefou migrate/);
    } finally { copy.drop(); }
});

test('a database is copied to the other engine and back without a difference', async () => {
    if (s.db.kind !== 'sqlite' || !process.env.GARDEFOU_TEST_PG) return;
    const there = new Database('postgresql').create(), back = new Database('sqlite', path.join(dir, 'back.db'));
    try {
        const from = path.join(dir, 'from.db');
        await must(s.db, ['backup', from]);
        await must(null, ['copy', '--from', `sqlite:${from}`, '--to', there.url]);
        await must(null, ['copy', '--from', there.url, '--to', back.url]);
        for (const db of [there, back]) {
            assert.equal((await must(db, ['audit', 'verify', '--json'])).ok, true);
            assert.equal((await must(db, ['measures', 'check', '--json'])).ok, true);
            for (const type of ['incident', 'financial_entry', 'user', 'taxon'])
                assert.equal(await must(db, ['export', type, '--format', 'csv']), await must(new Database('sqlite', from), ['export', type, '--format', 'csv']), type);
        }
        const server = await new Server(there).start();
        try {
            const c = everybody(server, s.world).analyst;
            assert.ok((await c.all('incidents')).length > 1);
        } finally { await server.stop(); }
    } finally { there.drop(); }
});

test('a demo that was killed is said to be unfinished, or begins anew', async () => {
    if (s.db.kind !== 'sqlite') return;
    const db = new Database('sqlite');
    try {
        const child = spawn(releaseBinary, ['--database', db.url, 'demo', '--scale', '12'], { stdio: 'ignore', env: { ...process.env, GARDEFOU_KEY: 'a key of the tests, the same for all of them' } });
        const ended = new Promise((resolve) => child.on('close', resolve));
        const units = () => { try { return Number(db.sql('SELECT COUNT(*) FROM unit')); } catch { return 0; } };
        for (let i = 0; i < 600 && child.exitCode === null && units() === 0; i++) await new Promise((r) => setTimeout(r, 20));
        child.kill('SIGKILL');
        await ended;
        assert.ok(units() > 0);
        const again = await command(db, ['demo', '--scale', '12'], { binary: releaseBinary });
        assert.equal(again.code, 1);
        assert.match(again.err, /was begun in this database and did not end.*run demo again/s);
        const doctor = await must(db, ['doctor', '--json'], { binary: releaseBinary });
        assert.match(doctor.findings.find((f) => f.name === 'demo').advice, /run gardefou demo again/);
        const server = await new Server(db, { binary: releaseBinary }).start();
        assert.match(server.errors, /demo_unfinished/);
        await server.stop();
    } finally { db.drop(); }
});

test('the demo is the same for the same seed, marked as demo, whole, and as large as asked', async () => {
    const sums = [];
    for (const seed of ['3', '3', '4']) {
        const db = new Database(s.db.kind).create();
        try {
            const made = (await must(db, ['demo', '--seed', seed, '--scale', '40', '--json'])).created;
            assert.equal(made.incident, 40, JSON.stringify(made));
            sums.push((await must(db, ['export', 'incident', '--format', 'csv'])).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, ''));
            assert.equal((await must(db, ['audit', 'verify', '--json'])).ok, true);
            assert.equal((await must(db, ['measures', 'check', '--json'])).ok, true);
        } finally { db.drop(); }
    }
    assert.equal(sums[0], sums[1], 'same seed');
    assert.notEqual(sums[0], sums[2], 'another seed');
});
