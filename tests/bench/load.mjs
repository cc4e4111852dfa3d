// load.mjs: a small load generator and the clock of processes: keep-alive connections in a closed loop, latency of
// each answer, and the CPU time (user and system, all threads) that the given processes spent meanwhile.
// SPDX-License-Identifier: GPL-3.0-or-later
import fs from 'node:fs';
import net from 'node:net';

// ---- CPU and memory ----

const tasks = (pid) => { try { return fs.readdirSync(`/proc/${pid}/task`).map((t) => `/proc/${pid}/task/${t}/schedstat`); } catch { return []; } };

// Nanoseconds on a processor, of all threads of the processes that there are now.
export function cpuNs(pids) {
    let sum = 0;
    for (const pid of pids) for (const file of tasks(pid)) try { sum += Number(fs.readFileSync(file, 'utf8').split(' ')[0]); } catch { /* it ended */ }
    return sum;
}

export function children(pid) {
    const all = [pid];
    for (const name of fs.readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        try { if (Number(fs.readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]) === pid) all.push(Number(name)); } catch { /* it ended */ }
    }
    return all;
}

export function privateMiB(pids) {
    let kib = 0;
    for (const pid of pids) try {
        for (const m of fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)) kib += Number(m[1]);
    } catch { /* it ended */ }
    return kib / 1024;
}

// ---- connections ----

class Connection {
    constructor(port) {
        this.port = port;
        this.open();
    }
    open() {
        this.closed = false;
        this.socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
        this.got = Buffer.alloc(0);
        this.socket.on('data', (d) => { this.got = this.got.length ? Buffer.concat([this.got, d]) : d; this.look(); });
        this.socket.on('error', (e) => this.fail?.(e));
        const { socket } = this;
        socket.on('close', () => { if (socket !== this.socket) return; this.closed = true; this.fail?.(new Error('the connection was closed')); });
    }
    look() {
        if (!this.done) return;
        const end = this.got.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = this.got.toString('latin1', 0, end);
        const length = /\r\ncontent-length: *(\d+)/i.exec(head);
        let size;
        if (length) size = end + 4 + Number(length[1]);
        else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
            const last = this.got.indexOf('0\r\n\r\n', end + 4);
            if (last < 0) return;
            size = last + 5;
        } else size = end + 4;
        if (this.got.length < size) return;
        const body = this.got.subarray(end + 4, size);
        this.got = this.got.subarray(size);
        const done = this.done;
        this.done = this.fail = null;
        done({ status: Number(head.slice(9, 12)), head, body });
    }
    send(bytes) {
        return new Promise((resolve, reject) => {
            if (this.closed) this.open(); // it was idle for too long
            this.done = resolve;
            this.fail = reject;
            this.socket.write(bytes);
        });
    }
    close() { this.fail = null; this.socket.destroy(); }
}

export function requestBytes({ method = 'GET', target, headers = {}, body }) {
    const lines = [`${method} ${target} HTTP/1.1`, 'host: 127.0.0.1', ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`)];
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
    if (body !== undefined) lines.push(`content-length: ${bytes.length}`);
    return Buffer.concat([Buffer.from(lines.join('\r\n') + '\r\n\r\n'), bytes]);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

// make(i): the requests of one operation: an array, or a function of the answer before for each of its steps.
// Gives {n, cpu (us an operation), p50, p99 (ms), bytes, rate}.
export async function measure({ port, pids, make, seconds = 3, connections = 2, most = Infinity }) {
    const open = Array.from({ length: connections }, () => new Connection(port));
    const times = [];
    let next = 0, bytes = 0, busy = 0;
    const operation = async (c) => {
        let reply;
        for (const step of make(next++)) {
            const request = typeof step === 'function' ? step(reply) : step;
            reply = await c.send(requestBytes(request));
            // A machine under load sheds requests: asked again, and told at the end.
            for (let again = 0; reply.status === 503 && again < 100; again++) {
                busy++;
                await new Promise((resolve) => { setTimeout(resolve, 100); });
                reply = await c.send(requestBytes(request));
            }
            if (reply.status >= 400) throw new Error(`${request.method ?? 'GET'} ${request.target} answered ${reply.status}: ${reply.body.toString().slice(0, 300)}`);
            bytes = reply.body.length;
        }
    };
    const warm = performance.now();
    for (let i = 0; i < 10 && (!i || performance.now() - warm < seconds * 1000); i++) for (const c of open) await operation(c);
    const began = performance.now(), cpu = cpuNs(pids()), first = next;
    await Promise.all(open.map(async (c) => {
        while (performance.now() - began < seconds * 1000 && next - first < most) {
            const from = performance.now();
            await operation(c);
            times.push(performance.now() - from);
        }
    }));
    const spent = (cpuNs(pids()) - cpu) / 1000, took = (performance.now() - began) / 1000;
    for (const c of open) c.close();
    if (busy) console.error(`  ${busy} answers said that the service is busy; the requests were sent again`);
    times.sort((a, b) => a - b);
    return { n: times.length, cpu: spent / times.length, p50: at(times, 0.5), p99: at(times, 0.99), bytes, rate: times.length / took };
}
