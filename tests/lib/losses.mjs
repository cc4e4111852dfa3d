// losses.mjs: ten years of losses as a bank keeps them in Excel, for import tests: titles above the headers, names of its
// own, decimal commas, dates as texts, as serials and in words, names of units without accents, Basel categories by
// label, lines that stand twice, a line of totals. SPDX-License-Identifier: GPL-3.0-or-later
import { workbook } from './xlsx.mjs';

const months = ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'];
const two = (n) => String(n).padStart(2, '0');
const french = (cents) => (cents / 100).toFixed(2).replace('.', ',').replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
const utc = (y, m, d) => new Date(Date.UTC(y, m - 1, d));
const serial = (y, m, d) => Math.round(utc(y, m, d).getTime() / 86400000) + 25569;

// One date in the five ways that people write it.
function written(i, y, m, d) {
    switch (i % 5) {
    case 0: return utc(y, m, d);
    case 1: return `${two(d)}/${two(m)}/${y}`;
    case 2: return serial(y, m, d);
    case 3: return `${d} ${months[m - 1]} ${y}`;
    default: return `${d}/${m}/${two(y % 100)}`;
    }
}

// {bytes, expected}: amounts in centimes. Bad: one row a year without a date; twice: the same line again, same reference.
export function messyLosses({ from = 2015, until = 2024 } = {}) {
    const units = ['Unite TN1', 'UNITÉ TN2', 'unité ts1', 'TS2', 'Agence TN1'];
    const types = ['Fraude externe', 'Exécution, livraison et gestion des processus', 'EXECUTION, LIVRAISON ET GESTION DES PROCESSUS', 'ET7.1', 'Interruptions de l’activité et dysfonctionnement des systèmes'];
    const rows = [], expected = { good: 0, bad: [], twice: [], gross: 0, recovered: 0, insured: 0, entries: 0, unknownUnits: 0 };
    let all = 0, back = 0, insured = 0, at = 5, n = 0;
    const head = [['BANQUE DE TEST - DIRECTION DES RISQUES'], ['État des pertes opérationnelles 2015 - 2024', '', '', 'Édité le', utc(2025, 1, 15)], [],
        ['', '', '', 'Dates', '', '', 'Classement', '', 'Montants (MAD)'],
        ['N° sinistre', 'Agence', 'Libellé', 'Date de survenance', 'Date de constat', 'Date compta', 'Catégorie Bâle', 'Ligne de métier', 'Montant brut (MAD)', 'Récupérations', 'Indemnité assurance', 'Perte nette']];
    for (let y = from; y <= until; y++)
        for (let m = 1; m <= 12; m++) {
            const k = n++, cents = 1250050 + k * 12345, r = k % 3 === 0 ? 100000 + k : 0, a = k % 7 === 0 ? 55055 : 0;
            const isBad = m === 6, unit = units[k % units.length], key = `SIN/${y}/${two(m)}`;
            at++;
            const amount = k % 2 ? french(cents) : cents / 100;
            const row = [key, unit, `Écart constaté ${key}`, written(k, y, m, 3), isBad ? 'courant juin' : written(k + 1, y, m, 12), written(k + 2, y, m, 20),
                types[k % types.length], 'Banque de détail', k % 11 === 0 ? `${french(cents)} DH` : amount, r ? (k % 2 ? `-${french(r)}` : r / 100) : '-', a ? a / 100 : '', (cents - r - a) / 100];
            rows.push(row);
            all += cents;
            back += r;
            insured += a;
            if (isBad) expected.bad.push(at);
            else {
                expected.good++;
                expected.gross += cents;
                expected.recovered += r;
                expected.insured += a;
                expected.entries += 1 + (r ? 1 : 0) + (a ? 1 : 0);
            }
            if (m === 9 && y % 5 === 0) {
                at++;
                rows.push(row);
                expected.twice.push(at);
                all += cents;
                back += r;
                insured += a;
            }
        }
    rows.push([]);
    rows.push(['TOTAL GÉNÉRAL', '', '', '', '', '', '', '', french(all), french(back), french(insured), french(all - back - insured)]);
    return { bytes: workbook({ 'Base pertes': [...head, ...rows], Légende: [['Ce classeur est tenu par la direction des risques.']] }), expected: { ...expected, total: all, totalRow: at + 2 } };
}
