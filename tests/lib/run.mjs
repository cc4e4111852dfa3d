// run.mjs: runs the test files, each in its own process, two at a time; prints a line per suite, what failed, and
// the sum as the last line. Called by run.sh, which starts PostgreSQL. SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const what = process.argv[2] ?? 'all';
const databases = (process.env.GARDEFOU_TEST_DATABASES ?? 'sqlite').split(/\s+/).filter(Boolean);
const release = process.env.GARDEFOU_TEST_RELEASE, dev = process.env.GARDEFOU_TEST_BINARY ?? path.join(root, 'build/dev/gardefou');
const checked = fs.existsSync(dev) ? dev : release;
const coverage = path.join(root, 'build/test/coverage');
let passed = 0, failed = 0;

const files = (folder, pattern) => fs.existsSync(path.join(root, 'tests', folder))
    ? fs.readdirSync(path.join(root, 'tests', folder)).filter((f) => pattern.test(f)).sort().map((f) => path.join('tests', folder, f)) : [];
// A module may bring its own: src/modules/NAME/tests/*.test.mjs.
const ofModules = fs.readdirSync(path.join(root, 'src/modules')).flatMap((m) => {
    const dir = path.join('src/modules', m, 'tests');
    return fs.existsSync(path.join(root, dir)) ? fs.readdirSync(path.join(root, dir)).filter((f) => /\.test\.mjs$/.test(f)).map((f) => path.join(dir, f)) : [];
});

function run(file, database, binary, minutes) {
    return new Promise((resolve) => {
        const began = Date.now();
        const env = { ...process.env, GARDEFOU_TEST_DATABASE: database, GARDEFOU_TEST_BINARY: binary, GARDEFOU_TEST_RELEASE: release, GARDEFOU_TEST_COVERAGE: coverage };
        const child = spawn(process.execPath, ['--test', file], { cwd: root, env });
        let out = '';
        child.stdout.on('data', (d) => { out += d; });
        child.stderr.on('data', (d) => { out += d; });
        const late = setTimeout(() => { out += '\nnot ok - took too long\n'; child.kill('SIGKILL'); }, minutes * 60000);
        child.on('close', (code) => {
            clearTimeout(late);
            const number = (word) => Number(new RegExp(`^(?:#|ℹ) ${word} (\\d+)`, 'm').exec(out)?.[1] ?? 0);
            const good = number('pass');
            let bad = number('fail') + number('cancelled');
            if (code !== 0 && bad === 0) bad = 1;
            if (good + bad + number('skipped') === 0) bad = 1;
            passed += good;
            failed += bad;
            console.log(`${bad ? 'FAILED' : 'ok    '}  ${file} ${database}: ${good} passed, ${bad} failed, ${((Date.now() - began) / 1000).toFixed(0)} s`);
            if (bad) console.log(out.split('\n').filter((l) => !/^\s*(duration_ms|\.\.\.|---|type:|failureType|code:|name:|operator:|at )|^ok |^# Subtest|node:internal/.test(l)).slice(0, 220).join('\n'));
            resolve();
        });
    });
}

async function pool(jobs, most) {
    const queue = [...jobs];
    await Promise.all(Array.from({ length: most }, async () => { while (queue.length) await queue.shift()(); }));
}

fs.rmSync(coverage, { recursive: true, force: true });
fs.mkdirSync(coverage, { recursive: true });
if (what === 'all' || what === 'http') {
    // The long ones first, so that none is left alone at the end.
    const order = ['import', 'canary', 'commands', 'model', 'journey', 'input', 'language'];
    const rank = (f) => { const i = order.findIndex((o) => f.includes(o)); return i < 0 ? order.length : i; };
    const suites = [...files('http', /\.test\.mjs$/), ...ofModules].sort((a, b) => rank(a) - rank(b));
    // The canaries ask every address as every person: tens of thousands of pages, which need no sanitizer.
    // Journeys of modules drive a browser: once is enough, their calls are tested over HTTP on each database.
    // So are the addresses by everybody and the promises: `model`, `canary`, `contract` and `commands` try on both what differs.
    const on = (f) => (/journey|rights|promises/.test(f) ? databases.slice(0, 1) : databases);
    await pool(suites.flatMap((f) => on(f).map((d) => () => run(f, d, f.includes('canary') ? release : checked, 10))), 2);
    await run('tests/lib/coverage.mjs', 'all', checked, 1);
}
if (what === 'all' || what === 'kill') for (const d of databases) for (const f of ['kill', 'nodes']) await run(`tests/http/${f}.mjs`, d, release, 5);
if (what === 'all' || what === 'browser') await pool(files('browser', /\.test\.mjs$/).map((f) => () => run(f, 'sqlite', release, 12)), 2);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
