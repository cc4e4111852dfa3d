// kill.mjs: kill -9 under write load, 50 times: no acknowledged write is lost, no key makes two records, the chain
// stays whole. A control that counts writes before their answer must be caught. Not part of the quick HTTP run.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { Client, ok } from '../lib/client.mjs';
import { Database, Server, must, releaseBinary, template } from '../lib/server.mjs';
import { draft } from '../lib/world.mjs';

const ROUNDS = Number(process.env.GARDEFOU_TEST_KILLS ?? 50);

// One POST on its own connection: {status, json} or null when the server went away first.
function post(server, token, key, body) {
    return new Promise((resolve) => {
        const bytes = Buffer.from(JSON.stringify(body));
        const request = http.request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/api/v1/incidents', agent: false,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key, 'content-length': bytes.length } });
        request.on('error', () => resolve(null));
        request.on('response', (reply) => {
            let text = '';
            reply.on('data', (d) => { text += d; });
            reply.on('error', () => resolve(null));
            reply.on('close', () => { if (!reply.complete) resolve(null); });
            reply.on('end', () => { try { resolve({ status: reply.statusCode, json: JSON.parse(text) }); } catch { resolve(null); } });
        });
        request.end(bytes);
    });
}

// Writes until the server dies; sent: everything, acked: key -> number as answered.
async function load(server, token, round, sent, acked, state, early) {
    await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; !state.dead; i++) {
            const key = randomUUID(), body = draft({ title: `K${round}-${writer}-${i}-${key.slice(0, 8)}` });
            sent.set(key, body);
            if (early) acked.set(key, { title: body.title, number: null });
            const reply = await post(server, token, key, body);
            if (reply?.status === 201) acked.set(key, { title: body.title, number: reply.json.number });
            else if (reply && reply.status !== 503) throw new Error(`status ${reply.status}: ${JSON.stringify(reply.json)}`);
            if (!reply) return;
        }
    }));
}

async function storedIn(client) {
    const byTitle = new Map();
    for (const r of await client.all('incidents', 'sort=-title', 500)) byTitle.set(r.title, [...(byTitle.get(r.title) ?? []), r.number]);
    return byTitle;
}

function lostOf(acked, byTitle) {
    return [...acked.values()].filter(({ title, number }) => !byTitle.has(title) || (number && !byTitle.get(title).includes(number))).map((a) => a.title);
}

async function torture(rounds, { early = false } = {}) {
    const { db: from, world } = await template('bank');
    const db = new Database(process.env.GARDEFOU_TEST_DATABASE ?? 'sqlite').create(from);
    const token = world.tokens.plain, sent = new Map(), acked = new Map(), slowStarts = [];
    let server;
    const ready = async () => {
        server = await new Server(db, { binary: releaseBinary }).start();
        if (server.startMs > 2000) slowStarts.push(server.startMs);
    };
    try {
        for (let round = 0; round < rounds; round++) {
            await ready();
            const state = { dead: false }, own = new Map();
            const work = load(server, token, round, own, acked, state, early);
            await new Promise((r) => setTimeout(r, 60 + Math.random() * 250));
            state.dead = true;
            await server.kill();
            await work;
            for (const [key, body] of own) sent.set(key, body);
            if (round % 10 === 9) assert.equal((await must(db, ['audit', 'verify', '--json'], { binary: releaseBinary })).ok, true, `the chain after ${round + 1} kills`);
        }
        await ready();
        const client = new Client(server, { token, check: false });
        const byTitle = await storedIn(client);
        const result = { sent: sent.size, acked: acked.size, lost: lostOf(acked, byTitle), doubles: [...byTitle.values()].filter((n) => n.length > 1).length, slowStarts, unknown: 0, kept: 0, changed: [] };
        if (!early) {
            // Who got no answer asks again with the same key; who got one gets the same.
            const again = [...sent].filter(([key]) => !acked.has(key)).slice(0, 400), known = [...sent].filter(([key]) => acked.has(key)).slice(-200);
            for (const [key, body] of again) {
                result.unknown++;
                const number = ok(await client.create('incidents', body, { key }), 201).number;
                if (byTitle.has(body.title)) { result.kept++; if (!byTitle.get(body.title).includes(number)) result.changed.push(body.title); }
            }
            for (const [key, body] of known) if (ok(await client.create('incidents', body, { key }), 201).number !== acked.get(key).number) result.changed.push(body.title);
            const after = await storedIn(client);
            for (const [, body] of again) if ((after.get(body.title) ?? []).length !== 1) result.changed.push(body.title);
            result.doublesAfter = [...after.values()].filter((n) => n.length > 1).length;
        }
        await server.stop();
        result.audit = (await must(db, ['audit', 'verify', '--json'], { binary: releaseBinary })).ok;
        result.measures = (await must(db, ['measures', 'check', '--json'], { binary: releaseBinary })).ok;
        if (db.kind === 'sqlite') result.integrity = db.sql('PRAGMA integrity_check');
        return result;
    } finally {
        if (server?.child) await server.kill();
        db.drop();
    }
}

test(`${ROUNDS} kills under write load lose nothing that was acknowledged`, async (t) => {
    const r = await torture(ROUNDS);
    t.diagnostic(`${r.sent} sent, ${r.acked} acknowledged, ${r.unknown} without an answer of which ${r.kept} had been saved`);
    assert.ok(r.acked > ROUNDS * 5, `only ${r.acked} writes were acknowledged: no load`);
    assert.ok(r.unknown > 0, 'some writes were cut off');
    assert.deepEqual(r.lost, [], 'acknowledged and lost');
    assert.equal(r.doubles, 0, 'records made twice');
    assert.equal(r.doublesAfter, 0, 'records made twice by a repeat');
    assert.deepEqual(r.changed, [], 'a repeat of the key gave another record');
    assert.equal(r.audit, true);
    assert.equal(r.measures, true);
    if (r.integrity !== undefined) assert.equal(r.integrity, 'ok');
    assert.deepEqual(r.slowStarts, [], 'ready within two seconds after each kill');
});

test('control: a client that counts a write before its answer is caught', async () => {
    for (let tries = 0; tries < 3; tries++) if ((await torture(8, { early: true })).lost.length > 0) return;
    assert.fail('the check cannot tell a lost write');
});
