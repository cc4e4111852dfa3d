// directory.test.mjs: signing in through the directory of the institution: a real OpenLDAP server over StartTLS. Roles
// from groups, synchronisation, what is disabled there is disabled here with sessions and tokens, accounts with a
// password of their own, a silent or wrong directory, and that no password is ever logged.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok } from '../lib/client.mjs';
import { command, must, start } from '../lib/server.mjs';
import { Slapd, suffix } from '../lib/slapd.mjs';
import { certificate } from '../lib/smtp.mjs';
import { email, everybody, password } from '../lib/world.mjs';

const people = `ou=people,${suffix}`, groups = `ou=groups,${suffix}`, searcher = `cn=gardefou,${suffix}`;
const secret = 'le mot de passe du compte technique', own = (uid) => `le mot de passe de ${uid} !`;
const dn = (uid) => `uid=${uid},${people}`, mail = (uid) => `${uid}@bank.test`;
let s, as, cert, other, slapd, manager, env;

const person = (uid, more = {}) => manager.add(dn(uid), { objectClass: ['inetOrgPerson', 'accountControl'], uid, cn: `${uid} du réseau`, sn: uid, displayName: `Madame ${uid}`, mail: mail(uid), departmentNumber: 'TN1', userPassword: own(uid), ...more });

before(async () => {
    cert = certificate();
    other = certificate();
    slapd = await new Slapd(cert).start();
    manager = await slapd.manager();
    await manager.add(suffix, { objectClass: ['dcObject', 'organization'], dc: 'bank', o: 'Banque' });
    for (const at of [people, groups]) await manager.add(at, { objectClass: 'organizationalUnit', ou: at.slice(3, at.indexOf(',')) });
    await manager.add(searcher, { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'gardefou', userPassword: secret });
    for (const uid of ['aicha', 'brahim', 'chakib']) await person(uid);
    for (let i = 0; i < 110; i++) await person(`nom${i}`);
    await manager.add(`cn=analystes,${groups}`, { objectClass: 'groupOfNames', cn: 'analystes', member: [dn('aicha')] });
    await manager.add(`cn=chefs nord,${groups}`, { objectClass: 'groupOfNames', cn: 'chefs nord', member: [dn('brahim')] });
    env = { GARDEFOU_LDAP_SERVER: `ldap://127.0.0.1:${slapd.port}`, GARDEFOU_LDAP_CA: cert.ca, GARDEFOU_LDAP_USER: searcher, GARDEFOU_LDAP_PASSWORD: secret,
        GARDEFOU_LDAP_BASE: people, GARDEFOU_LDAP_UNIT: 'departmentNumber', GARDEFOU_LOG: 'debug', GARDEFOU_JOB_THREADS: '0',
        GARDEFOU_LDAP_ROLES: `analyst:CN=Analystes, ${groups}; unit_head@TNORTH:cn=chefs nord,${groups}` };
    s = await start('bank', { env });
    as = everybody(s.server, s.world);
});
after(async () => {
    manager?.close();
    await s?.end();
    await slapd?.end();
    cert?.end();
    other?.end();
});

// A failed attempt slows the next ones down.
const signInSoon = async (name, pass) => {
    for (const end = Date.now() + 20000; ; await new Promise((r) => setTimeout(r, 500))) {
        const done = await signIn(name, pass);
        if (done.in || Date.now() > end) return done;
    }
};
const signIn = async (name, pass, lang = 'en') => {
    const client = new Client(s.server, { lang });
    const reply = await client.login(name, pass);
    return { client, reply, in: reply.status === 303 };
};
// Through the socket of the server on SQLite, beside it on PostgreSQL.
const user = (...args) => command(s.db, ['user', ...args, '--json'], { env });
const sync = async (...args) => { const done = await user('sync', ...args); assert.equal(done.code, 0, done.err); return JSON.parse(done.out); };
const account = async (uid) => { const r = await as.admin.one('users', mail(uid)); return r.status === 200 ? r.json : null; };
const rolesOf = async (uid) => (await as.admin.all('role_assignments', 'state=active')).filter((r) => (r.person.key ?? r.person) === mail(uid)).map((r) => `${r.role}@${r.in_unit?.key ?? r.in_unit ?? ''}${r.from_directory ? '' : ' by hand'}`).sort();

test('the right password opens an account that was not there, with unit and roles; a wrong or empty one does not', async () => {
    assert.equal(await account('aicha'), null);
    for (const [uid, wrong] of [['nom0', ''], ['nom90', 'faux'], ['nom91', own('brahim')]]) {
        assert.equal((await signIn(mail(uid), wrong)).in, false, wrong);
        assert.equal(await account(uid), null);
    }
    const { client, in: inside } = await signIn(mail('aicha'), own('aicha'));
    assert.equal(inside, true);
    const made = await account('aicha');
    assert.equal(made.name, 'Madame aicha');
    assert.equal(made.home_unit?.key ?? made.home_unit, 'TN1');
    assert.match(made.directory_key, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await rolesOf('aicha'), ['analyst@']);
    assert.equal((await client.get('/incidents')).status, 200);
    const page = (await client.get('/account')).text;
    assert.match(page, /kept by the directory/);
    assert.doesNotMatch(page, /action="\/account\/password"/);
});

test('the name of the directory serves as well as the address, and no name reaches into the filter', async () => {
    assert.equal((await signIn('aicha', own('aicha'))).in, true);
    for (const name of ['*', 'aich*', 'aicha)(uid=*', '*)(|(uid=*', 'a\\69cha', '(', ')', '\\', 'aicha\u0000'])
        assert.equal((await signIn(name, own('aicha'))).in, false, name);
});

test('guesses count for the person, however the name is spelt', async () => {
    const spelt = ['aicha', mail('aicha'), 'ａicha', 'aｉcha', 'aiｃha', 'aicｈa', 'aichａ', 'ａｉcha'], seen = [];
    assert.equal((await signIn('ａｉｃha', own('aicha'))).in, true, 'the directory takes all of them for one');
    for (const name of spelt) seen.push((await signIn(name, 'un essai')).reply.status);
    assert.deepEqual(seen.slice(0, 3), [422, 422, 422]);
    assert.ok(seen.includes(429), seen.join());
    assert.equal((await signIn('aiｃｈa', own('aicha'))).reply.status, 429, 'the right one waits as well');
    assert.equal((await signInSoon('aicha', own('aicha'))).in, true);
});

test('an account with a password of its own never needs the directory and is never taken over', async () => {
    await person('plain', { mail: email('plain') });
    assert.equal((await signIn(email('plain'), own('plain'))).in, false, 'the password of the directory does not count');
    assert.equal((await signIn(email('plain'), password)).in, true);
});

test('the synchronisation makes everybody, page by page, and changes nothing the second time', async () => {
    const trial = await sync('--dry-run');
    assert.equal(trial.seen, 114);
    assert.equal(await account('brahim'), null, 'a trial writes nothing');
    const first = await sync();
    assert.deepEqual([first.seen, first.created, first.roles_given, first.left_alone], [114, 112, 1, 1]);
    assert.equal((await as.admin.one('users', email('plain'))).json.directory_key, null);
    await manager.remove(dn('plain'));
    assert.deepEqual(await rolesOf('brahim'), ['unit_head@TNORTH']);
    const again = await sync();
    assert.deepEqual([again.created, again.changed, again.disabled, again.roles_given, again.roles_withdrawn], [0, 0, 0, 0, 0]);
});

test('groups give and withdraw roles; those given by hand stay', async () => {
    ok(await as.admin.create('role_assignments', { person: mail('aicha'), role: 'auditor', valid_from: '2020-01-01' }), 201);
    await manager.modify(`cn=analystes,${groups}`, 'replace', 'member', [dn('chakib')]);
    const report = await sync();
    assert.deepEqual([report.roles_given, report.roles_withdrawn], [1, 1]);
    assert.deepEqual(await rolesOf('aicha'), ['auditor@ by hand']);
    assert.deepEqual(await rolesOf('chakib'), ['analyst@']);
});

test('who is renamed keeps the account', async () => {
    const before = await account('chakib');
    await manager.modify(dn('chakib'), 'replace', 'mail', 'chakib.alami@bank.test');
    await manager.modify(dn('chakib'), 'replace', 'displayName', 'Chakib Alami');
    assert.equal((await sync()).changed, 1);
    const now = ok(await as.admin.one('users', 'chakib.alami@bank.test'));
    assert.equal(now.directory_key, before.directory_key);
    assert.equal(now.name, 'Chakib Alami');
});

test('disabled there is disabled here: sessions and tokens end; enabled there opens it again', async () => {
    const { client } = await signIn(mail('brahim'), own('brahim'));
    const token = (await must(s.db, ['token', 'create', '--user', mail('brahim')])).trim();
    const bearer = new Client(s.server, { token });
    assert.equal((await bearer.list('incidents')).status, 200);
    assert.equal((await client.get('/incidents')).status, 200);
    await manager.modify(dn('brahim'), 'replace', 'userAccountControl', '514');
    assert.equal((await signIn(mail('brahim'), own('brahim'))).in, false, 'at once at the door');
    assert.equal((await sync()).disabled, 1);
    assert.equal((await bearer.list('incidents')).status, 401);
    assert.match((await client.get('/incidents')).headers.location ?? '', /^\/login/);
    assert.equal((await account('brahim')).state, 'disabled');
    await manager.modify(dn('brahim'), 'replace', 'userAccountControl', '512');
    assert.equal((await sync()).enabled, 1);
    assert.equal((await signInSoon(mail('brahim'), own('brahim'))).in, true);
});

test('who left the directory is disabled; what an administrator disabled stays so', async () => {
    ok(await as.admin.move('users', mail('nom1'), 'disable', { reason: 'Enquête' }));
    await manager.remove(dn('nom2'));
    const report = await sync();
    assert.deepEqual([report.disabled, report.enabled], [1, 0]);
    assert.equal((await account('nom1')).state, 'disabled');
    assert.equal((await account('nom2')).state, 'disabled');
    assert.equal((await signIn(mail('nom1'), own('nom1'))).in, false);
    assert.equal((await account('nom1')).state, 'disabled');
});

test('a search that finds almost nobody any more changes nothing unless it is meant', async () => {
    for (let i = 3; i < 70; i++) await manager.remove(dn(`nom${i}`));
    const refused = await user('sync');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /more than half/);
    assert.equal((await account('nom5')).state, 'active');
    assert.ok((await sync('--force')).disabled >= 60);
    assert.equal((await account('nom5')).state, 'disabled');
});

test('an account is handed over and taken back by hand', async () => {
    await person('corr.north', { mail: email('corr_north') });
    assert.equal((await user('directory', email('corr_north'))).code, 0);
    assert.equal((await signIn(email('corr_north'), password)).in, false);
    assert.equal((await signInSoon(email('corr_north'), own('corr.north'))).in, true);
    const refused = await command(s.db, ['user', 'password', email('corr_north'), '--password-stdin'], { env, input: password + '\n' });
    assert.equal(refused.code, 1, 'its password is not kept here');
    assert.equal((await user('local', email('corr_north'))).code, 0);
    await must(s.db, ['user', 'password', email('corr_north'), '--password-stdin'], { input: password + '\n' });
    assert.equal((await signIn(email('corr_north'), password)).in, true);
});

test('doctor says how the directory is, and what is wrong with it', async () => {
    const look = async (more) => JSON.parse((await command(s.db, ['doctor', '--json'], { env: { ...env, ...more } })).out).findings.find((f) => f.name === 'directory');
    const well = await look({});
    assert.equal(well.ok, true, JSON.stringify(well));
    assert.match(well.value, /persons/);
    const cases = [
        [{ GARDEFOU_LDAP_CA: other.ca }, /StartTLS.*(certificate|connect)/i], [{ GARDEFOU_LDAP_SERVER: `ldap://127.0.0.2:${slapd.port}` }, /StartTLS|contact|connect/i],
        [{ GARDEFOU_LDAP_PASSWORD: 'faux' }, /Invalid credentials/], [{ GARDEFOU_LDAP_ROLES: `analyst:cn=nobody,${groups}` }, /not there.*nobody/],
        [{ GARDEFOU_LDAP_ROLES: 'emperor:cn=x' }, /role that does not exist/], [{ GARDEFOU_LDAP_SERVER: 'http://localhost' }, /ldap:\/\//],
        [{ GARDEFOU_LDAP_FILTER: '(objectClass=device)' }, /nobody/],
    ];
    for (const [more, words] of cases) {
        const found = await look(more);
        assert.equal(found.ok, false, JSON.stringify(more));
        assert.match(found.advice, words);
        assert.doesNotMatch(JSON.stringify(found), new RegExp(secret));
    }
});

test('a silent directory stops nobody who has a password here, says so to the others, and is heard again', async () => {
    manager.close();
    await slapd.stop();
    const began = Date.now();
    const { reply, in: inside } = await signIn(mail('aicha'), own('aicha'));
    assert.equal(inside, false);
    assert.match(reply.text, /does not answer/);
    for (let i = 0; i < 5; i++) await signIn(mail('aicha'), own('aicha'));
    assert.ok(Date.now() - began < 15000, 'nobody waits for it again and again');
    assert.equal((await signIn(email('plain'), password)).in, true, 'the way in when it is silent');
    assert.equal((await user('sync')).code, 1);
    assert.equal((await account('aicha')).state, 'active', 'a silence disables nobody');
    await slapd.start();
    manager = await slapd.manager();
    assert.equal((await signInSoon(mail('aicha'), own('aicha'))).in, true, 'it is asked again');
});

test('members of groups within groups hold the role, at the sign-in and when all are compared; a ring of groups ends', async () => {
    const group = (cn, ...member) => manager.add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', cn, member });
    const at = (cn) => `cn=${cn},${groups}`;
    for (const uid of ['lina', 'marwa', 'nadir']) await person(uid);
    await group('equipe', dn('lina'), dn('marwa'));
    await group('service', at('equipe'));
    await manager.modify(at('equipe'), 'add', 'member', at('service'));
    assert.equal((await signInSoon(mail('lina'), own('lina'))).in, true);
    assert.deepEqual(await rolesOf('lina'), []);
    await manager.modify(at('analystes'), 'add', 'member', at('service'));
    assert.equal((await signInSoon(mail('lina'), own('lina'))).in, true);
    assert.deepEqual(await rolesOf('lina'), ['analyst@'], 'up from the person');
    await sync();
    assert.deepEqual(await rolesOf('marwa'), ['analyst@'], 'down from the group');
    assert.deepEqual(await rolesOf('lina'), ['analyst@']);
    await manager.modify(at('service'), 'replace', 'member', dn('nadir'));
    await sync();
    assert.deepEqual(await rolesOf('lina'), []);
    assert.deepEqual(await rolesOf('nadir'), ['analyst@']);
});

test('the clock does it by itself', async () => {
    await manager.modify(dn('aicha'), 'replace', 'userAccountControl', '514');
    await s.server.stop();
    const log = s.server.errors;
    Object.assign(s.server.env, { GARDEFOU_JOB_THREADS: '1', GARDEFOU_TEST_NOW: new Date(Date.now() + 3600000).toISOString().replace(/\.\d+/, '') });
    await s.server.start();
    for (let i = 0; (await account('aicha')).state !== 'disabled'; i++) {
        assert.ok(i < 60, 'the scheduled work disables it');
        await new Promise((r) => setTimeout(r, 500));
    }
    s.server.errors = log + s.server.errors;
});

test('no password stands in the log, in the history or in the database', async () => {
    assert.ok(s.server.errors.length > 0);
    for (const word of [secret, own('aicha'), own('brahim'), 'faux']) assert.ok(!s.server.errors.includes(word), word);
    const told = JSON.stringify(ok(await as.security.get(`/api/v1/users/${mail('aicha')}/history`)));
    assert.ok(!told.includes(own('aicha')));
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
});
