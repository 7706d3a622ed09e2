// Do one thing with vhd-lib and print how long it took inside: seconds that passed, and that processors worked.
//
//     node run.mjs ACTION FILE...
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { VhdSynthetic, checkVhdChain } = require('vhd-lib')
const { mergeVhdChain } = require('vhd-lib/merge')
const { Disposable } = require('promise-toolbox')
const { handler } = require('@xen-orchestra/fs')

const opened = (leaf, use) => Disposable.use(VhdSynthetic.fromVhdChain(handler, leaf), use)

const actions = {
  open: leaf => opened(leaf, disk => disk.readBlockAllocationTable()),

  // Which blocks the disk has; which layer has the sectors is not asked.
  blocks: leaf =>
    opened(leaf, async disk => {
      await disk.readBlockAllocationTable()
      let count = 0
      for (let block = 0; block < disk.header.maxTableEntries; block++) {
        count += disk.containsBlock(block) ? 1 : 0
      }
      return count
    }),

  raw: leaf =>
    opened(leaf, async disk => {
      await disk.readBlockAllocationTable()
      for await (const chunk of disk.rawContent()) {
        if (chunk.length === 0) {
          throw new Error('an empty piece')
        }
      }
    }),

  check: leaf => checkVhdChain(handler, leaf),

  merge: (...chain) => mergeVhdChain(handler, chain),
}

const [action, ...files] = process.argv.slice(2)
const begin = process.hrtime.bigint()
const work = process.cpuUsage()
await actions[action](...files)
const passed = Number(process.hrtime.bigint() - begin) / 1e9
const { user, system } = process.cpuUsage(work)
console.log(passed, (user + system) / 1e6)
