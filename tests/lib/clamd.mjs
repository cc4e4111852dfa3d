// clamd.mjs: a small virus scanner for tests that speaks the protocol of clamd(8): zINSTREAM with chunks of a length
// in four bytes, zVERSION, zPING; it finds EICAR's test string. It can be slow, refuse large streams, or be down.
// SPDX-License-Identifier: GPL-3.0-or-later
import net from 'node:net';

// Not written out, so that this file is no finding itself.
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export class Clamd {
    constructor({ most = Infinity } = {}) { Object.assign(this, { most, seen: [], silent: false, sockets: new Set() }); }
    // where: a port (0: any) or the path of a socket.
    async start(where = 0) {
        this.server = net.createServer((socket) => this.#talk(socket));
        await new Promise((resolve, reject) => { this.server.once('error', reject); this.server.listen(...(typeof where === 'number' ? [where, '127.0.0.1'] : [where]), resolve); });
        this.where = typeof where === 'number' ? `127.0.0.1:${this.server.address().port}` : where;
        return this;
    }
    async stop() {
        for (const s of this.sockets) s.destroy();
        await new Promise((resolve) => this.server.close(resolve));
    }
    #talk(socket) {
        let held = Buffer.alloc(0), stream = null;
        this.sockets.add(socket);
        const say = (words) => socket.end(`${words}\0`);
        const body = () => {
            while (held.length >= 4) {
                const n = held.readUInt32BE(0);
                if (n === 0) {
                    const all = Buffer.concat(stream);
                    this.seen.push(all.length);
                    return say(all.includes(eicar) ? 'stream: Win.Test.EICAR_HDB-1 FOUND' : 'stream: OK');
                }
                if (held.length < 4 + n) return undefined;
                stream.push(held.subarray(4, 4 + n));
                held = held.subarray(4 + n);
                if (stream.reduce((sum, b) => sum + b.length, 0) > this.most) return say('INSTREAM size limit exceeded. ERROR');
            }
            return undefined;
        };
        socket.on('error', () => {});
        socket.on('close', () => this.sockets.delete(socket));
        socket.on('data', (d) => {
            if (this.silent) return undefined;
            held = Buffer.concat([held, d]);
            if (stream) return body();
            const end = held.indexOf(0);
            if (end < 0) return undefined;
            const command = held.subarray(0, end).toString();
            held = held.subarray(end + 1);
            if (command === 'zPING') return say('PONG');
            if (command === 'zVERSION') return say('ClamAV 1.4.6/test');
            if (command !== 'zINSTREAM') return say('UNKNOWN COMMAND');
            stream = [];
            return body();
        });
    }
}
