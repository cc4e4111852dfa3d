// secrets.test.mjs: stored secrets under a key outside the database, a key that is lost and the way out, what ends
// sessions and tokens, the password asked again before a token is made. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, ok } from '../lib/client.mjs';
import { forms } from '../lib/html.mjs';
import { command, must, Server, start } from '../lib/server.mjs';
import { email, password } from '../lib/world.mjs';

let s;
before(async () => { s = await start('bank'); });
after(async () => { await s?.server.stop(); await s?.end(); });
const fresh = (server = s.server) => new Client(server, { lang: 'en' });
const signedIn = async (name, words = password) => {
    const c = fresh();
    assert.equal((await c.login(email(name), words)).status, 303);
    return c;
};
function code(secret, ahead = 0) {
    const bits = [...secret].map((ch) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(ch).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
    const mac = createHmac('sha1', key).update(step).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}
const works = async (token) => (await new Client(s.server, { token, check: false }).get('/api/v1/units')).status === 200;
const tokenOf = async (name) => (await must(s.db, ['token', 'create', '--user', email(name)])).trim();
const stored = (name) => s.db.sql(`SELECT totp_secret FROM "user" WHERE email = '${email(name)}'`);

test('a second factor is stored sealed; without its key it is refused in words, and an administrator resets it', async () => {
    const c = await signedIn('corr_north');
    const secret = forms((await c.get('/account')).text).find((f) => f.action === '/account/second').fields.secret;
    assert.equal((await c.submit('/account', '/account/second', { secret, second_current: password, code: code(secret) })).status, 303);
    assert.match(stored('corr_north'), /^s1:/);
    assert.ok(!stored('corr_north').includes(secret));
    await s.server.stop();
    const other = await new Server(s.db, { env: { GARDEFOU_KEY: 'not the key of the tests but another one' } }).start();
    try {
        const reply = await fresh(other).login(email('corr_north'), password);
        assert.equal(reply.status, 422);
        assert.match(reply.text, /cannot be checked here at the moment/);
        assert.ok(!reply.cookies.some((l) => l.startsWith('session=') && !/Max-Age=0/i.test(l)));
        assert.equal((await fresh(other).login(email('head_orm'), password)).status, 303, 'the others sign in as ever');
        assert.match(other.errors, /key_missing/);
    } finally { await other.stop(); }
    s.server = await new Server(s.db).start();
    const again = await fresh().login(email('corr_north'), password);
    assert.ok(forms(again.text).some((f) => f.action === '/login/code'), 'with its key the code is asked');
    const admin = new Client(s.server, { token: s.world.tokens.admin });
    ok(await admin.move('users', email('corr_north'), 'reset_second', { reason: 'Telephone lost' }));
    assert.equal((await fresh().login(email('corr_north'), password)).status, 303);
});

test('init makes the key file for its owner alone; a lost key is named and given up', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-key-'));
    const db = { url: `sqlite:${path.join(dir, 'bank.db')}` };
    const run = (args, options) => command(db, args, { cwd: dir, ...options });
    const file = path.join(dir, 'gardefou.key');
    try {
        const env = { GARDEFOU_KEY: '' };
        const made = await run(['init', '--admin', 'root@test.example', '--password-stdin'], { input: 'a long enough sentence', env });
        assert.equal(made.code, 0, made.err);
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        assert.match(fs.readFileSync(file, 'utf8'), /^[0-9a-f]{64}\n$/);
        assert.equal((await run(['key', 'status'], { env })).code, 0);
        fs.chmodSync(file, 0o644);
        const open = await run(['key', 'status'], { env });
        assert.equal(open.code, 1);
        assert.match(open.err, /chmod 600/);
        fs.rmSync(file);
        const lost = await run(['key', 'status'], { env });
        assert.equal(lost.code, 1);
        assert.match(lost.err, /key of this database is missing/);
        await run(['migrate'], { env });
        assert.ok(!fs.existsSync(file), 'no second key is made for a database that has one');
        assert.equal((await run(['key', 'forget'], { env })).code, 0);
        assert.equal((await run(['key', 'status'], { env })).code, 0);
        assert.match((await run(['key', 'forget'], { env })).err, /nothing is to be given up/);
    } finally { fs.rmSync(dir, { recursive: true, force: true }); }
});

test('a new password, a reset, signing out everywhere and disabling end tokens too', async () => {
    const c = await signedIn('plain'), elsewhere = await signedIn('plain');
    let token = await tokenOf('plain');
    const words = 'another long test sentence';
    assert.equal((await c.submit('/account', '/account/password', { current: password, password: words, again: words, keep_tokens: 'true' })).status, 303);
    assert.equal((await elsewhere.get('/account')).status, 303, 'the other session ended');
    assert.ok(await works(token), 'kept because it was asked');
    assert.equal((await c.submit('/account', '/account/password', { current: words, password, again: password })).status, 303);
    assert.ok(!await works(token));
    token = await tokenOf('plain');
    const other = await signedIn('plain');
    assert.equal((await c.submit('/account', '/account/sessions/delete', {})).status, 303);
    assert.equal((await other.get('/account')).status, 303);
    assert.equal((await c.get('/account')).status, 200, 'this session goes on');
    assert.ok(!await works(token));
    token = await tokenOf('plain');
    const link = (await must(s.db, ['user', 'password', email('plain')])).trim();
    assert.equal((await fresh().submit(link, link, { password: words, again: words })).status, 303);
    assert.ok(!await works(token));
    token = await tokenOf('plain');
    const admin = new Client(s.server, { token: s.world.tokens.admin });
    ok(await admin.move('users', email('plain'), 'disable', { reason: 'Left' }));
    ok(await admin.move('users', email('plain'), 'enable', { reason: 'Back' }));
    assert.ok(!await works(token), 'enabling brings no token back');
});

test('a token needs the password again once signing in was a while ago', async () => {
    const c = await signedIn('head_north');
    const create = (fields) => c.submit('/account', '/account/tokens', { name: 'script', days: '30', ...fields });
    assert.match((await create({})).text, /gf_[\w-]{43}/, 'signed in a moment ago');
    s.db.sql(`UPDATE session SET created_at = created_at - 660000000 WHERE user_id = (SELECT id FROM "user" WHERE email = '${email('head_north')}')`);
    for (const fields of [{}, { token_current: 'not this sentence' }]) {
        const refused = await create(fields);
        assert.equal(refused.status, 422);
        assert.match(refused.text, /The current password is wrong/);
        assert.doesNotMatch(refused.text, /gf_[\w-]{43}/);
    }
    assert.match((await create({ token_current: password })).text, /gf_[\w-]{43}/);
});
