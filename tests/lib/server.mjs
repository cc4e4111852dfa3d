// server.mjs: databases, commands and servers for tests: a fresh database for each suite, copied from a
// template that is built once; a real server on a free port; what a sanitizer prints fails the suite.
// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTemplate } from './world.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const workDir = process.env.GARDEFOU_TEST_WORK ?? path.join(root, 'build/test');
fs.mkdirSync(workDir, { recursive: true });

export const engine = process.env.GARDEFOU_TEST_DATABASE ?? 'sqlite';
export const releaseBinary = process.env.GARDEFOU_TEST_RELEASE ?? path.join(root, 'build/release/gardefou');
export const testedBinary = process.env.GARDEFOU_TEST_BINARY ?? releaseBinary;

const sanitizerWords = /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:/;
const serverEnv = {
    GARDEFOU_KEY: 'a key of the tests, the same for all of them',
    GARDEFOU_RATE: '100000', GARDEFOU_BURST: '1000000', GARDEFOU_PER_ADDRESS: '2000', GARDEFOU_ADDRESS_RATE: '2000:100000', GARDEFOU_LOG: 'warn',
    // What the spreadsheet library forgets to free when a sheet offers a list of choices.
    LSAN_OPTIONS: `print_suppressions=0:suppressions=${path.join(root, 'tests/lsan.supp')}`,
    ASAN_OPTIONS: 'exitcode=99:detect_leaks=1:strict_string_checks=1', UBSAN_OPTIONS: 'print_stacktrace=1',
    LC_ALL: 'C.UTF-8', TZ: 'UTC',
};

function cleanEnv(extra) {
    const env = {};
    for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('GARDEFOU_')) env[name] = value;
    return { ...env, ...serverEnv, ...extra };
}

// ---- databases ----

function psql(sql, database) {
    const url = new URL(process.env.GARDEFOU_TEST_PG ?? 'postgresql://none');
    if (database) url.pathname = '/' + database;
    const folders = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql').sort() : [];
    const program = folders.length ? `/usr/lib/postgresql/${folders.at(-1)}/bin/psql` : 'psql';
    const done = spawnSync(program, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', url.href, '-c', sql], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
    return done.stdout.trim();
}

let serial = 0;

export class Database {
    constructor(kind, place) {
        this.kind = kind;
        if (kind === 'sqlite') {
            this.dir = place ? path.dirname(place) : fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-test-'));
            this.file = place ?? path.join(this.dir, 'test.db');
            this.url = `sqlite:${this.file}`;
        } else {
            this.name = place ?? `t_${process.pid}_${++serial}`;
            const url = new URL(process.env.GARDEFOU_TEST_PG);
            url.pathname = '/' + this.name;
            this.url = url.href;
        }
        this.isTemplate = place !== undefined;
    }
    create(template) {
        if (this.kind === 'sqlite') {
            if (template) fs.copyFileSync(template.file, this.file);
        } else {
            psql(`CREATE DATABASE "${this.name}"${template ? ` TEMPLATE "${template.name}"` : ''}`);
        }
        return this;
    }
    drop() {
        if (this.kind === 'sqlite') {
            if (!this.isTemplate && !process.env.GARDEFOU_TEST_KEEP) fs.rmSync(this.dir, { recursive: true, force: true });
        } else {
            psql(`DROP DATABASE IF EXISTS "${this.name}" WITH (FORCE)`);
        }
    }
    // A statement of the database itself, for tampering.
    sql(text) {
        if (this.kind !== 'sqlite') return psql(text, this.name);
        let done = spawnSync('sqlite3', ['-cmd', '.timeout 10000', this.file, text], { encoding: 'utf8' });
        if (done.error) {
            const script = 'import sqlite3,sys\nb=sqlite3.connect(sys.argv[1],isolation_level=None,timeout=10)\nfor r in b.execute(sys.argv[2]): print("|".join(map(str,r)))';
            done = spawnSync('python3', ['-c', script, this.file, text], { encoding: 'utf8' });
        }
        if (done.status !== 0) throw new Error(done.stderr || String(done.error));
        return done.stdout.trim();
    }
}

// ---- commands ----

export function command(db, args, { input, binary = testedBinary, cwd, env = {} } = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(binary, args, { cwd, env: cleanEnv({ ...(db ? { GARDEFOU_DATABASE: db.url } : {}), ...env }) });
        const out = [], err = [];
        child.stdout.on('data', (d) => out.push(d));
        child.stderr.on('data', (d) => err.push(d));
        child.on('error', reject);
        child.on('close', (code, signal) => {
            const result = { code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
            if (sanitizerWords.test(result.err)) reject(new Error(`sanitizer: ${args.join(' ')}\n${result.err.slice(0, 6000)}`));
            else resolve(result);
        });
        child.stdin.on('error', () => {});
        child.stdin.end(input ?? '');
    });
}

// Runs a command that must end with 0 and gives its output, or its JSON document.
export async function must(db, args, options) {
    const done = await command(db, args, options);
    if (done.code !== 0) throw new Error(`gardefou ${args.join(' ')}: exit ${done.code ?? done.signal}\n${done.err}${done.out}`);
    return args.includes('--json') ? JSON.parse(done.out) : done.out;
}

// ---- server ----

export class Server {
    constructor(db, { binary = testedBinary, env = {}, args = [] } = {}) {
        Object.assign(this, { db, binary, env, args });
        this.errors = '';
    }
    start() {
        const began = performance.now();
        this.child = spawn(this.binary, ['serve', '--listen', '127.0.0.1:0', ...this.args],
            { env: cleanEnv({ GARDEFOU_DATABASE: this.db.url, ...this.env }) });
        this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve({ code, signal })));
        this.child.stderr.on('data', (d) => { this.errors += d; });
        return new Promise((resolve, reject) => {
            let out = '';
            const late = setTimeout(() => reject(new Error(`the server did not start\n${this.errors}`)), 30000);
            this.child.stdout.on('data', (d) => {
                out += d;
                const found = /listening on (http:\/\/\S+)/.exec(out);
                if (!found) return;
                clearTimeout(late);
                this.url = found[1];
                this.port = Number(new URL(this.url).port);
                this.startMs = performance.now() - began;
                resolve(this);
            });
            this.ended.then(({ code, signal }) => {
                clearTimeout(late);
                reject(new Error(`the server ended with ${code ?? signal}\n${this.errors.slice(-6000)}`));
            });
        });
    }
    // Throws when the server crashed, ended badly or a sanitizer spoke.
    async stop() {
        if (!this.child) return;
        if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
        const late = setTimeout(() => this.child.kill('SIGKILL'), 20000);
        const { code, signal } = await this.ended;
        clearTimeout(late);
        this.child = null;
        if (sanitizerWords.test(this.errors)) throw new Error(`sanitizer:\n${this.errors.slice(0, 8000)}`);
        if (code !== 0) throw new Error(`the server ended with ${code ?? signal}\n${this.errors.slice(-6000)}`);
    }
    async kill() {
        this.child.kill('SIGKILL');
        await this.ended;
        this.child = null;
    }
}

// ---- templates ----

// kind: "bank" (init, reference data and the world of world.mjs) or "demo" (the demo bank and the same world).
export async function template(kind) {
    const info = path.join(workDir, `${engine}-${kind}.json`);
    const lock = `${info}.lock`;
    const newest = Math.max(fs.statSync(releaseBinary).mtimeMs, fs.statSync(fileURLToPath(new URL('./world.mjs', import.meta.url))).mtimeMs);
    const place = engine === 'sqlite' ? path.join(workDir, `${engine}-${kind}.db`) : `template_${kind}`;
    const db = new Database(engine, place);
    const isFresh = () => {
        if (!fs.existsSync(info) || fs.statSync(info).mtimeMs < newest) return false;
        const known = JSON.parse(fs.readFileSync(info, 'utf8'));
        return engine === 'sqlite' ? fs.existsSync(place) : known.pg === process.env.GARDEFOU_TEST_PG;
    };
    for (let tries = 0; !isFresh(); tries++) {
        try { fs.mkdirSync(lock); } catch {
            if (tries > 1200) throw new Error(`${lock} is held too long`);
            await new Promise((r) => setTimeout(r, 100));
            continue;
        }
        try {
            if (isFresh()) break;
            fs.rmSync(info, { force: true });
            if (engine === 'sqlite') for (const end of ['', '-wal', '-shm', '.lock', '.sock']) fs.rmSync(place + end, { force: true });
            else { db.drop(); db.create(); }
            const world = await buildTemplate(kind, db, { Server, must, command, releaseBinary });
            world.pg = process.env.GARDEFOU_TEST_PG;
            fs.writeFileSync(info, JSON.stringify(world));
        } finally { fs.rmdirSync(lock); }
    }
    return { db, world: JSON.parse(fs.readFileSync(info, 'utf8')) };
}

// A copy of the template and a server on it: {db, server, world}. Call end() in `after`.
export async function start(kind, options = {}) {
    const { db: from, world } = await template(kind);
    const db = new Database(engine).create(from);
    const server = await new Server(db, options).start();
    // Whatever a suite did through the program, the proof must hold afterwards, and all that follows be right; not where it tampers itself.
    // GARDEFOU_TEST_PROOF: 1 on each database, 0 on none; on SQLite alone when it is not set.
    const proof = process.env.GARDEFOU_TEST_PROOF ?? (engine === 'sqlite' ? '1' : '0');
    const end = async () => {
        try {
            await server.stop();
            if (proof === '1' && options.proof !== false)
                for (const look of [['audit', 'verify'], ['rederive', '--check']]) await must(db, look, { binary: releaseBinary });
        } finally { db.drop(); }
    };
    return { db, server, world, end };
}
