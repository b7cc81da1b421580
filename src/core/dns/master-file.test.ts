import { expect, it } from 'vitest'
import { zoneSchema } from '../model/zone.ts'
import { masterFile } from './master-file.ts'
import type { OwnerRecords } from './record-set.ts'

const zone = zoneSchema.parse({ name: 'example.test', nameservers: ['ns1.example.net'], ttlSec: 300 })

it('writes names absolute, steered sets with all their values, and says what is left out', () => {
  const name = 'www.example.test'
  const choices = ['192.0.2.1', '192.0.2.2'].map((value) => ({ value, weight: 1 }))
  const owners = new Map<string, OwnerRecords>([
    [
      name,
      [
        { kind: 'steered', name, type: 'A', ttlSec: 30, selector: { kind: 'weighted', answers: 1, choices } },
        { kind: 'refused', name, type: 'AAAA', ttlSec: 30 },
        { kind: 'plain', name, type: 'HTTPS', ttlSec: 30, values: ['1 . alpn=h2'] },
      ],
    ],
    [
      'mail.example.test',
      [{ kind: 'plain', name: 'mail.example.test', type: 'MX', ttlSec: 60, values: ['10 mx.test'] }],
    ],
  ])
  expect(masterFile({ zone, owners }, 42).split('\n')).toEqual([
    '$ORIGIN example.test.',
    'example.test. 300 IN SOA ns1.example.net. hostmaster.example.test. 42 3600 600 1209600 30',
    'mail.example.test. 60 IN MX 10 mx.test.',
    '; www.example.test. A is chosen for each query (weighted), of:',
    'www.example.test. 30 IN A 192.0.2.1',
    'www.example.test. 30 IN A 192.0.2.2',
    '; www.example.test. AAAA is refused',
    'www.example.test. 30 IN HTTPS 1 . alpn=h2',
    '',
  ])
})

it('a CNAME has one target, also where it is chosen by client', () => {
  const name = 'cdn.example.test'
  const choices = ['a.test', 'b.test'].map((value) => ({ value, weight: 1 }))
  const owners = new Map<string, OwnerRecords>([
    [
      name,
      [
        {
          kind: 'steered',
          name,
          type: 'CNAME',
          ttlSec: 30,
          selector: { kind: 'weighted', answers: 1, choices },
        },
      ],
    ],
  ])
  const lines = masterFile({ zone, owners }, 1)
    .split('\n')
    .filter((line) => line.includes('CNAME') && !line.startsWith(';'))
  expect(lines).toEqual(['cdn.example.test. 30 IN CNAME a.test.'])
})
