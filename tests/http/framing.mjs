// framing.mjs: raw-socket probes of request smuggling and malformed heads against a running server. Each
// probe must be refused with its connection closed, and a request hidden behind it never answered.
// Usage: node framing.mjs PORT [HOST-HEADER]. Knows nothing of pages.
// SPDX-License-Identifier: GPL-3.0-or-later
import net from 'node:net';

const port = Number(process.argv[2]);
const host = process.argv[3] ?? 'localhost';
if (!Number.isInteger(port) || port < 1 || port > 65535) {
    console.error('usage: node framing.mjs PORT [HOST-HEADER]');
    process.exit(2);
}

const H = `Host: ${host}\r\n`;
const NEXT = `GET / HTTP/1.1\r\n${H}\r\n`;
const post = (fields, body = '') => `POST / HTTP/1.1\r\n${H}${fields}\r\n${body}${NEXT}`;
const get = (fields) => `GET / HTTP/1.1\r\n${H}${fields}\r\n${NEXT}`;
const line = (first) => `${first}\r\n${H}\r\n${NEXT}`;

// name, bytes, statuses allowed (0: closed without an answer)
const probes = [
    ['length and coding', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), [400, 0]],
    ['coding and length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'), [400, 0]],
    ['two lengths', post('Content-Length: 0\r\nContent-Length: 5\r\n'), [400, 0]],
    ['two equal lengths', post('Content-Length: 0\r\nContent-Length: 0\r\n'), [400, 0]],
    ['a list of lengths', post('Content-Length: 0, 0\r\n'), [400, 0]],
    ['signed length', post('Content-Length: +0\r\n'), [400, 0]],
    ['hexadecimal length', post('Content-Length: 0x0\r\n'), [400, 0]],
    ['unknown coding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), [400, 0]],
    ['two codings', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), [400, 0]],
    ['chunks', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n'), [411]],
    ['two hosts', get('Host: other\r\n'), [400, 0]],
    ['no host', `GET / HTTP/1.1\r\n\r\n${NEXT}`, [400, 0]],
    ['blank before the colon', post('Content-Length : 0\r\n'), [400, 0]],
    ['folded field', get('X: y\r\n z\r\n'), [400, 0]],
    ['bare line feeds', `GET / HTTP/1.1\nHost: ${host}\n\n${NEXT}`, [400, 0]],
    ['one bare line feed', get('X: y\nZ: a\r\n'), [400, 0]],
    ['bare carriage return', get('X: y\rZ: a\r\n'), [400, 0]],
    ['NUL in a value', get('X: y\0z\r\n'), [400, 0]],
    ['NULs in place of a line break', get('X: y\0\0Z\0a\r\n'), [400, 0]],
    ['control character', get('X: \x01\r\n'), [400, 0]],
    ['field without a colon', get('X\r\n'), [400, 0]],
    ['body of a GET', get(`Content-Length: ${NEXT.length}\r\n`), [400, 0]],
    ['two blanks', line('GET  / HTTP/1.1'), [400, 0]],
    ['blank at the end', line('GET / HTTP/1.1 '), [400, 0]],
    ['encoded NUL', line('GET /login%00x HTTP/1.1'), [400, 0]],
    ['encoded slash', line('GET /a%2fb HTTP/1.1'), [400, 0]],
    ['dot segments', line('GET /a/%2e%2e/b HTTP/1.1'), [400, 0]],
    ['bad escape', line('GET /%zz HTTP/1.1'), [400, 0]],
    ['overlong UTF-8', line('GET /%c0%af HTTP/1.1'), [400, 0]],
    ['unknown version', line('GET / HTTP/2.0'), [505, 0]],
    ['long target', line(`GET /${'a'.repeat(8300)} HTTP/1.1`), [414, 0]],
];

function send(bytes) {
    return new Promise((resolve) => {
        let answer = '';
        const socket = net.connect(port, '127.0.0.1', () => socket.end(Buffer.from(bytes, 'latin1')));
        const finish = () => { socket.destroy(); resolve(answer); };
        socket.setTimeout(8000, () => { answer += ' STILL OPEN'; finish(); });
        socket.on('data', (data) => { answer += data.toString('latin1'); });
        socket.on('error', finish);
        socket.on('close', finish);
    });
}

let failed = 0;
for (const [name, bytes, allowed] of probes) {
    const answer = await send(bytes);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
    // libmicrohttpd 0.9.75 repeats the head of its own 400: only another status is a second answer.
    const all = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
    const answers = all.filter((each, i) => i === 0 || each !== 400).length;
    const ok = allowed.includes(status) && answers <= 1 && !answer.endsWith('STILL OPEN');
    if (!ok) failed++;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${status}, ${answers} answer(s)`);
}
console.log(`${probes.length - failed} of ${probes.length} probes refused as they must be`);
process.exit(failed ? 1 : 0);
